"""What one try of a source comes to, when the next one is asked, and how long one rests: the thresholds of the ladder."""

from datetime import timedelta

import pytest

from tests.charts.test_tails import listing
from tests.documents import MONDAY
from tunemeld_pipeline.charts.chart_days import PastOutcomes
from tunemeld_pipeline.charts.documents import ServiceOutcome
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.services import Colours, ListKind, Service
from tunemeld_pipeline.charts.source_states import SourceOutcome, SourceState
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NoAnswer,
    NotFound,
    QuotaExhausted,
    SourceGone,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.upstream.ladder import (
    GOES_ON,
    LONGEST_REST,
    Try,
    Usual,
    after,
    is_failing,
    outcome_of,
    outcome_of_list,
    refuse_drift,
    resting,
    rests_until,
    usual_rows,
)

HOUR = timedelta(hours=1)
WAVELET = Service("Wavelet", "wavelet", "Wavelet FM", "WV", 25, ("wavelet.example",), Colours("#333333", "#dddddd"))
OK, DOWN, REFUSED = SourceOutcome.OK, SourceOutcome.DOWN, SourceOutcome.REFUSED


@pytest.mark.parametrize(
    ("error", "outcome", "goes_on"),
    [
        (NotFound("S", "gone"), "not_found", False),
        (SourceGone("S", "the gateway knows no such endpoint"), "down", True),
        (CredentialsRefused("S", "no"), "refused", True),
        (QuotaExhausted("S", "spent"), "quota", True),
        (MalformedResponse("S", "what"), "drift", True),
        (UpstreamUnavailable("S", "500"), "down", True),
        (NoAnswer("S", "silence"), "down", True),
    ],
)
def test_an_error_is_one_of_the_outcomes(error: UpstreamError, outcome: str, goes_on: bool) -> None:
    assert outcome_of(error) == outcome
    assert (outcome_of(error) in GOES_ON) == goes_on


def test_a_list_is_partial_where_the_service_has_more_rows_than_came() -> None:
    assert outcome_of_list(listing(1, 2), None) == "ok"
    assert outcome_of_list(listing(1, 2, total=2), None) == "ok"
    assert outcome_of_list(listing(1, 2, total=3), None) == "partial"
    assert outcome_of_list(listing(1, 2), "the last page is missing") == "partial"


# Drift


def of(rows: int, *, total: int | None = None, unreadable: int = 0) -> Listing:
    return listing(*range(rows + unreadable), total=total, gaps=range(1, unreadable + 1))


@pytest.mark.parametrize(
    ("listed", "usual", "why"),
    [
        (of(0), Usual(), "its list has no rows"),
        (of(0, total=100), Usual(), "its list has no rows"),
        (of(4, unreadable=5), Usual(), "only 4 of its 9 rows can be read"),
        (of(5, unreadable=5), Usual(), None),
        (of(49), Usual(100), "its list has collapsed: 49 rows, usually 100"),
        (of(50), Usual(100), None),
        (of(30, total=100), Usual(100), None),  # a source that shows less
        (of(30, total=100), Usual(100, 30), None),
        (of(14, total=100), Usual(100, 30), "its list has collapsed: 14 rows, usually 30"),
        (of(15, total=100), Usual(100, 30), None),
        (of(3), Usual(), None),  # nothing is known of it
    ],
)
def test_a_list_that_collapses_is_refused(listed: Listing, usual: Usual, why: str | None) -> None:
    if why is None:
        refuse_drift(WAVELET, listed, usual)
        return
    with pytest.raises(MalformedResponse, match=why):
        refuse_drift(WAVELET, listed, usual)


def test_a_list_that_is_no_longer_the_editors_is_refused_unless_listeners_make_it() -> None:
    listed = Listing(of(5).rows, 5, [], editorial=False)
    chart = Service(
        "Wavelet", "wavelet", "Wavelet FM", "WV", 25, ("wavelet.example",), WAVELET.colours, kind=ListKind.CHART
    )

    with pytest.raises(MalformedResponse, match="does not belong to the service's editors any more"):
        refuse_drift(WAVELET, listed, Usual())
    refuse_drift(chart, listed, Usual())
    refuse_drift(WAVELET, Listing(of(5).rows, 5, [], editorial=None), Usual())


