"""Error answers, in the same JSON envelope as all others.

This is the one place that turns errors into JSON; the views decide when to refuse. An exception's own text goes to the log and
never to a client.
"""

from collections.abc import Callable, Mapping
from functools import wraps

from django.http import HttpRequest, HttpResponse

from django_backend.worker import Unanswerable
from tunemeld_pipeline.publishing.responses import error

RETRY_SECONDS = 5
"""Seconds after which a worker notices that the database is back."""

View = Callable[..., HttpResponse]


class Refusal(Exception):
    """An error answer: its status, what to do next, and data that may help."""

    def __init__(self, status: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.data = data


def refusing(view: View) -> View:
    """Turns a view's refusals into answers, and answers 503 if neither the database nor the cache can help."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **arguments: object) -> HttpResponse:
        try:
            return view(request, *args, **arguments)
        except Refusal as refusal:
            return json_answer(error(refusal.message, refusal.data), refusal.status)
        except Unanswerable as unanswerable:
            return json_answer(
                error(unanswerable.for_clients),
                503,
                {"Retry-After": str(RETRY_SECONDS)},
            )

    return answered


def json_answer(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer that no cache may keep, since the next one may differ."""
    answer = HttpResponse(text, content_type="application/json", status=status)
    for name, value in {"Cache-Control": "no-store", **(headers or {})}.items():
        answer[name] = value
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400: a host name that this API does not serve, or an unreadable request."""
    return json_answer(error("unknown host name or unreadable request; check the address"), 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404: the path does not exist."""
    return json_answer(error("there is no such path; /openapi.json lists all paths, and /docs lets you try them"), 404)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """500: an unexpected error; the log has it under the answer's X-Request-ID."""
    return json_answer(
        error("something went wrong here; try again, and if it keeps failing, send us the X-Request-ID"), 500
    )
