"""What counts as wrong, judged from plain facts."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests import documents
from tests.documents import MONDAY
from tunemeld_pipeline.charts.documents import Materialization, ServiceOutcome
from tunemeld_pipeline.charts.source_states import Look
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.watching.alarms import ALARMS, AlarmKind
from tunemeld_pipeline.watching.judging import (
    CHECKS_WITH_ALARMS,
    CheckFacts,
    Examination,
    Finding,
    LadderFacts,
    QuotaFacts,
    RunFacts,
    judge_background,
    judge_backups,
    judge_checks,
    judge_daemon,
    judge_documents,
    judge_last_sources,
    judge_looks,
    judge_parts,
    judge_published,
    judge_quotas,
    judge_runs,
    judge_switches,
)

LATE = timedelta(hours=30)
PAGE = Path(__file__).parents[2] / "docs" / "alarms.md"


def published(**changes: object) -> Materialization:
    return documents.materialization().model_copy(update={"as_of": MONDAY, "finished_at": MONDAY, **changes})


def run(number: int, state: str = "success", *, seconds: float = 60, error: str = "") -> RunFacts:
    """A run that began `number` hours before Monday's."""
    began = MONDAY - timedelta(hours=number)
    ended = None if state == "running" else began + timedelta(seconds=seconds)
    return RunFacts(f"run-{number}", state, began, ended, error)  # type: ignore[arg-type]


def judged(
    runs: list[RunFacts], shown: Materialization | None = None, at: timedelta = timedelta(0)
) -> tuple[list[Finding], Examination]:
    judgement = Examination()
    judge_runs(judgement, "dance", runs, shown, MONDAY + at)
    return judgement.findings, judgement


def test_nothing_is_wrong_where_all_is_well() -> None:
    judgement = Examination()
    judge_published(judgement, "dance", published(), LATE, MONDAY + timedelta(hours=29))
    judge_runs(judgement, "dance", [run(number) for number in range(8)], published(), MONDAY)
    judge_checks(judgement, "dance", [CheckFacts("ranks_without_gaps", passed=True)], published())
    judge_quotas(judgement, [QuotaFacts("spotify", 89, 100, 11)], [], MONDAY)
    judge_daemon(judgement, MONDAY, is_silent=False, at=MONDAY)
    judge_parts(judgement, [])
    judge_documents(judgement, {"recordings": []}, [], MONDAY)
    judge_backups(judgement, MONDAY, None, MONDAY)
    judge_background(judgement, None)
    judge_switches(judgement, "dance", published(), {})
    judge_last_sources(judgement, [], MONDAY)
    judge_looks(judgement, {"spotify.page": Look(at=MONDAY, url="https://lists.example")})
    assert judgement.findings == []
    everything = set(AlarmKind) - {AlarmKind.DATABASE_UNREADABLE, AlarmKind.MATCHED_SHARE_LOW, AlarmKind.COVERAGE_LOW}
    assert {kind for kind, _ in judgement.looked_at} == everything


def test_a_source_that_is_not_as_it_was_is_one_incident_with_what_is_unlike() -> None:
    judgement = Examination()
    wrong = Look(at=MONDAY, url="https://lists.example", unlike=["only 3 of 50 rows have plays", "it has other rows"])
    judge_looks(judgement, {"spotify.page": wrong})
    (found,) = judgement.findings
    assert (found.kind, found.genre, found.subject) == (AlarmKind.SOURCE_CHANGED, None, "spotify.page")
    assert (found.detail, found.since) == ("only 3 of 50 rows have plays; it has other rows", MONDAY)


def test_a_genre_that_was_never_run_is_not_judged() -> None:
    judgement = Examination()
    judge_published(judgement, "dance", None, LATE, MONDAY)
    judge_runs(judgement, "dance", [], None, MONDAY)
    assert judgement.looked_at == set()


def test_a_chart_older_than_its_freshness_policy_is_stale_from_that_moment_on() -> None:
    judgement = Examination()
    judge_published(judgement, "dance", published(), LATE, MONDAY + timedelta(hours=31))
    (found,) = judgement.findings
    assert (found.kind, found.since) == (AlarmKind.STALE_DATA, MONDAY + LATE)
    assert "31 hours ago" in found.detail


def test_each_service_and_source_that_is_missing_is_a_trouble_of_its_own() -> None:
    outcomes = {
        "Spotify": ServiceOutcome(state="fresh"),
        "AppleMusic": ServiceOutcome(state="stale", error="Apple Music: answered 500"),
        "SoundCloud": ServiceOutcome(state="absent"),
    }
    judgement = Examination()
    judge_published(
        judgement, "dance", published(outcomes=outcomes, count_errors={"Youtube": "the key is refused"}), LATE, MONDAY
    )
    assert {one.subject: one.detail for one in judgement.findings} == {
        "AppleMusic playlist": "Apple Music: answered 500",
        "SoundCloud playlist": "its list is absent",
        "Youtube counts": "the key is refused",
    }


LADDER = LadderFacts("Spotify", ("spotify.rapidapi", "spotify.page"), {"spotify.rapidapi": "the key was refused"})


