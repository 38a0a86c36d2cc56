"""The paths of the web page's pages, as links to them, sitemaps and feeds say them.

`frontend/src/state/view.ts` reads them, and `django_backend/urls.py` answers them.
"""

from urllib.parse import quote, urlencode

HOME = "/"
MY_SONGS = "/my-songs"


def chart_path(genre: str, date: str | None = None, **view: str) -> str:
    """The page of a genre's chart, today's or a past day's; `view` is more of what is shown, such as an open track."""
    path = f"/charts/{_part(genre)}" + (f"/{_part(date)}" if date else "")
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in view.items())
    return f"{path}?{query}" if query else path


def track_path(track_id: str) -> str:
    """The page of a recording."""
    return f"/track/{_part(track_id)}"


def artist_path(slug: str) -> str:
    """The page of an artist."""
    return f"/artist/{_part(slug)}"


def agreement_path(genre: str) -> str:
    """The page of how much a genre's editors agree."""
    return f"/agreement/{_part(genre)}"


def search_path(text: str | None = None) -> str:
    """The page of a search; without a text, the empty one."""
    return "/search" + (f"?{urlencode({'q': text})}" if text else "")


def _part(text: str) -> str:
    """One part of a path; the colon of a provisional id stays as it is."""
    return quote(text, safe=":")
