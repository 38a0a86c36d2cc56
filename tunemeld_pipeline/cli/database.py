"""`tunemeld db`: the database, and the local server where none is configured.

This module starts, stops and shows it, and saves its contents. `local/mongod.py` finds and runs a server, `storage/` knows what it keeps,
and `backups/backup.py` a backup's files.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import exits, withhold
from tunemeld_pipeline.cli.arguments import complete_collection
from tunemeld_pipeline.cli.context import AsJson, load, load_home
from tunemeld_pipeline.cli.dump import dump
from tunemeld_pipeline.cli.terminal import print_json

if TYPE_CHECKING:
    from tunemeld_pipeline.cli.shapes import database as shapes
    from tunemeld_pipeline.settings.settings import Settings
    from tunemeld_pipeline.storage.store import Store

app = typer.Typer(help="Start, stop and show the database; back it up and restore it.", no_args_is_help=True)
app.add_typer(withhold.app, name="withhold")
app.command()(dump)


@app.command()
def start(context: typer.Context) -> None:
    """Start the local MongoDB server, where it does not run yet, and print its address.

    Every command that needs a database starts it anyway; this is for looking at the data with other tools.

    Example: tunemeld db start
    """
    from tunemeld_pipeline.local.mongod import ensure_mongod

    settings = load(context)
    if settings.mongodb_url is not None:
        typer.echo("MONGODB_URL is set: that server is used, and no local one is needed")
        return
    typer.echo(ensure_mongod(settings.home))


@app.command()
def stop(context: typer.Context) -> None:
    """Stop the local MongoDB server and the sandbox service; the data stays. Works even with broken settings.

    Example: tunemeld db stop
    """
    from tunemeld_pipeline.local.mongod import stop_mongod
    from tunemeld_pipeline.local.sandbox_service import stop_sandbox

    settings = load_home(context)
    services = stop_sandbox(settings.home)
    typer.echo("mongod: stopped" if stop_mongod(settings.home) else "mongod: did not run")
    typer.echo(f"sandbox: {services} stopped" if services else "sandbox: did not run")


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show whether the local MongoDB server and the sandbox service run, and where their data and logs are.

    Where MONGODB_URL is set, that server is used: tunemeld db test-connection asks it.

    Example: tunemeld db status
    """
    from dataclasses import asdict

    from tunemeld_pipeline.local.mongod import mongod_status
    from tunemeld_pipeline.local.sandbox_service import sandbox_status

    settings = load(context)
    found, services = mongod_status(settings.home), sandbox_status(settings.home)
    configured = settings.mongodb_url is not None
    if as_json:
        here = {"mongodb_url_is_set": configured, "mongod": asdict(found), "sandbox": [asdict(one) for one in services]}
        print_json(here)
        return
    typer.echo(f"mongod: {f'runs (pid {found.pid}, version {found.version})' if found.running else 'does not run'}")
    typer.echo(f"  binary {found.binary or 'none'}\n  data   {found.data}\n  log    {found.log}")
    if configured:
        typer.echo("  MONGODB_URL is set: that server is used, and no local one is needed")
    for service in services:
        what = f"replay of {service.replay_dir}" if service.replay_dir else f"seed {service.seed}"
        typer.echo(f"sandbox: {service.url} (pid {service.pid}, {what})")


@app.command("test-connection")
def test_connection(context: typer.Context, as_json: AsJson = False) -> None:
    """Ask the database for its version, its replica set and the time of an answer; changes nothing.

    Exit status 3 where the server is no replica set: runs need transactions.

    Example: tunemeld db test-connection
    """
    from dataclasses import asdict

    from tunemeld_pipeline.errors import DatabaseUnavailable
    from tunemeld_pipeline.redaction import redact
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    try:
        with open_store(settings, prepare=False) as store:
            facts = store.layout.server()
    except DatabaseUnavailable as error:
        # Other commands hide the server's address; this one is there to show it.
        typer.echo(f"reason: {redact(str(error.__cause__ or error)).partition(', Timeout: ')[0]}", err=True)
        raise
    if as_json:
        print_json({**asdict(facts), "database": settings.database_name})
    else:
        typer.echo(
            f"MongoDB {facts.version}, answers in {facts.milliseconds:.1f} ms, database {settings.database_name}"
        )
    if facts.replica_set is None:
        typer.secho(
            "no replica set: transactions need one; start mongod with --replSet and call rs.initiate()",
            fg="yellow",
            err=True,
        )
        raise typer.Exit(3)
    if not as_json:
        typer.echo(f"replica set {facts.replica_set}")


