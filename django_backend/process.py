"""What this process has of everything once: what it rendered, and the web page's files. The layer in front, the views, health and
metrics share them.

Nothing else belongs here.
"""

from functools import partial

from django.conf import settings

from django_backend.page_files import PageFiles, page_folder
from django_backend.worker import Rendered

RENDERED = Rendered(settings.TUNEMELD, settings.CATALOG)
PAGE_FILES = PageFiles(partial(page_folder, settings.TUNEMELD))
