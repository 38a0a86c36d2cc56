"""`/v1/services`: the services whose editors' lists are read and the sources of counts, with what a page needs to show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from tunemeld_pipeline.charts.catalog import PLAYLIST_HOSTS, Catalog, Service, name_of
from tunemeld_pipeline.charts.documents import COUNT_SOURCES, Materialization
from tunemeld_pipeline.charts.withholding import Withheld
from tunemeld_pipeline.publishing.v1.genres import list_state
from tunemeld_pipeline.publishing.v1.values import Address, Moment, Row, Share, Value

COLOURS = {
    "Spotify": ("#0b7335", "#4bd681"),
    "AppleMusic": ("#b81d63", "#ff86b4"),
    "SoundCloud": ("#ab4100", "#ffa25c"),
    "Youtube": ("#c11414", "#ff8078"),
}
"""By key, the colour on light paper and that on dark paper: each is readable there as text."""

LISTED = tuple(service.value for service in Service)
"""The keys of the services that have lists."""


class Colours(Value):
    """The service's colour, readable as text on light and on dark paper."""

    on_light: str = Field(description="On light paper, as `#rrggbb`.")
    on_dark: str = Field(description="On dark paper, as `#rrggbb`.")


class ListOfGenre(Value):
    """The service's list of a genre, as the last run saw it."""

    url: Address | None = Field(description="The list's address on the service; null if unknown.")
    state: str | None = Field(
        description="`fresh`: read by the last run; `stale`: the last good list stays; `absent`: there was never one; null: no run yet."
    )
    rows: int | None = Field(description="The number of rows that were read; null if no run has looked.")
    observed_at: Moment | None = Field(description="When the list was observed; null if it never was.")
    problem: str | None = Field(description="Why the list is not fresh; null if it is, or if that is unknown.")
    matched_share: Share | None = Field(
        description="The share of the list's rows that another service lists too, from 0 to 1; null if unknown."
    )


class ServiceState(Row):
    """A service: what it gives, how it looks, and how fresh that is, genre by genre."""

    service: str = Field(description="The service's key, as it stands in addresses and in other answers.")
    name: str = Field(description="The service's name for people.")
    kind: str | None = Field(
        description="`editorial`: its lists are made by editors; `chart`: by what people listen to; null: it has no lists."
    )
    gives: list[str] = Field(description="What is read from it: `lists`, `counts`.")
    sources: list[str] = Field(description="The ways in which it is read, in the order in which they are tried.")
    hosts: list[str] = Field(description="The hosts of its lists' addresses.")
    colours: Colours | None = Field(description="Its colour; null if it has none.")
    lists: dict[str, ListOfGenre] = Field(description="By genre, its list.")
    coverage: dict[str, Share] = Field(description="By genre, the share of the chart's recordings that it counted.")


@dataclass(frozen=True, slots=True)
class _Described:
    kind: str | None
    sources: list[str]
    hosts: list[str]


def _described(key: str) -> _Described:
    if key not in LISTED:
        return _Described(None, [f"{key.lower()}.api"], [])
    service = Service(key)
    return _Described("editorial", [f"{service.slug}.rapidapi"], [PLAYLIST_HOSTS[service]])


def service_states(
    catalog: Catalog, materializations: Mapping[str, Materialization], withheld: Withheld
) -> list[ServiceState]:
    """All services that visitors may see in their order, those with lists first; `materializations` by genre."""
    there = [key for key in dict.fromkeys([*LISTED, *COUNT_SOURCES]) if not withheld.hides_service(key)]
    return [_service_state(key, catalog, materializations) for key in there]


def _service_state(key: str, catalog: Catalog, materializations: Mapping[str, Materialization]) -> ServiceState:
    described, colours = _described(key), COLOURS.get(key)
    gives = {"lists": key in LISTED, "counts": key in COUNT_SOURCES}
    return ServiceState(
        service=key,
        name=name_of(key),
        kind=described.kind,
        gives=[what for what, is_given in gives.items() if is_given],
        sources=described.sources,
        hosts=described.hosts,
        colours=Colours(on_light=colours[0], on_dark=colours[1]) if colours else None,
        lists={
            genre: _list_of_genre(catalog, genre, key, materializations.get(genre))
            for genre in (catalog.genres if key in LISTED else ())
        },
        coverage={genre: made.coverage[key] for genre, made in materializations.items() if key in made.coverage},
    )


def _list_of_genre(catalog: Catalog, genre: str, key: str, made: Materialization | None) -> ListOfGenre:
    url = catalog.genres[genre].playlist(Service(key)).url
    outcome = made.outcomes.get(key) if made else None
    if made is None or outcome is None:
        return ListOfGenre(url=url, state=None, rows=None, observed_at=None, problem=None, matched_share=None)
    return ListOfGenre(url=url, **list_state(outcome, made.matched_share.get(key)).model_dump())
