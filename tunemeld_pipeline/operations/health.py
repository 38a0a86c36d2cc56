"""How an installation is, seen from the command line: settings, folder, disk, database, and what each genre shows.

This module looks at each part without starting or changing any. `api_health.py` looks at a running API, and `prerequisites.py` at what a
run needs of the upstreams before it begins.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tunemeld_pipeline.charts.documents import shortfalls
from tunemeld_pipeline.errors import DatabaseUnavailable, TuneMeldError
from tunemeld_pipeline.health import PartHealth, State, by_age, is_silent, worst
from tunemeld_pipeline.limits import LEAST_FREE_BYTES
from tunemeld_pipeline.local.mongod import mongod_status
from tunemeld_pipeline.local.supervised import DOWN, HANGS, SupervisedPart, supervised_parts
from tunemeld_pipeline.operations.workers import health_of_workers
from tunemeld_pipeline.plugins.registry import explained, in_order, left_out, load_catalog
from tunemeld_pipeline.private_files import open_paths, open_to_others, remedy
from tunemeld_pipeline.settings.choices import Component, Upstreams
from tunemeld_pipeline.settings.configured import unconfigured
from tunemeld_pipeline.settings.rules import SettingProblem
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.source_standing import standings

NAMED_DOCUMENTS = 3
HUNG_SHOWN = timedelta(hours=1)
STOPPED_OR_WAIT = "its supervisor kills and restarts it within a minute; a supervisor that is itself stopped: kill -CONT, or restart it"


def system_health(
    settings: Settings, problems: Sequence[SettingProblem], at: datetime | None = None
) -> list[PartHealth]:
    """Every part at `at`, by default now. Parts that depend on settings that cannot be used are left out."""
    now = at or datetime.now(UTC)
    found = [*health_of_settings(settings, problems), *_contact(settings, now), *health_of_machine(settings.home)]
    found += [health_of_supervised(part, now) for part in supervised_parts(settings.home)]
    if not problems:
        found += _database(settings, now)
    return found


def lacks_database(parts: Sequence[PartHealth]) -> bool:
    """Whether the database is among what fails: then nothing that is kept there can be looked at, and nobody needs to hear so twice."""
    return any(part.part == "database" and part.state is State.FAILED for part in parts)


def health_of_supervised(part: SupervisedPart, at: datetime) -> PartHealth:
    """A part that `tunemeld start` runs."""
    since = f"{part.state} since {part.since:%Y-%m-%d %H:%M:%S} UTC"
    if part.state == HANGS:
        return PartHealth(part.name, State.FAILED, f"{since}: {part.hung_because}", STOPPED_OR_WAIT)
    if part.state == DOWN:
        return PartHealth(
            part.name, State.FAILED, since, "its supervisor starts it again; its output says why it ended"
        )
    if part.hung_at is not None and at - part.hung_at < HUNG_SHOWN:
        seen = f"{since}; it hung at {part.hung_at:%H:%M:%S}: {part.hung_because}"
        return PartHealth(
            part.name, State.DEGRADED, seen, "nothing, if it happens once; else docs/alarms.md, part_hung"
        )
    return PartHealth(part.name, State.GOOD, since)


def health_of_settings(settings: Settings, problems: Sequence[SettingProblem]) -> Iterator[PartHealth]:
    """What is wrong with the settings, or that nothing is."""
    for problem in problems:
        yield PartHealth("settings", State.FAILED, str(problem), "tunemeld config validate")
    known = {problem.field_name for problem in problems}
    missing = [one for part in Component for one in settings.missing_for(part) if one.field_name not in known]
    for problem in missing:
        yield PartHealth("settings", State.FAILED, str(problem), "tunemeld config validate")
    if not problems and not missing:
        file = settings.provenance.env_file or "no .env"
        yield PartHealth("settings", State.GOOD, f"{settings.environment}, {settings.upstreams} data, {file}")
    file_path = settings.provenance.env_file
    if file_path and open_to_others(file_path):
        yield PartHealth("settings", State.DEGRADED, f"others can read {file_path}", remedy(file_path))
    yield from health_of_plugins(settings)


def health_of_plugins(settings: Settings) -> Iterator[PartHealth]:
    """Services and counts that cannot be loaded, and those that are not configured, which lack nothing by that."""
    for key, why in left_out().items():
        yield PartHealth(key, State.DEGRADED, why, "fix its package, or uninstall it")
    for name, why in unconfigured(settings).items():
        yield PartHealth(name, State.GOOD, f"not configured ({why})")


def health_of_machine(home: Path) -> list[PartHealth]:
    """The home's folder and its disk."""
    return [_home(home), _disk(home)]


def _contact(settings: Settings, at: datetime) -> Iterator[PartHealth]:
    """Whether who reads the security.txt may still go by it."""
    expires = settings.security_contact_expires
    if expires is not None and expires < at.date():
        seen = f"the contact in security.txt expired on {expires}"
        yield PartHealth("security.txt", State.DEGRADED, seen, "check it, and set SECURITY_CONTACT_EXPIRES anew")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _home(home: Path) -> PartHealth:
    place = _existing(home)
    if not place.is_dir() or not os.access(place, os.W_OK):
        return PartHealth(
            "home", State.FAILED, f"{home} cannot be written", "set TUNEMELD_HOME to a folder of your own"
        )
    shared = next(open_paths(home), None)
    if shared is not None:
        return PartHealth("home", State.DEGRADED, f"others can read {shared}", remedy(shared))
    return PartHealth("home", State.GOOD, f"{home}{'' if home.exists() else ', not there yet'}")


def _disk(home: Path) -> PartHealth:
    free = shutil.disk_usage(_existing(home)).free
    seen = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return PartHealth("disk", State.FAILED, seen, f"free space on the disk of {home}")
    return PartHealth("disk", State.GOOD, seen)