def test_the_usual_number_of_rows_is_the_median_of_the_days_on_which_the_list_was_read() -> None:
    def day(rows: int, source: str = "wavelet.a", state: str = "fresh", **more: int) -> PastOutcomes:
        outcome = ServiceOutcome.model_validate({"state": state, "rows": rows, "source": source, **more})
        return PastOutcomes(date="2026-03-01", outcomes={"Wavelet": outcome})

    days = [
        day(100),
        day(102),
        day(30, "wavelet.b", kept=70),
        day(31, "wavelet.b", rows_total=101),
        day(5, state="stale"),
        day(7, state="absent"),
        PastOutcomes(date="2026-03-01"),
    ]
    assert usual_rows("wavelet.b", "Wavelet", days) == Usual(100.5, 30.5)
    assert usual_rows("wavelet.c", "Wavelet", days) == Usual(100.5, None)
    assert usual_rows("wavelet.a", "Ripple", days) == Usual()


# Rests


def state_after(*outcomes: SourceOutcome, keyless: bool = False, every: timedelta = HOUR) -> SourceState:
    state: SourceState | None = None
    for number, outcome in enumerate(outcomes):
        tried = Try("wavelet.a", outcome, None if outcome is OK else f"Wavelet FM: reason {number}", 30, 50)
        state = after(state, tried, service="Wavelet", genre="dance", keyless=keyless, at=MONDAY + number * every)
    assert state is not None
    return state


def test_three_failures_in_a_row_make_a_source_rest_for_an_hour() -> None:
    assert state_after(DOWN, DOWN).rests_until is None
    assert state_after(DOWN, DOWN, OK, DOWN, DOWN).rests_until is None
    third = MONDAY + 2 * HOUR
    state = state_after(DOWN, SourceOutcome.DRIFT, REFUSED)
    assert (state.failures, state.rests_until) == (3, third + HOUR)
    assert rests_until(state, third) == third + HOUR
    assert rests_until(state, third + HOUR - timedelta(seconds=1)) == third + HOUR
    assert rests_until(state, third + HOUR) is None
    assert rests_until(state, third - timedelta(seconds=1)) is None  # what a run for the past asks
    assert rests_until(None, third) is None


def test_each_failure_after_a_rest_doubles_it_up_to_a_day_and_a_success_ends_it() -> None:
    rests = [
        state.rests_until - state.last_tried_at
        for failures in range(3, 10)
        if (state := state_after(*[DOWN] * failures, every=timedelta(days=1))).rests_until
    ]
    assert [rest / HOUR for rest in rests] == [1, 2, 4, 8, 16, 23, 23]
    well = state_after(*[DOWN] * 5, OK, every=timedelta(days=1))
    assert (well.failures, well.rests, well.rests_until, well.last_ok_at) == (0, 0, None, well.last_tried_at)


def test_failures_at_one_moment_are_one_rest() -> None:
    state = state_after(*[DOWN] * 6, every=timedelta(0))

    assert (state.failures, state.rests, state.rests_until) == (6, 1, MONDAY + HOUR)


def test_a_refusal_by_a_source_that_needs_no_key_is_its_last_word_for_a_day() -> None:
    refused = state_after(REFUSED, keyless=True)

    assert refused.rests_until == MONDAY + LONGEST_REST
    assert timedelta(days=1) > LONGEST_REST  # so that the next day's refresh asks again
    assert state_after(REFUSED).rests_until is None
    said = resting(WAVELET, refused, MONDAY + LONGEST_REST, keyless=True)
    assert str(said).startswith("Wavelet FM: wavelet.a is not asked until 2026-03-03 01:30 UTC (reason 0)")
    assert "--probe" not in said.explained
    assert "--probe" in resting(WAVELET, refused, MONDAY + LONGEST_REST, keyless=False).explained


@pytest.mark.parametrize("outcome", [SourceOutcome.QUOTA, SourceOutcome.NOT_FOUND])
def test_a_spent_quota_or_a_list_that_is_gone_is_no_failure_of_the_source(outcome: SourceOutcome) -> None:
    state = state_after(DOWN, outcome, outcome, outcome)

    assert (state.failures, state.rests_until, state.last_outcome) == (1, None, outcome)


def test_what_a_source_shows_of_a_list_stays_known_while_it_fails() -> None:
    covered = state_after(SourceOutcome.PARTIAL, DOWN).lists["dance"]

    assert (covered.outcome, covered.rows, covered.rows_total, covered.at) == ("down", 30, 50, MONDAY + HOUR)


def test_an_older_try_changes_nothing() -> None:
    state = state_after(OK, OK)
    tried = Try("wavelet.a", DOWN, "why")

    assert after(state, tried, service="Wavelet", genre="pop", keyless=False, at=MONDAY) is state


def test_a_source_fails_from_its_first_failure_until_it_answers() -> None:
    now = MONDAY + 9 * HOUR
    assert not is_failing(None, now)
    assert not is_failing(state_after(OK), now)
    assert is_failing(state_after(OK, DOWN), now)
    assert not is_failing(state_after(DOWN, SourceOutcome.PARTIAL), now)
