"""`/v1/services`: the services whose editors' lists are read and the sources of counts, with what a page needs to show them."""

from collections.abc import Mapping

from pydantic import Field

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.documents import Materialization
from tunemeld_pipeline.charts.services import Player, Service
from tunemeld_pipeline.charts.withholding import Withheld
from tunemeld_pipeline.plugins.registry import InstalledCounts, counted_by, installed, services
from tunemeld_pipeline.publishing.v1.genres import ListState, list_state
from tunemeld_pipeline.publishing.v1.values import Address, Moment, Row, Share, Value


class Colours(Value):
    """The service's colour, readable as text on light and on dark paper."""

    on_light: str = Field(description="On light paper, as `#rrggbb`.")
    on_dark: str = Field(description="On dark paper, as `#rrggbb`.")


class PlayerOf(Value):
    """How the address of a recording on the service becomes the address of a player to show in a frame."""

    track: str = Field(
        description="A regular expression that finds recordings' addresses, from their beginning; its groups are parts of the address."
    )
    address: str = Field(
        description="The player's address, in which `{1}` stands for the first group, percent-encoded (RFC 3986), and so on."
    )
    height: int | None = Field(description="The player's height in pixels; null for a video, 16 wide and 9 high.")


class ListOfGenre(Value):
    """The service's list of a genre, as the last run saw it."""

    url: Address | None = Field(description="The list's address on the service; null if unknown.")
    state: str | None = Field(
        description="`fresh`: read by the last run; `stale`: the last good list stays; `absent`: there was never one; null: no run yet."
    )
    rows: int | None = Field(description="The number of rows that were read; null if no run has looked.")
    observed_at: Moment | None = Field(description="When the list was observed; null if it never was.")
    problem: str | None = Field(description="Why the list is not fresh; null if it is, or if that is unknown.")
    source: str | None = Field(description="The source that it was read from, one of `sources`; null if unknown.")
    country: str | None = Field(
        description="The market that it was read for, as two letters (ISO 3166-1): elsewhere the list may differ; null if unknown.",
        examples=["US"],
    )
    rows_total: int | None = Field(description="The number of rows that the service says it has; null if unknown.")
    kept: int | None = Field(
        description="How many more rows at its end stay from an earlier read, since its source cannot show them; null if no run has looked."
    )
    matched_share: Share | None = Field(
        description="The share of the list's rows that another service lists too, from 0 to 1; null if unknown."
    )


class ServiceState(Row):
    """A service: what it gives, how it looks, and how fresh that is, genre by genre."""

    service: str = Field(description="The service's key, as it stands in addresses and in other answers.")
    name: str = Field(description="The service's name for people.")
    short: str = Field(description="Two letters for it, where there is room for no more.")
    kind: str | None = Field(
        description="`editorial`: its lists are made by editors; `chart`: by what people listen to; null: it has no lists."
    )
    gives: list[str] = Field(description="What is read from it: `lists`, `counts`.")
    unit: str | None = Field(description="What it counts: `plays`, `views`; null where it gives no counts.")
    counts_need: list[str] = Field(
        description="The operator's settings that its counts need. Where they are not set, a chart's `coverage` does not name it, "
        "or it counts the rows of its own list alone.",
    )
    sources: list[str] = Field(description="The ways in which it is read, in the order in which they are tried.")
    hosts: list[str] = Field(description="The hosts of its lists' addresses.")
    colours: Colours = Field(description="Its colour.")
    player: PlayerOf | None = Field(description="Its player; null if it has none.")
    lists: dict[str, ListOfGenre] = Field(description="By genre, its list.")
    coverage: dict[str, Share] = Field(description="By genre, the share of the chart's recordings that it counted.")


def service_states(
    catalog: Catalog, materializations: Mapping[str, Materialization], withheld: Withheld
) -> list[ServiceState]:
    """All services that visitors may see in their order, those with lists first; `materializations` by genre."""
    listed = {service.key: service for service in services()}
    counting = {one.counts.key: one for one in counted_by()}
    there = [key for key in listed | counting if not withheld.hides_service(key)]
    return [_service_state(key, listed.get(key), counting.get(key), catalog, materializations) for key in there]


def _service_state(
    key: str,
    listed: Service | None,
    counted: InstalledCounts | None,
    catalog: Catalog,
    materializations: Mapping[str, Materialization],
) -> ServiceState:
    counting = counted.counts if counted else None
    shown = listed or counting
    assert shown is not None  # noqa: S101 - each key is that of one of them
    sources = [source.name for source in installed(key).sources] if listed else []
    return ServiceState(
        service=key,
        name=shown.name,
        short=shown.short,
        kind=listed.kind if listed else None,
        gives=[what for what, given in (("lists", listed), ("counts", counting)) if given],
        unit=counting.unit if counting else None,
        counts_need=list(counted.countings[0].needs) if counted else [],
        sources=sources or [f"{shown.slug}.api"],
        hosts=list(listed.hosts) if listed else [],
        colours=Colours(on_light=shown.colours.light, on_dark=shown.colours.dark),
        player=_player(shown.player),
        lists={
            genre: _list_of_genre(described.playlist(key).url, key, materializations.get(genre))
            for genre, described in catalog.genres.items()
            if key in described.services
        },
        coverage={genre: made.coverage[key] for genre, made in materializations.items() if key in made.coverage},
    )


def _player(player: Player | None) -> PlayerOf | None:
    return PlayerOf(track=player.track, address=player.address, height=player.height) if player else None


def _list_of_genre(url: str, key: str, made: Materialization | None) -> ListOfGenre:
    outcome = made.outcomes.get(key) if made else None
    if made is None or outcome is None:
        return ListOfGenre(url=url, **dict.fromkeys(ListState.model_fields))
    return ListOfGenre(url=url, **list_state(outcome, made.matched_share.get(key)).model_dump())