@app.command()
def init(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; nothing is changed.")
    ] = False,
    backup: Annotated[
        Path | None,
        typer.Option(
            "--backup",
            help="A new folder for the backup before a takeover; by default one of this moment in TUNEMELD_HOME/backups.",
        ),
    ] = None,
) -> None:
    """Create the collections, validators and indexes that are missing, and take a database of the older system or release over.

    A second time it changes nothing. A takeover begins with a backup. Then histories are divided into months; of the older system, times
    get their zone, rows that are there more than once become one, and readings of 0 are dropped. At last recordings get their artists
    and the words that find them, and their positions on all past days. First stop everything else that writes; ended half-way, it goes
    on the next time.

    Example: tunemeld db init --dry-run

    See also: tunemeld config migrate-env, tunemeld db backup, tunemeld db restore
    """
    from tunemeld_pipeline.older_system.takeover import take_over
    from tunemeld_pipeline.operations.recordings_fill import fill
    from tunemeld_pipeline.storage.connection import open_store
    from tunemeld_pipeline.storage.layout import COLLECTIONS, LAYOUT_VERSION

    settings = load(context)
    name = settings.database_name
    with open_store(settings, prepare=False) as store:
        was_ready, is_old = store.layout.ready(), store.layout.to_take_over() is not None
        if is_old:
            if not dry_run:
                _back_up_first(store, settings, backup)
            for done in take_over(store, dry_run=dry_run):
                typer.echo(done)
        elif not dry_run:
            store.layout.prepare(going_back=True)
        for line in fill(store, dry_run=dry_run):
            typer.echo(line)
    if dry_run:
        left = "" if was_ready else f"; {len(COLLECTIONS)} collections would be prepared"
        typer.echo(f"{name}: nothing was changed{left} (layout {LAYOUT_VERSION})")
        return
    done_there = "was ready" if was_ready and not is_old else f"{len(COLLECTIONS)} collections prepared"
    typer.echo(f"{name}: {done_there} (layout {LAYOUT_VERSION})")


def _back_up_first(store: "Store", settings: "Settings", folder: Path | None) -> None:
    from datetime import UTC, datetime

    from tunemeld_pipeline.backups.backup import back_up
    from tunemeld_pipeline.backups.signing import own_key

    folder = folder or settings.home / "backups" / f"before-takeover-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    manifest = back_up(
        store,
        folder,
        database=settings.database_name,
        upstreams=settings.upstreams.value,
        key=own_key(settings.home),
    )
    documents = sum(one.documents for one in manifest.collections.values())
    typer.echo(f"backup: {documents} documents as they were in {folder}")


@app.command()
def indexes(context: typer.Context, as_json: AsJson = False) -> None:
    """List the indexes, and which are missing or nobody's; exit status 3 where one is missing.

    Example: tunemeld db indexes
    """
    from dataclasses import asdict

    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    with open_store(settings, prepare=False) as store:
        found = store.layout.indexes()
    if as_json:
        print_json([asdict(index) for index in found])
    else:
        for index in found:
            typer.echo(f"{index.state:<8} {index.collection}.{index.name}")
    if any(index.state == "missing" for index in found):
        raise typer.Exit(3)


@app.command()
def stats(
    context: typer.Context,
    as_json: AsJson = False,
) -> None:
    """Show how many documents each collection holds, their size, and the newest observation.

    Example: tunemeld db stats
    """
    from dataclasses import asdict

    from tunemeld_pipeline.storage.connection import open_store

    with open_store(load(context)) as store:
        found = store.layout.statistics()
    if as_json:
        print_json([asdict(facts) for facts in found])
        return
    for facts in found:
        newest = f"newest {facts.newest:%Y-%m-%d %H:%M} UTC" if facts.newest else ""
        typer.echo(
            f"{facts.name:<24}{facts.documents:>10} documents {facts.data_bytes / 1024:>12.1f} kB  {newest}".rstrip()
        )