def _database(settings: Settings, at: datetime) -> Iterator[PartHealth]:
    if settings.mongodb_url is None:
        local = mongod_status(settings.home)
        if not local.running:
            seen = f"the local server does not run; its data: {local.data}"
            yield PartHealth("database", State.DEGRADED, seen, "tunemeld db start, as every command that needs it does")
            return
    try:
        with open_store(settings, prepare=False) as store:
            yield from _collections(store, settings, at)
    except TuneMeldError as error:
        yield PartHealth("database", State.FAILED, str(error), next_of(error, settings))


def next_of(error: TuneMeldError, settings: Settings) -> str:
    """What to run after an error of the database, which is the local server or another."""
    if isinstance(error, DatabaseUnavailable) and settings.mongodb_url is not None:
        return error.next_elsewhere
    return error.next_command


def _documents(store: Store) -> PartHealth:
    from tunemeld_pipeline.operations.document_check import unreadable_documents

    names = [f"{one.collection} {one.key}" for one in unreadable_documents(store)]
    if not names:
        return PartHealth("documents", State.GOOD, "every document can be read")
    more = f" and {len(names) - NAMED_DOCUMENTS} more" if len(names) > NAMED_DOCUMENTS else ""
    return PartHealth(
        "documents",
        State.DEGRADED,
        f"unreadable: {', '.join(names[:NAMED_DOCUMENTS])}{more}",
        "tunemeld db check",
    )


def _sources(store: Store, settings: Settings, at: datetime) -> Iterator[PartHealth]:
    """Each source of lists that may be asked and ever was."""
    services = in_order(load_catalog(settings.catalog_file).services())
    for one in standings(settings, services, store.sources.states(), at):
        if one.state is None or one.place is None:
            continue
        last = f"last list {one.state.last_ok_at:%Y-%m-%d %H:%M} UTC" if one.state.last_ok_at else "never gave a list"
        if not one.is_failing:
            look = one.state.look
            if look is not None and look.unlike:
                seen = f"{last}; {'; '.join(look.unlike)}"
                yield PartHealth(one.source.name, State.DEGRADED, seen, "docs/alarms.md, source_changed")
            else:
                yield PartHealth(one.source.name, State.GOOD, last)
            continue
        rests = f", rests until {one.rests_until:%Y-%m-%d %H:%M} UTC" if one.rests_until else ""
        seen = f"{one.state.last_outcome}, {one.state.failures} in a row{rests}; {last}; {one.reason}"
        yield PartHealth(one.source.name, State.DEGRADED, seen, "tunemeld etl sources --probe, once it is mended")


def _collections(store: Store, settings: Settings, at: datetime) -> Iterator[PartHealth]:
    server = store.layout.server()
    seen = f"MongoDB {server.version}, {server.milliseconds:.1f} ms, {settings.database_name}"
    if server.replica_set is None:
        action = "start mongod with --replSet and call rs.initiate(); runs need transactions"
        yield PartHealth("database", State.FAILED, f"{seen}, no replica set", action)
    elif settings.upstreams is Upstreams.LIVE and (ended := server.support_ended(at.date())):
        seen = f"{seen}; MongoDB's support of this version ended on {ended}, and these data cannot be read again"
        yield PartHealth(
            "database", State.DEGRADED, seen, 'install a supported one (docs/operations.md, "MongoDB\'s version")'
        )
    else:
        yield PartHealth("database", State.GOOD, f"{seen}, replica set {server.replica_set}")
    if store.layout.ready():
        yield PartHealth("layout", State.GOOD, "prepared")
    elif older := store.layout.to_take_over():
        yield PartHealth(
            "layout", State.FAILED, f"there are {older}", "tunemeld db init --dry-run, then tunemeld db init"
        )
    else:
        yield PartHealth("layout", State.DEGRADED, "not prepared yet", "tunemeld db init, as the first run does")
    beat = store.heartbeats.last_beat()
    if beat is not None:
        seen = f"last sign of life {beat:%Y-%m-%d %H:%M:%S} UTC"
        if is_silent(beat, at):
            action = "tunemeld start runs it and restarts one that hangs; or restart its own unit"
            yield PartHealth("dagster", State.DEGRADED, f"the daemon is silent; {seen}", action)
        else:
            yield PartHealth("dagster", State.GOOD, seen)
    yield from health_of_workers(settings, store.heartbeats.workers(), at)
    if unfinished := store.layout.unfinished_restore():
        seen, again = unfinished
        yield PartHealth("restore", State.FAILED, seen, again)
    yield from _sources(store, settings, at)
    published = store.charts.materializations()
    unreadable = {error.document_id: error for error in store.unreadable}
    yield _documents(store)
    for genre in load_catalog(settings.catalog_file).genres:
        again = f"tunemeld etl run full --genre {genre}"
        if genre not in published:
            error = unreadable.get(genre)
            seen = f"what is published cannot be read: {error.field} {error.why}" if error else "no chart yet"
            yield PartHealth(genre, State.DEGRADED, seen, again)
            continue
        one = published[genre]
        seen = f"chart of {one.shown_as_of:%Y-%m-%d %H:%M} UTC, {one.chart_length} tracks"
        # However old it is: somebody wants it so.
        age = State.DEGRADED if one.held else by_age(at - one.as_of)
        state = worst([age, State.DEGRADED if one.degraded else State.GOOD])
        action = f"tunemeld etl release --genre {genre}" if one.held else again
        yield PartHealth(
            genre,
            state,
            "; ".join([seen, *(explained(what, why) for what, why in shortfalls(one).items())]),
            "" if state is State.GOOD else action,
        )
