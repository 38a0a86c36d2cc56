"""Refusals, and the answers that they become: problem details on the public paths, the older envelope on all others.

This is the one place that turns errors into answers; the views decide when to refuse. An exception's own text goes to the log and
never to a client.
"""

from collections.abc import Callable, Mapping
from functools import wraps

from django.http import HttpRequest, HttpResponse

from django_backend.caching import DEPRECATION, is_public, link_header, older_links
from django_backend.found import Unanswerable
from django_backend.problems import PROBLEM_TYPE, ProblemKind, problem_text
from tunemeld_pipeline.publishing.forms import JSON_TYPE
from tunemeld_pipeline.publishing.responses import error

RETRY_SECONDS = 5
"""Seconds after which a worker notices that the database is back."""

View = Callable[..., HttpResponse]


class Refusal(Exception):
    """An error answer: its status, what to do next, data that may help, and the kind of problem that it is."""

    def __init__(self, status: int, message: str, data: object = None, *, kind: ProblemKind) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.data = data
        self.kind = kind


class Redirect(Exception):
    """An answer that leads to another address: for ever (308), or only now (307)."""

    def __init__(self, target: str, *, is_permanent: bool) -> None:
        super().__init__(target)
        self.target = target
        self.status = 308 if is_permanent else 307


def refusing(view: View) -> View:
    """Turns a view's refusals into answers, and answers 503 if neither the database nor the cache can help."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **arguments: object) -> HttpResponse:
        try:
            return view(request, *args, **arguments)
        except Refusal as refusal:
            answer = refused(request.path, refusal.kind, refusal.status, refusal.message, refusal.data)
        except Redirect as redirect:
            answer = HttpResponse(status=redirect.status)
            del answer["Content-Type"]
            answer["Location"] = redirect.target
            answer["Cache-Control"] = "public, max-age=86400" if redirect.status == 308 else "no-store"
        except Unanswerable as unanswerable:
            answer = refused(request.path, ProblemKind.UNAVAILABLE, 503, unanswerable.for_clients)
            answer["Retry-After"] = str(RETRY_SECONDS)
        if links := older_links(request.get_full_path()):
            answer["Link"] = link_header(links)
            answer[DEPRECATION[0]] = DEPRECATION[1]
        return answer

    return answered


def refused(path: str, kind: ProblemKind, status: int, message: str, data: object = None) -> HttpResponse:
    """The answer to a request that is refused, in the dialect of its path."""
    content_type, text = refusal_text(path, kind, status, message, data)
    return uncached(text, status, content_type)


def refusal_text(path: str, kind: ProblemKind, status: int, message: str, data: object = None) -> tuple[str, str]:
    """The media type and the text of a refusal, in the dialect of its path."""
    if is_public(path):
        return PROBLEM_TYPE, problem_text(kind, status, message, data if isinstance(data, Mapping) else None)
    return JSON_TYPE, error(message, data)


def json_answer(text: str, status: int = 200) -> HttpResponse:
    """An answer in JSON that no cache may keep, since the next one may differ."""
    return uncached(text, status, JSON_TYPE)


def uncached(text: str, status: int, content_type: str) -> HttpResponse:
    """An answer that no cache may keep."""
    answer = HttpResponse(text, content_type=content_type, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400: a host name that this API does not serve, or an unreadable request."""
    message = "unknown host name or unreadable request; check the address"
    return refused(request.path, ProblemKind.BAD_REQUEST, 400, message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404: the path does not exist."""
    message = "there is no such path; /openapi.json lists all paths, and /docs lets you try them"
    return refused(request.path, ProblemKind.UNKNOWN_PATH, 404, message)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: an unexpected error; the log has it under the answer's X-Request-ID."""
    message = "something went wrong here; try again, and if it keeps failing, send us the X-Request-ID"
    return refused(request.path, ProblemKind.INTERNAL, 500, message)
