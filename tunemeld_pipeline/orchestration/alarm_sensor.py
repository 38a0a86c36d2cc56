"""The sensor that watches over the pipeline.

It turns Dagster's records of runs and checks into plain facts. `watching/judging.py` decides what is wrong, `watching/incidents.py` when
to send a message. The sensor looks at the current state, not at events: a tick that fails or is missed loses nothing, and runs that a
command started in its own process count like any other (docs/adr/0008-alarms-by-state.md).
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import dagster as dg
from pydantic import ValidationError

from tunemeld_pipeline.assets.partitions import settings as process_settings
from tunemeld_pipeline.backups.kept import newest_backup
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.source_states import SourceOutcome
from tunemeld_pipeline.errors import LocalServerError, StoreError
from tunemeld_pipeline.health import is_silent
from tunemeld_pipeline.limits import CHART_TOO_OLD, DATABASE_SECONDS
from tunemeld_pipeline.logs.setup import configure_logging, get_logger
from tunemeld_pipeline.orchestration.background_isrcs import background_isrcs
from tunemeld_pipeline.orchestration.backups import backup
from tunemeld_pipeline.orchestration.day_report import report_day
from tunemeld_pipeline.orchestration.findings import last_run_of
from tunemeld_pipeline.orchestration.run_watch import RunWatch
from tunemeld_pipeline.plugins.registry import in_order, load_catalog, name_of
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.choices import Environment
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import is_stopped, open_store
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.quotas import QuotaUse, quota_use, quota_use_the_day_before
from tunemeld_pipeline.upstream.source_standing import SourceStanding, standings
from tunemeld_pipeline.watching.alarms import AlarmKind
from tunemeld_pipeline.watching.incident_life import Claimed, Gone, Notice, Seen, after, due, is_forgotten
from tunemeld_pipeline.watching.incidents import LEASE, incident_of, retire, send, settle, tell_due
from tunemeld_pipeline.watching.judging import (
    Examination,
    Finding,
    LadderFacts,
    PutAsideFacts,
    QuotaFacts,
    judge_background,
    judge_backups,
    judge_checks,
    judge_daemon,
    judge_documents,
    judge_last_sources,
    judge_looks,
    judge_published,
    judge_quotas,
    judge_runs,
    judge_switches,
)
from tunemeld_pipeline.watching.stored_documents import DocumentWatch

INTERVAL_SECONDS = 30
"""Trouble is noticed within a minute; a tick with no message takes some 90 ms of processor time."""

TELLING_SECONDS = 20.0

_LOG = get_logger(__name__)
_DOCUMENTS = DocumentWatch()
_RUNS = RunWatch()


@dg.sensor(
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=(
        dg.DefaultSensorStatus.RUNNING
        if process_settings.alarm_addresses
        or process_settings.heartbeat_url
        or process_settings.environment is Environment.PRODUCTION
        else dg.DefaultSensorStatus.STOPPED
    ),
)
def alarms(context: dg.SensorEvaluationContext, operator: OperatorResource) -> dg.SkipReason:
    """Opens and closes incidents to match what is wrong now, and reports each once when it begins and once when it is over."""
    configure_logging(operator.settings, "dagster")
    said, outage = watch(context.instance, operator, _outage_in(context.cursor), datetime.now(UTC), _RUNS)
    context.update_cursor(outage.model_dump_json() if outage else "")
    return dg.SkipReason(said)


def watch(
    instance: dg.DagsterInstance,
    operator: OperatorResource,
    outage: Incident | None,
    at: datetime,
    runs: RunWatch | None = None,
) -> tuple[str, Incident | None]:
    """Looks once at everything, and sends the messages that are due.

    Args:
        outage: the incident for a database that cannot be read, which the database cannot store; None if there is none.
        runs: what earlier looks know of the runs; None reads them all.

    Returns:
        A sentence on what is open, and the outage to pass to the next call.
    """
    settings = operator.settings
    if is_stopped(settings):
        return "the local database does not run; nothing is watched until something starts it", outage
    try:
        incidents = look(instance, operator, at, runs, is_daemon=True)
    except (StoreError, LocalServerError) as error:
        finding = Finding(AlarmKind.DATABASE_UNREADABLE, None, "", str(error), at)
        outage = _reported(after(outage, Seen(incident_of(finding, at)), at), operator, at)
        return f"open: {AlarmKind.DATABASE_UNREADABLE.value} ({error})", outage
    if outage is not None:
        outage = _reported(after(outage, Gone(), at), operator, at)
    names = [
        " ".join(filter(None, (incident.kind, incident.genre, name_of(incident.subject)))) for incident in incidents
    ]
    return f"open: {'; '.join(names) or 'nothing'}", outage


def look(
    instance: dg.DagsterInstance,
    operator: OperatorResource,
    at: datetime,
    runs: RunWatch | None = None,
    *,
    is_daemon: bool = False,
) -> list[Incident]:
    """Judges the current state, opens and closes incidents, sends the messages that are due; returns what is open.

    Args:
        runs: what earlier looks know of the runs; None reads them all.
        is_daemon: whether Dagster's daemon looks, which is a sign of its life.

    Raises:
        StoreError, LocalServerError: the database cannot be read, so nothing is known.
    """
    settings, runs = operator.settings, runs or RunWatch()
    with open_store(settings, find_within=DATABASE_SECONDS, answer_within=DATABASE_SECONDS) as store:
        if is_daemon:
            store.heartbeats.beat(at)
        news = store.quarantine.news()
        judgement = judge(store, instance, settings, at, news, runs)
        retire(store, load_catalog(settings.catalog_file).genres, at)
        incidents = settle(store, judgement, at)
        store.quarantine.note_reported(news)
        if operator.can_be_reached:
            began = time.monotonic()
            failures = tell_due(store, settings, at, operator.tell, lambda: time.monotonic() - began > TELLING_SECONDS)
            _log(operator, failures)
        report_day(store, instance, settings, at, runs)
    return incidents


def judge(
    store: Store,
    instance: dg.DagsterInstance,
    settings: Settings,
    at: datetime,
    news: Sequence[Mapping[str, str]] = (),
    runs: RunWatch | None = None,
) -> Examination:
    """What is wrong now, genre by genre.

    Args:
        runs: what earlier looks know of the runs; None reads them all.
        news: what runs have put aside since the last look. An incident that is open already needs no news: it ends with them.
    """
    judgement = Examination()
    last_beat = store.heartbeats.last_beat()
    if last_beat is not None:
        judge_daemon(judgement, last_beat, is_silent=is_silent(last_beat, at), at=at)
    known = {
        incident.subject for incident in store.incidents.open_now() if incident.kind == AlarmKind.UNREADABLE_DOCUMENT
    }
    put_aside = [
        PutAsideFacts(one["collection"], one["key"], f"{one['field']} {one['why']}", one["by"])
        for one in news
        if one["collection"] not in known
    ]
    judge_documents(judgement, _DOCUMENTS.look(store), put_aside, at)
    today, yesterday = quota_use(store, settings, at), quota_use_the_day_before(store, settings, at)
    judge_quotas(judgement, _quota_facts(today), _quota_facts(yesterday), at)
    if settings.backup_dir is None:
        judgement.note(AlarmKind.BACKUP_MISSING, None, [])
    else:
        judge_backups(judgement, newest_backup(settings), last_run_of(instance, backup), at)
    judge_background(judgement, last_run_of(instance, background_isrcs))
    published = store.charts.materializations()
    catalog = load_catalog(settings.catalog_file)
    sources = standings(settings, in_order(catalog.services()), store.sources.states(), at)
    asked = [one for one in sources if one.place]
    ladders = _ladders(catalog, asked)
    judge_last_sources(judgement, ladders.values(), at)
    runs = runs or RunWatch()
    runs.look(instance, catalog.genres.keys(), at, settings.database_name)
    judge_looks(judgement, {one.source.name: one.state.look for one in asked if one.state and one.state.look})
    for genre in catalog.genres:
        shown = published.get(genre)
        judge_published(judgement, genre, shown, CHART_TOO_OLD, at)
        judge_switches(judgement, genre, shown, ladders)
        judge_runs(judgement, genre, runs.runs(genre), shown, at)
        if shown is not None:
            judge_checks(judgement, genre, runs.checks(instance, shown.run_id), shown)
    runs.forget_checks(but=(one.run_id for one in published.values()))
    return judgement


def _ladders(catalog: Catalog, asked: Sequence[SourceStanding]) -> dict[str, LadderFacts]:
    found = {}
    for service in catalog.services():
        own = [one for one in asked if one.service == service]
        failing = {one.source.name: one.reason for one in own if one.is_failing}
        used_up = {
            one.source.name: one.reason for one in own if one.state and one.state.last_outcome is SourceOutcome.QUOTA
        }
        found[service] = LadderFacts(service, tuple(one.source.name for one in own), failing, used_up)
    return found


def _outage_in(cursor: str | None) -> Incident | None:
    try:
        return Incident.model_validate_json(cursor) if cursor else None
    except ValidationError:  # set by hand, or by another release
        return None


def _quota_facts(uses: Sequence[QuotaUse]) -> list[QuotaFacts]:
    return [QuotaFacts(one.name, one.used, one.limit, one.left, one.exhausted) for one in uses]


def _log(operator: OperatorResource, failures: Mapping[str, str]) -> None:
    for address, why in failures.items():
        _LOG.warning("alarm not delivered, and tried again", address=operator.name(address), reason=why)


def _reported(outage: Incident, operator: OperatorResource, at: datetime) -> Incident | None:
    """The outage after any message that it needs; None if there is nothing more to send or remember."""
    if is_forgotten(outage, at):
        return None
    stage = due(outage, at) if operator.can_be_reached else None
    if stage is None or (stage is Notice.OPENED and outage.last_seen == outage.opened_at):
        return outage  # seen in only one tick, it may be a restart
    claimed = after(outage, Claimed(at + LEASE), at)
    tried, failures = send([claimed], stage, operator.settings, at, operator.tell)
    _log(operator, failures)
    return after(claimed, tried, at)
