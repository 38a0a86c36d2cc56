"""The settings that Django itself reads, all derived from the project's one settings object.

The values that an operator chooses are in `tunemeld_pipeline/settings/fields.py`. Django has no database here, no model, no session
and no cookie: the documents come from `storage/`.
"""

import secrets

from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.choices import Component, Environment
from tunemeld_pipeline.settings.sources import load_settings

TUNEMELD = load_settings(needed_by=[Component.DJANGO])
CATALOG = load_catalog(TUNEMELD.catalog_file)

_in_production = TUNEMELD.environment is Environment.PRODUCTION

# Nothing is signed with it, so outside production each process may have a different one.
SECRET_KEY = TUNEMELD.django_secret_key.get_secret_value() if TUNEMELD.django_secret_key else secrets.token_urlsafe(50)
# Errors are JSON in every environment, with their details in the log.
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

# TLS ends at a proxy in front, which sets this header and drops it from clients' requests.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _in_production else None
SECURE_SSL_REDIRECT = _in_production
# Monitoring asks a worker directly, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _in_production else 0
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # a forged request needs a cookie and something to change; there is neither
    "security.W005",  # what the operator's other hosts do is not ours to pledge,
    "security.W021",  # and a list built into browsers even less: it takes months to leave
]

# `wsgi.py` sets logging up when a server starts, as every other process of the project does.
LOGGING_CONFIG = None
