"""How everything is, in the time that a person waits without noticing: what the database, the supervisor's note and Dagster's file say.

This module asks no upstream, starts nothing and does not load Dagster. `health.py` looks at each part in full, and the commands that a row
names know more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tunemeld_pipeline.charts.documents import Materialization, shortfalls
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.errors import LocalServerError, TuneMeldError
from tunemeld_pipeline.health import PartHealth, State, by_age, is_silent, worst
from tunemeld_pipeline.local.daemons import daemons_of
from tunemeld_pipeline.local.supervised import supervised_parts
from tunemeld_pipeline.operations.health import health_of_machine, health_of_settings, health_of_supervised, next_of
from tunemeld_pipeline.operations.run_tables import RunTables
from tunemeld_pipeline.operations.workers import health_of_workers
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.rules import SettingProblem
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store, running_url
from tunemeld_pipeline.storage.store import Store

FIND_SECONDS = 3.0
RUNS_LOOKED_AT = 400
NAMED = 3


@dataclass(frozen=True, slots=True)
class GenreStatus:
    """What a genre shows: None of it where it was never published or its document cannot be read.

    `shown_as_of` is when what visitors see was observed, `lacking` what is missing or old, and why.
    """

    genre: str
    state: State
    shown_as_of: datetime | None = None
    tracks: int = 0
    coverage: Mapping[str, float] = field(default_factory=dict)
    lacking: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class InstallationStatus:
    """All parts in the order in which they are shown, and the genres."""

    at: datetime
    parts: list[PartHealth]
    genres: list[GenreStatus]

    @property
    def state(self) -> State:
        """The worst of all."""
        return worst([*(part.state for part in self.parts), *(genre.state for genre in self.genres)])


def installation_status(settings: Settings, problems: Sequence[SettingProblem], at: datetime) -> InstallationStatus:
    """How everything is; parts that depend on settings that cannot be used are left out."""
    parts = [*health_of_settings(settings, problems), *health_of_machine(settings.home)]
    parts += [health_of_supervised(part, at) for part in supervised_parts(settings.home)]
    genres: list[GenreStatus] = []
    if not problems:
        url = running_url(settings)
        if url is None:
            seen = "the local server does not run, so nothing is known of charts"
            parts.append(PartHealth("database", State.DEGRADED, seen, "tunemeld db start"))
        else:
            try:
                with open_store(settings, prepare=False, find_within=FIND_SECONDS, timed=False, url=url) as store:
                    found, genres = _stored(store, settings, at)
                    parts += found
            except TuneMeldError as error:
                parts.append(PartHealth("database", State.FAILED, str(error), next_of(error, settings)))
        parts += _runs(settings)
    return InstallationStatus(at, parts, genres)


def _stored(store: Store, settings: Settings, at: datetime) -> tuple[list[PartHealth], list[GenreStatus]]:
    published, incidents = store.charts.materializations(), store.incidents.open_now()
    parts = [PartHealth("database", State.GOOD, settings.database_name)]
    if store.unreadable:
        names = ", ".join(error.name for error in store.unreadable[:NAMED])
        parts.append(PartHealth("documents", State.DEGRADED, f"unreadable: {names}", "tunemeld db check"))
    parts += _daemon(settings, store.heartbeats.last_beat(), at)
    parts += health_of_workers(settings, store.heartbeats.workers(), at)
    parts.append(_alarms(incidents))
    genres = [_genre(genre, published.get(genre), at) for genre in load_catalog(settings.catalog_file).genres]
    return parts, genres


def _genre(genre: str, published: Materialization | None, at: datetime) -> GenreStatus:
    if published is None:
        return GenreStatus(genre, State.DEGRADED, lacking=("no chart yet",))
    lacking = list(shortfalls(published))
    # However old it is: somebody wants it so.
    age = State.DEGRADED if published.held else by_age(at - published.as_of)
    if age is not State.GOOD and not published.held:
        lacking.append("older than a day")
    state = worst([age, State.DEGRADED if lacking else State.GOOD])
    return GenreStatus(genre, state, published.shown_as_of, published.chart_length, published.coverage, tuple(lacking))


def _daemon(settings: Settings, beat: datetime | None, at: datetime) -> Iterator[PartHealth]:
    daemons = daemons_of(settings.dagster_folder)
    if len(daemons) > 1:
        pids = ", ".join(map(str, daemons))
        seen = f"{len(daemons)} daemons run on one folder (pids {pids}), and start every scheduled run twice"
        yield PartHealth("refresh", State.FAILED, seen, f"end all but one of them: kill {daemons[-1]}")
    elif beat is not None and not is_silent(beat, at):
        yield PartHealth("refresh", State.GOOD, "the daemon runs")
    elif daemons:
        yield PartHealth("refresh", State.GOOD, f"a daemon runs (pid {daemons[0]})")
    elif settings.daily_refresh:
        action = "tunemeld start"
        yield PartHealth(
            "refresh", State.DEGRADED, "the daily refresh is on, but no daemon runs that starts it", action
        )
    else:
        yield PartHealth("refresh", State.GOOD, "no daemon runs; charts are refreshed by hand: tunemeld etl run full")


def _alarms(incidents: Sequence[Incident]) -> PartHealth:
    if not incidents:
        return PartHealth("alarms", State.GOOD, "nothing is wrong")
    named = ", ".join(one.key.rstrip("/") for one in incidents[:NAMED])
    more = f" and {len(incidents) - NAMED} more" if len(incidents) > NAMED else ""
    return PartHealth("alarms", State.DEGRADED, f"open: {named}{more}", "tunemeld alarms list")


def _runs(settings: Settings) -> Iterator[PartHealth]:
    """The last run of each genre; none where Dagster keeps its records elsewhere, which takes it too long to read."""
    if settings.postgres_url is not None:
        return
    try:
        runs = RunTables(settings.dagster_folder, settings.database_name).last_runs(RUNS_LOOKED_AT)
    except LocalServerError as error:
        yield PartHealth("runs", State.FAILED, str(error), next_of(error, settings))
        return
    failed = [run for run in runs if run.state == "failure"]
    if failed:
        named = ", ".join(run.genre for run in failed[:NAMED])
        seen = f"the last run of {named} failed"
        yield PartHealth("runs", State.FAILED, seen, f"tunemeld runs show {failed[0].run_id[:8]}")
    elif runs:
        under_way = sum(run.state in ("started", "starting", "queued", "not_started") for run in runs)
        seen = f"{under_way} under way" if under_way else f"the last run of each of {len(runs)} genres was a success"
        yield PartHealth("runs", State.GOOD, seen)
