"""What a WSGI server loads: Django, with the layer in front of it that answers rendered paths.

What belongs here: putting the two together, and setting up the process's logging. What does not: what either does (`serving.py`,
`views.py`).
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
