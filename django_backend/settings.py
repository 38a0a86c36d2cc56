"""Django's settings, all of them from the project's one settings object.

What belongs here: what Django itself reads. What does not: any value that an operator chooses (`tunemeld_pipeline/settings/fields.py`).
There is no database, no model, no session and no cookie: the documents come from `storage/`.
"""

import secrets

from tunemeld_pipeline.charts.catalog import load_catalog
from tunemeld_pipeline.settings.choices import Environment, Part
from tunemeld_pipeline.settings.sources import load_settings

TUNEMELD = load_settings(needed_by=[Part.DJANGO])
CATALOG = load_catalog(TUNEMELD.catalog_file)

_in_production = TUNEMELD.environment is Environment.PRODUCTION

# Nothing is signed with it, so that outside production every process may have one of its own.
SECRET_KEY = TUNEMELD.django_secret_key.get_secret_value() if TUNEMELD.django_secret_key else secrets.token_urlsafe(50)
# Errors are JSON in every environment; their details go to the log.
DEBUG = False
ALLOWED_HOSTS = list(TUNEMELD.django_allowed_hosts)

ROOT_URLCONF = "django_backend.urls"
WSGI_APPLICATION = "django_backend.wsgi.application"
INSTALLED_APPS: list[str] = []
DATABASES: dict[str, object] = {}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPEND_SLASH = False
USE_TZ = True
USE_I18N = False

# TLS ends at a proxy in front, which says so in this header and lets nobody else say it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _in_production else None
SECURE_SSL_REDIRECT = _in_production
# Whoever watches a worker asks it directly.
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _in_production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _in_production
SECURE_HSTS_PRELOAD = _in_production
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
# Forged requests need a cookie and something to change; there is neither.
SILENCED_SYSTEM_CHECKS = ["security.W003"]

# Set up by whoever starts a server (`wsgi.py`), as in every other process of the project.
LOGGING_CONFIG = None
