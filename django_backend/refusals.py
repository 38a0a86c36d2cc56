"""Answers that are no success, in the same envelope as the others.

What belongs here: the one translation of errors to JSON. What does not: when a view refuses. An exception's own text is logged and
never sent.
"""

from collections.abc import Callable, Mapping
from functools import wraps

from django.http import HttpRequest, HttpResponse

from django_backend.worker import Unanswerable
from tunemeld_pipeline.publishing.responses import error

RETRY_SECONDS = 5
"""After which the database's return is noticed."""

View = Callable[..., HttpResponse]


class Refusal(Exception):
    """An answer other than success: its status, what to do next, and what may help."""

    def __init__(self, status: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.data = data


def refusing(view: View) -> View:
    """Answers a view's refusals, and 503 where neither database nor cache can help."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **arguments: object) -> HttpResponse:
        try:
            return view(request, *args, **arguments)
        except Refusal as refusal:
            return json_answer(error(refusal.message, refusal.data), refusal.status)
        except Unanswerable:
            return json_answer(
                error("the database cannot be reached and this answer is in no cache; try again in a moment"),
                503,
                {"Retry-After": str(RETRY_SECONDS)},
            )

    return answered


def json_answer(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer that no cache may keep: its like in a moment may say something else."""
    answer = HttpResponse(text, content_type="application/json", status=status)
    for name, value in {"Cache-Control": "no-store", **(headers or {})}.items():
        answer[name] = value
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400: a host name that this API does not answer to, or a request that cannot be read."""
    return json_answer(error("this host name or request is not known here; check the address"), 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404 of a path that there is not."""
    return json_answer(error("there is no such path; /openapi.json lists all of them, /docs shows them"), 404)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """500: something that we did not foresee; the log says what, under the answer's X-Request-ID."""
    return json_answer(error("something went wrong here; try again, and tell us the X-Request-ID if it stays"), 500)