@pytest.mark.parametrize(
    ("source", "state", "is_switched"),
    [
        ("spotify.page", "fresh", True),
        ("spotify.rapidapi", "fresh", False),
        ("spotify.page", "stale", False),  # that is `degraded`
        ("spotify.gone", "fresh", False),  # an earlier release's
        (None, "fresh", False),
    ],
)
def test_a_list_from_another_source_than_the_first_is_a_switch(
    source: str | None, state: str, is_switched: bool
) -> None:
    outcomes = {
        "Spotify": ServiceOutcome.model_validate({"state": state, "source": source}),
        "SoundCloud": ServiceOutcome(state="fresh", source="soundcloud.rapidapi"),
    }
    judgement = Examination()
    judge_switches(judgement, "dance", published(outcomes=outcomes), {"Spotify": LADDER})
    assert [(one.kind, one.genre, one.subject, one.detail) for one in judgement.findings] == [
        (
            AlarmKind.SOURCE_SWITCHED,
            "dance",
            "Spotify",
            "it was read from spotify.page instead of spotify.rapidapi (the key was refused)",
        )
    ] * is_switched
    assert (AlarmKind.SOURCE_SWITCHED, "dance") in judgement.looked_at


@pytest.mark.parametrize(
    ("sources", "failing", "detail"),
    [
        ("a", "", None),
        ("a", "a", None),  # it never had another
        ("ab", "", None),
        ("abc", "b", None),
        ("ab", "a", "only b is left: a: down"),
        ("ab", "b", "only a is left: b: down"),
        ("ab", "ab", "none is left: a: down; b: down"),
    ],
)
def test_a_service_is_on_its_last_source_where_the_others_fail(sources: str, failing: str, detail: str | None) -> None:
    judgement = Examination()
    judge_last_sources(judgement, [LadderFacts("Spotify", tuple(sources), dict.fromkeys(failing, "down"))], MONDAY)
    assert [one.detail for one in judgement.findings] == ([detail] if detail else [])
    assert {(one.genre, one.subject) for one in judgement.findings} <= {(None, "Spotify")}


def test_a_rollback_is_no_degraded_run() -> None:
    judgement = Examination()
    judge_published(judgement, "dance", published(rolled_back_to=MONDAY - timedelta(days=3)), LATE, MONDAY)
    assert judgement.findings == []


def test_runs_that_failed_in_a_row_are_one_trouble_since_the_first() -> None:
    runs = [run(1, "failure", error="no service answered"), run(2, "failure", error="other"), run(3), run(4, "failure")]
    (found,), _ = judged(runs)
    assert (found.kind, found.run_id, found.detail) == (AlarmKind.RUN_FAILED, "run-1", "no service answered")
    assert found.since == runs[1].ended


def test_a_failed_run_is_made_good_by_a_later_run_or_a_later_publication() -> None:
    failed = run(1, "failure")
    assert judged([run(0), failed])[0] == []
    assert judged([failed], published(as_of=MONDAY))[0] == []
    assert len(judged([failed], published(as_of=MONDAY - timedelta(hours=2)))[0]) == 1


def test_a_run_that_published_before_it_failed_is_no_failed_run() -> None:
    failed = run(1, "failure", error="the process ended after it had published")
    observed = failed.started - timedelta(microseconds=1)  # what MongoDB keeps of a moment ends at its millisecond
    assert judged([failed], published(run_id=failed.run_id, as_of=observed))[0] == []
    assert len(judged([failed], published(run_id="another", as_of=observed))[0]) == 1


def test_a_run_under_way_does_not_end_the_trouble_of_the_one_before() -> None:
    findings, judgement = judged([run(0, "running"), run(1, "failure")])
    assert [one.kind for one in findings] == [AlarmKind.RUN_FAILED]
    assert (AlarmKind.SLOW_RUN, "dance") not in judgement.looked_at


def test_a_run_over_three_times_the_median_is_slow_done_or_not() -> None:
    before = [run(number) for number in range(1, 8)]
    assert judged([run(0, seconds=180), *before])[0] == []
    (found,), _ = judged([run(0, seconds=181), *before])
    assert (found.kind, found.detail) == (AlarmKind.SLOW_RUN, "it took 181 s; the median of the 7 before is 60 s")
    assert judged([run(0, "running"), *before], at=timedelta(seconds=180))[0] == []
    (found,), _ = judged([run(0, "running"), *before], at=timedelta(seconds=181))
    assert found.since == MONDAY


@pytest.mark.parametrize("before", [[run(number) for number in range(1, 5)], [run(1, seconds=1)] * 20])
def test_a_run_is_not_slow_after_few_runs_or_where_all_take_seconds(before: list[RunFacts]) -> None:
    assert judged([run(0, seconds=9), *before])[0] == []


@pytest.mark.parametrize(("runs", "slow"), [(4, False), (5, True), (6, True)])
def test_five_runs_are_enough_to_say_what_is_slow(runs: int, slow: bool) -> None:
    before = [run(number) for number in range(1, runs + 1)]
    assert [one.kind for one in judged([run(0, seconds=181), *before])[0]] == [AlarmKind.SLOW_RUN] * slow


