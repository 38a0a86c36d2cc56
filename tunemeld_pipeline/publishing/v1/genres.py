"""`/v1/genres`: the genres of the catalogue, and how fresh and complete each one's chart is."""

from collections.abc import Mapping

from pydantic import Field

from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.charts.documents import Materialization, ServiceOutcome, Upstream, shortfalls
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.publishing.v1.values import Day, Moment, Row, Share, Value


class ListState(Value):
    """What the last run saw of one service's list of a genre."""

    state: str = Field(
        description="`fresh`: read by the last run; `stale`: the last good list stays; `absent`: there was never one."
    )
    rows: int = Field(description="The number of rows that were read.")
    observed_at: Moment | None = Field(description="When the list was observed; null if it never was.")
    problem: str | None = Field(description="Why the list is not fresh; null if it is, or if that is unknown.")
    source: str | None = Field(
        description="The source that it was read from, as `/v1/services` names it; null if unknown."
    )
    country: str | None = Field(
        description="The market that it was read for, as two letters (ISO 3166-1): elsewhere the list may differ; null if unknown.",
        examples=["US"],
    )
    rows_total: int | None = Field(description="The number of rows that the service says it has; null if unknown.")
    kept: int = Field(
        description="How many more rows at its end stay from an earlier read, since its source cannot show them."
    )
    matched_share: Share | None = Field(
        description="The share of the list's rows that another service lists too, from 0 to 1; null if unknown."
    )


class GenreState(Row):
    """A genre of the catalogue, with the state of its chart."""

    genre: str = Field(description="The genre's key, as it stands in addresses.", examples=["pop"])
    name: str = Field(description="The genre's name for people.", examples=["Pop"])
    family: str = Field(
        description="The genre without its market: genres of one family are the same genre in several markets.",
        examples=["pop"],
    )
    market: str | None = Field(
        description="The market that its lists are made for, as two letters (ISO 3166-1); null if it names none.",
        examples=["US"],
    )
    version: int | None = Field(
        description="Rises with every change of what is served; null while nothing was published."
    )
    date: Day | None = Field(description="The UTC day of the current chart; null while there is none.")
    observed_at: Moment | None = Field(description="When the current chart was observed; null while there is none.")
    published_at: Moment | None = Field(description="When the current version was published; null while there is none.")
    upstream: Upstream | None = Field(
        description="Where the data come from: `live`, or for trying things out `sandbox` (invented) or `replay` (recorded)."
    )
    tracks: int | None = Field(description="The number of recordings on the current chart; null while there is none.")
    lists: dict[str, ListState] = Field(description="By service, what the last run saw of its list.")
    coverage: dict[str, Share] = Field(
        description="By source of counts, the share of the chart's recordings that it counted, from 0 to 1."
    )
    degraded: dict[str, str] = Field(
        description="What the current chart lacks, each with the reason; empty if all is fresh."
    )
    only_service: str | None = Field(
        description="The service whose list the chart is, because no second one counts here: it is no consensus; null where it is one."
    )
    held: bool = Field(description="Whether an operator holds this chart, so that no run replaces it.")


def genre_states(catalog: Catalog, materializations: Mapping[str, Materialization]) -> list[GenreState]:
    """All genres in the order of the catalogue; `materializations` by genre."""
    return [_genre_state(genre, materializations.get(key)) for key, genre in catalog.genres.items()]


def _genre_state(genre: Genre, made: Materialization | None) -> GenreState:
    if made is None:
        return GenreState(
            genre=genre.key,
            name=genre.display_name,
            family=genre.family,
            market=genre.market,
            version=None,
            date=None,
            observed_at=None,
            published_at=None,
            upstream=None,
            tracks=None,
            lists={},
            coverage={},
            degraded={},
            only_service=None,
            held=False,
        )
    return GenreState(
        genre=genre.key,
        name=genre.display_name,
        family=genre.family,
        market=genre.market,
        version=made.version,
        date=utc_day(made.shown_as_of),
        observed_at=made.shown_as_of,
        published_at=made.finished_at,
        upstream=made.upstream,
        tracks=made.chart_length,
        lists={service: list_state(one, made.matched_share.get(service)) for service, one in made.outcomes.items()},
        coverage=made.coverage,
        degraded=shortfalls(made),
        only_service=made.only_service,
        held=made.held,
    )


def list_state(outcome: ServiceOutcome, matched_share: float | None) -> ListState:
    """What a run saw of a list, as all answers show it."""
    return ListState(
        state=outcome.state,
        rows=outcome.rows,
        observed_at=outcome.observed_at,
        problem=outcome.error,
        source=outcome.source,
        country=outcome.country,
        rows_total=outcome.rows_total,
        kept=outcome.kept,
        matched_share=matched_share,
    )
