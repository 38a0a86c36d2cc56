"""Days of invented charts and lists for the tests of the editors' answers; each letter is a recording."""

from datetime import timedelta

from tests.documents import MONDAY, RUN
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import ServiceOutcome
from tunemeld_pipeline.charts.recordings import RecordingFacts


def day(after: int, chart: str, *, stale: str = "", **lists: str) -> ChartDay:
    """The chart and lists of so many days after Monday."""
    at = MONDAY + timedelta(days=after)
    return ChartDay(
        insert_timestamp=at,
        run_id=RUN,
        upstream="sandbox",
        genre_name="dance",
        date=on(after),
        chart=list(chart),
        lists={service: list(rows) for service, rows in lists.items()},
        outcomes={one: ServiceOutcome(state="stale") for one in stale.split()},
    )


def on(after: int) -> str:
    """That day, YYYY-MM-DD."""
    return f"{MONDAY + timedelta(days=after):%Y-%m-%d}"


def facts(letters: str) -> dict[str, RecordingFacts]:
    """What is known of these recordings."""
    return {
        one: RecordingFacts(
            insert_timestamp=MONDAY,
            run_id=RUN,
            upstream="sandbox",
            track_id=one,
            isrc=None,
            track_name=f"Song {one}",
            artist_name=f"Singer {one}",
            track_url=f"https://one.example/{one}",
            track_urls={"Spotify": f"https://one.example/{one}"},
        )
        for one in letters
    }
