"""A change of source moves no chart: which rows stay where a source shows less, and which recordings are new where it shows more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests.documents import MONDAY, aggregate_track
from tunemeld_pipeline.charts.documents import AggregateTrack, Match, ServiceOutcome
from tunemeld_pipeline.charts.identity import GenreRecording
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.tails import ListBefore, Read, counting_rows, kept_rows, not_new, uncovered, with_tail
from tunemeld_pipeline.limits import LIST_TOO_OLD

DAY = timedelta(days=1)


def row(number: int, position: int, plays: int | None = None) -> PlaylistRow:
    said = Row(title=f"Song {number}", artist="An Act", duration_ms=200_000, service="Wavelet", key=f"Wavelet:{number}")
    return PlaylistRow("Wavelet", position, str(number), f"https://wavelet.example/{number}", said, play_count=plays)


def listing(*numbers: int, total: int | None = None, gaps: Sequence[int] = ()) -> Listing:
    """A list of these recordings in this order, of which those at the positions `gaps` could not be read."""
    rows = [row(number, at, plays=7) for at, number in enumerate(numbers, 1) if at not in gaps]
    return Listing(rows, len(numbers), [], rows_total=total)


def read(listed: Listing, source: str = "wide", at: datetime = MONDAY, *, incomplete: bool = False) -> Read:
    return Read(listed, f"wavelet.{source}", at, incomplete)


def shown(listed: Listing) -> list[tuple[int, int, datetime | None]]:
    return [(one.position, int(one.service_track_id), one.seen_at) for one in listed.rows]


# Narrowing


def test_the_end_that_a_source_cannot_show_stays_marked_with_the_time_at_which_it_was_seen() -> None:
    found = with_tail(read(listing(1, 2, total=4), "narrow", MONDAY + DAY), [read(listing(1, 2, 3, 4, total=4))])

    assert shown(found) == [(1, 1, None), (2, 2, None), (3, 3, MONDAY), (4, 4, MONDAY)]
    assert kept_rows(found) == 2
    assert [one.play_count for one in found.rows] == [7, 7, None, None]  # plays of another day
    assert (found.length, found.rows_total) == (2, 4)


def test_a_row_that_has_climbed_into_sight_is_there_once() -> None:
    found = with_tail(read(listing(4, 1, total=4), "narrow", MONDAY + DAY), [read(listing(1, 2, 3, 4))])

    assert [number for _, number, _ in shown(found)] == [4, 1, 3]


def test_gaps_of_the_earlier_read_stay_gaps() -> None:
    found = with_tail(read(listing(1, total=4), "narrow", MONDAY + DAY), [read(listing(1, 2, 3, 4, gaps=[3]))])

    assert [position for position, *_ in shown(found)] == [1, 2, 4]


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        (read(listing(1, 2, total=4), "narrow"), [3, 4]),  # the service says that there are more
        (read(listing(1, 2, total=3), "narrow"), [3]),  # it is shorter than it was
        (read(listing(1, 2, total=2), "narrow"), []),  # that is all of it
        (read(listing(1, 2), "narrow"), [3, 4]),  # who knows: another source
        (read(listing(1, 2), "wide"), []),  # the same source would show more
        (read(listing(1, 2), "wide", incomplete=True), [3, 4]),  # pages are missing
        (read(listing(1, 2, total=2), "narrow", incomplete=True), []),
        (read(listing(1, 2, 5, 6, 7), "narrow"), []),  # it shows more than ever
    ],
)
def test_only_rows_that_may_be_there_stay(last: Read, kept: list[int]) -> None:
    later = Read(last.listing, last.source, MONDAY + DAY, last.incomplete)
    found = with_tail(later, [read(listing(1, 2, 3, 4), "wide")])

    assert [number for _, number, seen in shown(found) if seen] == kept


@pytest.mark.parametrize(("age", "kept"), [(LIST_TOO_OLD, 2), (LIST_TOO_OLD + timedelta(seconds=1), 0)])
def test_the_end_stays_until_it_is_too_old(age: timedelta, kept: int) -> None:
    found = with_tail(read(listing(1, 2, total=4), "narrow", MONDAY + age), [read(listing(1, 2, 3, 4))])

    assert kept_rows(found) == kept


def test_each_part_of_the_end_is_that_of_the_last_read_that_showed_it() -> None:
    tuesday, wednesday = MONDAY + DAY, MONDAY + 2 * DAY
    earlier = [
        read(listing(1, 9, 3, total=4), "middle", tuesday),
        read(listing(1, 2, 3, 4, total=4), "wide"),
    ]
    found = with_tail(read(listing(1, total=4), "narrow", wednesday), earlier)

    assert shown(found) == [(1, 1, None), (2, 9, tuesday), (3, 3, tuesday), (4, 4, MONDAY)]


def test_what_is_behind_the_end_of_a_whole_list_is_gone() -> None:
    earlier = [read(listing(1, 2, total=2), "middle", MONDAY + DAY), read(listing(1, 2, 3), "wide")]
    found = with_tail(read(listing(1, total=3), "narrow", MONDAY + 2 * DAY), earlier)

    assert [number for _, number, _ in shown(found)] == [1, 2]


@pytest.mark.parametrize("widths", list(permutations((3, 5, 10))))
def test_no_order_of_sources_loses_a_row_that_was_seen(widths: tuple[int, ...]) -> None:
    whole = range(1, 11)
    reads = [
        read(listing(*whole[:width], total=10), f"of{width}", MONDAY + day * DAY) for day, width in enumerate(widths)
    ]
    for day, last in enumerate(reads):
        wider = [
            one for at, one in enumerate(reads[:day]) if one.listing.length > max(map(_length, reads[at + 1 : day + 1]))
        ]
        found = with_tail(last, wider[::-1])
        assert [(place, number) for place, number, _ in shown(found)] == [
            (number, number) for number in whole[: max(widths[: day + 1])]
        ]


def _length(one: Read) -> int:
    return one.listing.length


# Widening


def charted(number: int, status: str | None = "new", **positions: int) -> AggregateTrack:
    return aggregate_track(number, number).model_copy(update={"sources": positions, "status": status})


def before(
    *track_ids: str | None, total: int | None = None, source: str | None = "a.narrow", state: str = "fresh"
) -> ListBefore:
    outcome = ServiceOutcome.model_validate(
        {"state": state, "rows": len(track_ids), "rows_total": total, "source": source}
    )
    return ListBefore(track_ids, outcome)


NOW = {"A": ServiceOutcome(state="fresh", source="a.wide"), "B": ServiceOutcome(state="fresh", source="b.only")}
OTHERS = ("X1", "X2", "X3")


@pytest.mark.parametrize(
    ("a", "b", "is_unknown"),
    [
        # It was on B all the time, and A's list went on behind what could be seen of it.
        (before(*OTHERS, total=9), ("T", *OTHERS), True),
        (before(*OTHERS, total=None), ("T", *OTHERS), True),
        (before(*OTHERS, total=None, source="a.wide"), ("T", *OTHERS), False),
        (before(*OTHERS, total=None, source=None), ("T", *OTHERS), False),
        (before(*OTHERS, total=3), ("T", *OTHERS), False),
        (before(state="absent"), ("T", *OTHERS), False),
        # It came onto B, where all could be seen: at most one list had it.
        (before(*OTHERS, total=9), OTHERS, False),
        # It is where A's list could be seen, and was not there.
        (before(*OTHERS, *OTHERS, total=9), ("T", *OTHERS), False),
        (before("T", *OTHERS, total=9), ("T", *OTHERS), True),
    ],
)
def test_what_only_a_wider_source_shows_is_not_new(a: ListBefore, b: Sequence[str], is_unknown: bool) -> None:
    track = charted(1, A=5, B=1)
    then = {"A": _of(a, track), "B": _of(before(*b, total=len(b)), track)}
    found = uncovered([track], NOW, then)

    assert found == ({track.track_id} if is_unknown else set())
    assert not_new([track], found)[0].status == (None if is_unknown else "new")


def test_a_recording_is_recognized_by_any_of_its_ids_and_what_moved_stays_as_it_is() -> None:
    track = charted(1, A=5, B=1).model_copy(update={"other_ids": ["B:17"]})
    then = {"A": before(*OTHERS, total=9), "B": before("B:17", total=1)}

    assert uncovered([track], NOW, then) == {track.track_id}
    assert uncovered([track.model_copy(update={"status": "up"})], NOW, then) == set()
    assert uncovered([track], NOW, {"B": then["B"]}) == set()


def on_list(*numbers: int) -> list[GenreRecording]:
    """Recordings with a row each on Wavelet's list, at these positions in turn; 0 is a row that could not be read."""
    rows = [row(number, at) for at, number in enumerate(numbers, 1) if number]
    return [GenreRecording((one,), (Match(method="alone", confidence=1),), ()) for one in rows]


