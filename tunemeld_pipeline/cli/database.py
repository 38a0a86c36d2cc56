"""`tunemeld db`: the database, and the local server where none is configured.

What belongs here: starting, stopping and showing it, and saving what it holds. What does not: finding and running a server
(`sandbox/mongod.py`), what is kept there (`store.py`) and a backup's files (`backup.py`).
"""

from pathlib import Path
from typing import Annotated

import typer

from tunemeld_pipeline.cli.context import AsJson, load

app = typer.Typer(help="Start, stop and show the database; back it up and restore it.", no_args_is_help=True)


@app.command()
def start(context: typer.Context) -> None:
    """Start the local MongoDB server, where it does not run yet, and print its address.

    Every command that needs a database starts it by itself; this is for looking at the data with other tools.

    Example: tunemeld db start
    """
    from tunemeld_pipeline.sandbox.mongod import ensure_mongod

    settings = load(context)
    if settings.mongodb_url is not None:
        typer.echo("MONGODB_URL is set: that server is used, and no local one is needed")
        return
    typer.echo(ensure_mongod(settings.home))


@app.command()
def stop(context: typer.Context) -> None:
    """Stop the local MongoDB server and the sandbox service; the data stays.

    Example: tunemeld db stop
    """
    from tunemeld_pipeline.sandbox.mongod import stop_mongod
    from tunemeld_pipeline.sandbox.service import stop_sandbox

    settings = load(context)
    services = stop_sandbox(settings.home)
    typer.echo("mongod: stopped" if stop_mongod(settings.home) else "mongod: did not run")
    typer.echo(f"sandbox: {services} stopped" if services else "sandbox: did not run")


@app.command()
def status(context: typer.Context) -> None:
    """Show whether the local MongoDB server and the sandbox service run, and where their data and logs are.

    Example: tunemeld db status
    """
    from tunemeld_pipeline.sandbox.mongod import mongod_status
    from tunemeld_pipeline.sandbox.service import sandbox_status

    settings = load(context)
    found = mongod_status(settings.home)
    typer.echo(f"mongod: {f'runs (pid {found.pid}, version {found.version})' if found.running else 'does not run'}")
    typer.echo(f"  binary {found.binary or 'none'}\n  data   {found.data}\n  log    {found.log}")
    for service in sandbox_status(settings.home):
        what = f"replay of {service.replay_dir}" if service.replay_dir else f"seed {service.seed}"
        typer.echo(f"sandbox: {service.url} (pid {service.pid}, {what})")


@app.command("test-connection")
def test_connection(context: typer.Context) -> None:
    """Ask the database for its version, its replica set and the time of an answer; changes nothing.

    Exit status 3 where the server is no replica set: runs need transactions.

    Example: tunemeld db test-connection
    """
    from tunemeld_pipeline.database import mongodb_url
    from tunemeld_pipeline.store import Store, connect

    settings = load(context)
    with connect(mongodb_url(settings)) as client:
        facts = Store(client[settings.database_name]).server()
    typer.echo(f"MongoDB {facts.version}, answers in {facts.milliseconds:.1f} ms, database {settings.database_name}")
    if facts.replica_set is None:
        typer.secho(
            "no replica set: transactions need one; start mongod with --replSet and call rs.initiate()",
            fg="yellow",
            err=True,
        )
        raise typer.Exit(3)
    typer.echo(f"replica set {facts.replica_set}")


@app.command()
def init(context: typer.Context) -> None:
    """Create the collections, validators and indexes that are missing; a second time it changes nothing.

    Every run does so by itself; this is for preparing a server beforehand.

    Example: tunemeld db init
    """
    from tunemeld_pipeline.database import mongodb_url
    from tunemeld_pipeline.store import COLLECTIONS, LAYOUT_VERSION, Store, connect

    settings = load(context)
    with connect(mongodb_url(settings)) as client:
        store = Store(client[settings.database_name], settings.etl_batch_size)
        was_ready = store.ready()
        store.prepare()
    done = "was ready" if was_ready else f"{len(COLLECTIONS)} collections prepared"
    typer.echo(f"{settings.database_name}: {done} (layout {LAYOUT_VERSION})")


@app.command()
def indexes(context: typer.Context) -> None:
    """List the indexes, and which are missing or nobody's; exit status 3 where one is missing.

    Example: tunemeld db indexes
    """
    from tunemeld_pipeline.database import mongodb_url
    from tunemeld_pipeline.store import Store, connect

    settings = load(context)
    with connect(mongodb_url(settings)) as client:
        found = Store(client[settings.database_name]).indexes()
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
    import json
    from dataclasses import asdict

    from tunemeld_pipeline.database import open_store

    with open_store(load(context)) as store:
        found = store.statistics()
    if as_json:
        typer.echo(json.dumps([asdict(facts) for facts in found], default=lambda moment: moment.isoformat(), indent=2))
        return
    for facts in found:
        newest = f"newest {facts.newest:%Y-%m-%d %H:%M} UTC" if facts.newest else ""
        typer.echo(
            f"{facts.name:<24}{facts.documents:>10} documents {facts.data_bytes / 1024:>12.1f} kB  {newest}".rstrip()
        )


@app.command()
def backup(context: typer.Context, folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Write all collections, as they stand at one moment, into a folder that only you can read.

    Example: tunemeld db backup backups/monday
    """
    from tunemeld_pipeline.backup import back_up
    from tunemeld_pipeline.database import open_store

    settings = load(context)
    with open_store(settings) as store:
        manifest = back_up(store, folder, database=settings.database_name, upstreams=settings.upstreams.value)
    documents = sum(one.documents for one in manifest.collections.values())
    typer.echo(f"{settings.database_name}: {documents} documents saved in {folder}")


@app.command()
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    force: Annotated[bool, typer.Option("--force", help="Also from a database of another name.")] = False,
) -> None:
    """Put a backup's documents back; documents that it does not have are removed after all are written.

    A damaged, unfinished or foreign backup is refused before anything changes. Stop runs and the API first.

    Example: tunemeld db restore backups/monday
    """
    from tunemeld_pipeline import backup as backups
    from tunemeld_pipeline.database import open_store

    settings = load(context)
    with open_store(settings) as store:
        done = backups.restore(
            store, folder, database=settings.database_name, upstreams=settings.upstreams.value, force=force
        )
    written, removed = sum(one.written for one in done.values()), sum(one.removed for one in done.values())
    typer.echo(
        f"{settings.database_name}: {written} documents restored, {removed} removed that the backup does not have"
    )