@app.command()
def check(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Remove what the next run writes anew, and put the others aside.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List stored documents that cannot be read, the harm that each does, and what a repair does; --repair does it.

    Without --repair nothing is changed. Originals that are put aside stay in the collection quarantine. What a newer release wrote is
    never changed. Exit status: 0 all can be read, or could be repaired; 3 something cannot be read.

    Example: tunemeld db check --repair
    """
    from dataclasses import asdict

    from tunemeld_pipeline.operations.document_check import repair_documents, unreadable_documents
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    with open_store(settings, prepare=False) as store:
        found = repair_documents(store, settings.upstreams.value) if repair else unreadable_documents(store)
    left = [one for one in found if one.is_newer or not repair]
    if as_json:
        print_json({"repaired": repair, "unreadable": [asdict(one) for one in found]})
    else:
        for one in found:
            typer.echo(f"{one.collection} {one.key}: {f'{one.field} ' if one.field else ''}{one.why}")
            typer.echo(f"  _id     {one.document_id}\n  harm    {one.harm}\n  repair  {one.repair}")
        typer.echo(_sum_of_check(settings.database_name, len(found), len(left), repaired=repair))
    if left:
        raise typer.Exit(exits.DEGRADED)


def _sum_of_check(database: str, found: int, left: int, *, repaired: bool) -> str:
    if not found:
        return f"{database}: every document can be read"
    documents = f"{found} document{'s' if found > 1 else ''}"
    if not repaired:
        return f"{database}: {documents} cannot be read; nothing was changed; tunemeld db check --repair"
    return f"{database}: {found - left} of {documents} repaired; the next run of each genre writes what is missing"


@app.command()
def backup(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(help="A new or empty folder; without one, a new one in BACKUP_DIR.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write all collections, all of one moment, into a folder that only you can read, and sign it with TUNEMELD_HOME/backup.key.

    Without a folder it does what happens daily where BACKUP_DIR is set: the backup is tried out in a scratch database, and the newest
    BACKUP_KEEP stay.

    Example: tunemeld db backup backups/monday
    """
    from datetime import UTC, datetime

    from tunemeld_pipeline.backups.backup import back_up
    from tunemeld_pipeline.backups.kept import back_up_and_keep
    from tunemeld_pipeline.backups.signing import own_key
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    database, tried_out = settings.database_name, folder is None
    if folder is None:
        folder, manifest = back_up_and_keep(settings, datetime.now(UTC))
    else:
        with open_store(settings) as store:
            manifest = back_up(
                store, folder, database=database, upstreams=settings.upstreams.value, key=own_key(settings.home)
            )
    documents = sum(one.documents for one in manifest.collections.values())
    if as_json:
        found: shapes.Backup = {
            "database": database,
            "folder": str(folder),
            "tried_out": tried_out,
            "documents": documents,
        }
        print_json(found)
    else:
        typer.echo(f"{database}: {documents} documents saved{', and tried out,' if tried_out else ''} in {folder}")


@app.command()
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    force: Annotated[bool, typer.Option("--force", help="Also from a database of another name.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            help="Only this collection; may be given several times.",
            autocompletion=complete_collection,
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="The backup.key of the installation that made the backup, if it is another."),
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Take it without looking who made it; its checksums are still compared.")
    ] = False,
) -> None:
    """Put a backup's documents back; documents that it does not have are removed after all are written.

    A backup that is damaged, unfinished, foreign or not signed with this installation's key is refused before anything changes. Stop runs
    and the API first. --only is for going back to the release before, which may not read what this one wrote.

    Example: tunemeld db restore backups/monday
    """
    from tunemeld_pipeline.backups import backup as backups
    from tunemeld_pipeline.backups.signing import own_key, read_key
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    key = None if unsigned else read_key(key_file) if key_file else own_key(settings.home)
    with open_store(settings, prepare=False) as store:
        done = backups.restore(
            store,
            folder,
            database=settings.database_name,
            upstreams=settings.upstreams.value,
            key=key,
            force=force,
            only=only or (),
        )
    written, removed = sum(one.written for one in done.values()), sum(one.removed for one in done.values())
    typer.echo(
        f"{settings.database_name}: {written} documents restored, {removed} removed that the backup does not have"
    )
