"""Who may read the numbers and states of an installation: everybody, or those who know the token of the settings.

`/health/live` and `/health/ready` say only what a load balancer needs, and are open to all.
"""

import hmac
from collections.abc import Callable, Mapping
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.refusals import json_answer
from tunemeld_pipeline.publishing.responses import error

View = Callable[[HttpRequest], HttpResponse]

SHUT = "this is not public; send the header Authorization: Bearer with the installation's MONITORING_TOKEN"


def knows_token(environ: Mapping[str, str]) -> bool:
    """Whether a request brings the token; never, where the settings have none."""
    token = settings.TUNEMELD.monitoring_token
    scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    # WSGI gives headers as Latin-1, and only ASCII strings can be compared in constant time.
    return hmac.compare_digest(given.strip().encode("latin-1", "replace"), token.get_secret_value().encode())


def for_monitoring(view: View) -> View:
    """Answers 401 where the view's path is not public and the request does not bring the token."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if settings.TUNEMELD.monitoring_public or knows_token(request.META):
            return view(request)
        answer = json_answer(error(SHUT), 401)
        answer["WWW-Authenticate"] = 'Bearer realm="TuneMeld"'
        return answer

    return answered
