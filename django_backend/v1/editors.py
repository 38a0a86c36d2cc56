"""The views about the editors: what changed between two days, how much they agree, and what is worth knowing today."""

from django_backend.caching import FRESH_CONTROL
from django_backend.found import Found
from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Refusal
from django_backend.requests import control_of, no_chart, rendered
from django_backend.v1.parameters import Asked
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS
from tunemeld_pipeline.publishing.v1.agreement import agreement_content
from tunemeld_pipeline.publishing.v1.changes import changes_content
from tunemeld_pipeline.storage.store import Store


def today(asked: Asked) -> Found:
    """What is worth knowing today, over all genres."""
    return rendered(asked.path, None)


def changes(asked: Asked) -> Found:
    """What changed on a genre's chart between two days."""
    genre, since, until = asked["genre"], asked.get("from"), asked.get("to")

    def make(store: Store) -> Content | None:
        dates = store.charts.chart_dates(genre)
        later = until or next(reversed(dates), None)
        if later is None:
            return None
        if since is not None and since >= later:
            message = (
                f"from must be an earlier day than to, which is {later} here; give an earlier one, or leave it out"
            )
            raise Refusal(400, message, {"parameter": "from"}, kind=ProblemKind.INVALID_PARAMETER)
        earlier = since or next((one for one in reversed(dates) if one < later), None)
        day, before = _kept(store, genre, later), _kept(store, genre, earlier) if earlier else None
        return changes_content(store, day, before, asked.address)

    control = control_of(genre, until) if since and until else FRESH_CONTROL
    return _made(asked.path, genre, RENDERED.made(asked.address, genre, make, control))


def agreement(asked: Asked) -> Found:
    """How a genre's services agree."""
    return agreement_found(asked.address, asked["genre"], int(asked.get("days") or GRAPH_DAYS))


def agreement_found(address: str, genre: str, window: int) -> Found:
    """The answer about a genre's services over so many days, which is kept under this address.

    Raises:
        Refusal: the genre has no chart yet.
    """

    def make(store: Store) -> Content | None:
        dates = store.charts.chart_dates(genre)
        return agreement_content(store, genre, dates[-1], window, address) if dates else None

    return _made(address.partition("?")[0], genre, RENDERED.made(address, genre, make))


def _kept(store: Store, genre: str, date: str) -> ChartDay:
    day = store.charts.chart_day(genre, date)
    if day is None or day.withdrawn:
        raise no_chart(genre, date)
    return day


def _made(path: str, genre: str, found: Found | None) -> Found:
    if found is None:
        message = f"{path} has nothing to show yet; `tunemeld etl run full --genre {genre}` makes the first chart"
        raise Refusal(404, message, kind=ProblemKind.NO_DATA)
    return found
