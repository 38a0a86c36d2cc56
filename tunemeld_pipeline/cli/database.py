"""`tunemeld db`: the local MongoDB server.

What belongs here: starting, stopping and showing it. What does not: finding and running it (`sandbox/mongod.py`).
"""

import typer

from tunemeld_pipeline.cli.context import load

app = typer.Typer(help="Start, stop and show the local database.", no_args_is_help=True)


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
