"""The objects that exist once per process: the rendered pages, and the web page's files. The WSGI layer in front, the views, the
health checks and the metrics share them."""

from functools import partial

from django.conf import settings

from django_backend.page_files import PageFiles, page_folder
from django_backend.worker import Rendered

RENDERED = Rendered(settings.TUNEMELD, settings.CATALOG)
PAGE_FILES = PageFiles(partial(page_folder, settings.TUNEMELD))
