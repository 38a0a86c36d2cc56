"""`/v1/charts/{genre}/changes`: what is new, gone, climbed and fell on a chart between two days."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Literal

from pydantic import Field

from tunemeld_pipeline.charts.changes import Change, Years, changes, joined_and_left
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.plugins.registry import in_order
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.past_days import last_change
from tunemeld_pipeline.publishing.v1.links import described
from tunemeld_pipeline.publishing.v1.named import NamedRow, names
from tunemeld_pipeline.publishing.v1.values import Day, Value, json_text
from tunemeld_pipeline.storage.store import Store


class ChangedRow(NamedRow):
    """A recording that is on one of the two charts, or on both with another rank."""

    status: Literal["new", "re", "up", "down", "same", "gone"] = Field(
        description="`new`: on no chart up to the earlier day; `re`: on an earlier chart, but not on that of the earlier day; `up`, "
        "`down`, `same`: on both; `gone`: on the earlier day's chart alone."
    )
    rank: int | None = Field(description="The rank on the later day; null if it is gone.")
    previous_rank: int | None = Field(description="The rank on the earlier day; null if it was not on that chart.")
    movement: int | None = Field(
        description="The number of ranks gained, below zero for a fall; null unless it is on both charts."
    )


class Changes(Value):
    """What changed on a genre's chart between two days."""

    genre: str = Field(description="The genre's key.")
    date: Day = Field(description="The later day.")
    compared_with: Day | None = Field(
        description="The earlier day; null if no day before has a chart, and then nothing is listed."
    )
    services_joined: list[str] = Field(
        description="The services of which the later chart is made and the earlier one is not: for that alone recordings are new and moved."
    )
    services_left: list[str] = Field(
        description="The services of which the earlier chart was made and the later one is not."
    )
    new: list[ChangedRow] = Field(description="The recordings that the earlier chart did not have, best rank first.")
    gone: list[ChangedRow] = Field(
        description="The recordings that the later chart does not have, best earlier rank first."
    )
    climbed: list[ChangedRow] = Field(description="The recordings that gained ranks, most first.")
    fell: list[ChangedRow] = Field(description="The recordings that lost ranks, most first.")
    unchanged: int = Field(description="How many recordings have the same rank on both days.")


def changes_answer(
    day: ChartDay, before: ChartDay | None, years: Years, recordings: Mapping[str, RecordingFacts]
) -> Changes:
    """What changed from the day `before` to `day`.

    Args:
        years: how the recordings of `day` were charted, by any id.
        recordings: what is known of the recordings of both days.
    """
    found = changes(before, day, years) if before else []
    joined, left = joined_and_left(before, day) if before else ((), ())
    return Changes(
        genre=day.genre_name,
        date=day.date,
        compared_with=before.date if before else None,
        services_joined=in_order(joined),
        services_left=in_order(left),
        new=_rows([one for one in found if one.status in ("new", "re")], recordings),
        gone=_rows([one for one in found if one.status == "gone"], recordings),
        climbed=_rows(by_movement([one for one in found if one.status == "up"]), recordings),
        fell=_rows(by_movement([one for one in found if one.status == "down"]), recordings),
        unchanged=sum(one.status == "same" for one in found),
    )


def changes_content(store: Store, day: ChartDay, before: ChartDay | None, itself: str) -> Content:
    """The answer for two days; `itself` is its address.

    Raises:
        StoreError: names or days between cannot be read.
    """
    both = [day, *([before] if before else [])]
    years = store.charts.past(
        day.genre_name, day.date, [*day.track_ids, *chain.from_iterable(day.other_ids.values())]
    ).years
    recordings = store.recordings.known({one for kept in both for one in kept.track_ids})
    answer = changes_answer(day, before, years, recordings)
    modified = max(last_change(store, one, recordings) for one in both)
    return Content(json_text(answer), modified, links=described(itself, Changes))


def by_movement(found: Sequence[Change]) -> list[Change]:
    """The changes, those that moved most first."""
    return sorted(found, key=lambda one: -abs(one.movement or 0))


def _rows(found: Sequence[Change], recordings: Mapping[str, RecordingFacts]) -> list[ChangedRow]:
    return [
        ChangedRow(
            **names(one.track_id, recordings),
            status=one.status,
            rank=one.rank,
            previous_rank=one.previous_rank,
            movement=one.movement,
        )
        for one in found
        if one.status is not None
    ]