def seen(*numbers: int, total: int | None = 6) -> ListBefore:
    return before(*(f"Wavelet:{number}" if number else None for number in numbers), total=total)


@pytest.mark.parametrize(
    ("now", "days", "counting"),
    [
        ((1, 2, 3, 4, 5, 6), [seen(1, 2, 3)], 3),
        ((1, 2, 3, 4, 5, 6), [seen(1, 2, 3), seen(1, 2, 3, 4, 5), seen(1, 2, 3, 4, 5, 6)], 3),  # the fewest that were seen of it
        ((1, 2, 3, 4, 5, 6), [seen(1, 2, 3, 4, 5, 6), seen(1, 2, 3, 4, 5, 6)], None),
        ((1, 2, 3), [seen(1, 2, 3)], None),
        ((1, 2, 3, 4), [seen(1, 2, 3, total=3)], None),  # the list itself has grown
        ((4, 2, 1, 3, 5, 6), [seen(1, 2, 3)], 3),  # an order is no edit, also at the edge
        ((7, 2, 3, 4, 5, 6), [seen(1, 2, 3)], None),
        ((1, 2, 3, 4, 5, 6), [seen(7, 2, 3), seen(1, 2, 3)], 3),  # edited before, and not since
        ((1, 2, 3, 4, 5, 6), [seen(1, 2, 3), seen(1, 7, 3)], None),
        ((1, 2, 3, 4, 5, 6), [seen(1, 2, 3), seen(1, 2, 3, 4, 5, 7)], None),  # nor are rows behind the edge kept from counting then
        ((1, 0, 3, 4, 5, 6), [seen(1, 2, 3)], 3),  # what cannot be read may be what it was
        ((0, 0, 3, 4, 5, 6), [seen(7, 2, 0)], 3),
        ((1, 2, 3, 4, 5, 6), [], None),
    ],
)  # fmt: skip
def test_rows_that_a_wider_source_shows_count_once_the_list_is_edited(
    now: Sequence[int], days: Sequence[ListBefore], counting: int | None
) -> None:
    wide = ServiceOutcome(state="fresh", source="a.wide")

    assert counting_rows("Wavelet", on_list(*now), wide, days) == counting
    assert counting_rows("Other", on_list(*now), wide, days) is None


def test_a_recording_whose_isrc_is_known_since_is_the_same() -> None:
    found = [replace(one, isrcs=("QZ1232600001",)) for one in on_list(1, 2, 3)]

    assert counting_rows("Wavelet", found, ServiceOutcome(state="fresh", source="a.wide"), [seen(1, 2)]) == 2


def _of(one: ListBefore, track: AggregateTrack) -> ListBefore:
    return ListBefore([track.track_id if track_id == "T" else track_id for track_id in one.track_ids], one.outcome)