@pytest.mark.parametrize(("seconds", "slow"), [(9.9, False), (10, False), (10.1, True)])
def test_a_run_of_up_to_ten_seconds_is_never_slow(seconds: float, slow: bool) -> None:
    before = [run(number, seconds=1) for number in range(1, 8)]
    assert [one.kind for one in judged([run(0, seconds=seconds), *before])[0]] == [AlarmKind.SLOW_RUN] * slow


@pytest.mark.parametrize(
    ("recent", "seconds", "slow"), [(6, 900, False), (7, 900, False), (7, 991, True), (8, 900, True)]
)
def test_a_run_is_compared_with_the_fourteen_before_it(recent: int, seconds: int, slow: bool) -> None:
    """So many took a minute, those before them took ten: with seven of each the median is 330 s."""
    before = [run(number, seconds=60 if number <= recent else 600) for number in range(1, 40)]
    assert [one.kind for one in judged([run(0, seconds=seconds), *before])[0]] == [AlarmKind.SLOW_RUN] * slow


def test_failed_runs_do_not_make_others_slow() -> None:
    before = [run(number, "failure", seconds=1) for number in range(1, 9)] + [run(n) for n in range(10, 16)]
    assert [one.kind for one in judged([run(0), *before])[0]] == []


def test_a_failed_check_is_reported_by_its_name_and_what_it_saw() -> None:
    judgement = Examination()
    checks = [
        CheckFacts("ranks_without_gaps", passed=False, detail="tracks: 9"),
        CheckFacts("counts_cover_the_chart", passed=False, low=("Youtube", "Spotify")),
        CheckFacts("matched_share_as_usual", passed=False, low=("SoundCloud",)),
        CheckFacts("services_fresh", passed=False),
        CheckFacts("every_genre_is_recent", passed=False),
    ]
    judge_checks(judgement, "dance", checks, published())
    assert [(one.kind, one.subject) for one in judgement.findings] == [
        (AlarmKind.CHECK_FAILED, "ranks_without_gaps"),
        (AlarmKind.COVERAGE_LOW, "Youtube"),
        (AlarmKind.COVERAGE_LOW, "Spotify"),
        (AlarmKind.MATCHED_SHARE_LOW, "SoundCloud"),
    ]
    assert judgement.findings[0].detail == "tracks: 9"


def test_what_follows_from_a_service_that_is_away_is_not_reported_twice() -> None:
    judgement = Examination()
    away = published(count_errors={"Youtube": "500"}, outcomes={"Spotify": ServiceOutcome(state="absent")})
    checks = [
        CheckFacts("counts_cover_the_chart", passed=False, low=("Youtube",)),
        CheckFacts("matched_share_as_usual", passed=False, low=("SoundCloud",)),
    ]
    judge_checks(judgement, "dance", checks, away)
    assert judgement.findings == []
    # Nobody knows whether the matching is well: what was open stays so.
    assert (AlarmKind.MATCHED_SHARE_LOW, "dance") not in judgement.looked_at


@pytest.mark.parametrize(
    ("quota", "nearly_gone"),
    [
        (QuotaFacts("spotify", 1_799, 2_000, 201), False),
        (QuotaFacts("spotify", 1_800, 2_000, 200), True),
        (QuotaFacts("spotify", 10, 2_000, 0, exhausted=True), True),
        (QuotaFacts("spotify", 0, 0, 0), False),
    ],
)
def test_a_quota_is_nearly_gone_with_a_tenth_left(quota: QuotaFacts, nearly_gone: bool) -> None:
    judgement = Examination()
    judge_quotas(judgement, [quota], [], MONDAY)
    assert bool(judgement.findings) is nearly_gone


def test_a_quota_that_runs_out_daily_is_one_trouble_until_a_day_goes_by_in_which_it_does_not() -> None:
    empty, full = QuotaFacts("youtube_search", 100, 100, 0), QuotaFacts("youtube_search", 3, 100, 97)
    for today, yesterday, wrong in ((full, empty, True), (empty, full, True), (full, full, False)):
        judgement = Examination()
        judge_quotas(judgement, [today], [yesterday], MONDAY)
        assert [one.key for one in judgement.findings] == (["quota_low//youtube_search"] if wrong else [])


def test_checks_that_alarms_name_exist() -> None:
    names = {spec.name for check in defs.asset_checks or () for spec in check.check_specs}  # type: ignore[union-attr]
    assert set(CHECKS_WITH_ALARMS) <= names


def test_every_alarm_has_its_words_and_its_section_in_the_page() -> None:
    assert set(ALARMS) == set(AlarmKind)
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    sent_to = {match[1]: section for section in sections if (match := re.match(r"`(\w+)`", section))}
    assert list(sent_to) == [kind.value for kind in AlarmKind]
    for kind, section in sent_to.items():
        for part in ("**Means:**", "**Still works:**", "**Do:**", "**Ends:**"):
            assert part in section, f"{kind} lacks {part}"
