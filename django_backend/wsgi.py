"""The application that a WSGI server loads: Django behind the layer that answers rendered paths (`serving.py`).

This module joins the two and sets up the process's logging.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tunemeld_pipeline.logs.setup import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_backend.settings")
_django = get_wsgi_application()
configure_logging(settings.TUNEMELD, "api")

from django_backend.serving import Front  # noqa: E402 - it reads the settings, which Django has to know of first

application = Front(_django)
