"""`tunemeld service`: the services that are installed, a package for a new one, its tests, and bodies for them.

This module has the commands' options and what they print; `service_kit/` does the work.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.arguments import complete_service, complete_source
from tunemeld_pipeline.cli.context import AsJson, load, log_to_file, options_of
from tunemeld_pipeline.cli.terminal import print_json

if TYPE_CHECKING:
    from tunemeld_pipeline.plugins.contract import Source
    from tunemeld_pipeline.plugins.registry import Installed
    from tunemeld_pipeline.settings.settings import Settings

app = typer.Typer(help="Add a service: a package that runs, its tests, and bodies for them.", no_args_is_help=True)

ALL = "all"


@app.command("list")
def list_services(context: typer.Context, as_json: AsJson = False) -> None:
    """List the installed services with their sources: what each needs and gives, on what terms, and how many contract bodies it has.

    A service whose package cannot be used is listed with the reason. Exit status: 0 all can be used, 3 one cannot.

    Example: tunemeld service list
    """
    from tunemeld_pipeline.cli.terminal import console_for, table_for
    from tunemeld_pipeline.plugins import registry

    rows = [row for service in registry.services() for row in _sources(registry.installed(service.key))]
    left_out = registry.left_out()
    if as_json:
        print_json({"sources": rows, "left_out": left_out})
    else:
        console = console_for(context)
        table = table_for(console, "service", "source", "needs", "gives", "terms", "bodies", "package")
        for row in rows:
            needs = ", ".join(row["needs"]) or "no key"
            table.add_row(
                row["name"],
                row["source"],
                needs,
                ", ".join(row["gives"]),
                row["terms"] or "",
                str(row["bodies"]),
                row["module"],
            )
        console.print(table)
        for why in left_out.values():
            typer.secho(why, fg="yellow", err=True)
    if left_out:
        raise typer.Exit(exits.DEGRADED)


def _sources(found: "Installed") -> list[dict[str, Any]]:
    from tunemeld_pipeline.plugins.given import GIVEN
    from tunemeld_pipeline.service_kit.bodies import contract_bodies

    bodies = contract_bodies(found)
    return [
        {
            "key": found.service.key,
            "name": found.service.name,
            "kind": found.service.kind.value,
            "source": source.name,
            "format": source.format,
            "needs": list(source.needs),
            "gives": [name for name in GIVEN if getattr(source.gives, name)],
            "documented": source.terms.documented if source.terms else None,
            "consent": source.terms.consent if source.terms else None,
            "terms": source.terms.address if source.terms else None,
            "hosts": [host.address for host in source.hosts],
            "bodies": sum(body.source == source for body in bodies),
            "module": found.module,
        }
        for source in found.sources
    ]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help='The service\'s name for people, such as Tidal or "Audio Mack".')],
    folder: Annotated[Path, typer.Option("--folder", help="Where the package's folder is made.")] = Path(),
) -> None:
    """Write a package for a new service that runs as it is: source, sandbox, contract body, lists, picture, tests.

    Once it is installed (pip install -e), its list and its column are there, and the sandbox plays it. Nothing that is there is changed.

    Exit status: 0 written, 2 a service or folder of that name is there already.

    Example: tunemeld service new Wavelet --folder services
    """
    from tunemeld_pipeline.service_kit.new_package import write_package

    written = write_package(name, folder)
    typer.echo(f"{written}: written; its README.md says what to make of it")
    typer.echo(f"next: pip install -e {written}")


@app.command()
def test(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="Services, or all.", autocompletion=complete_service)
    ],
    write: Annotated[
        bool, typer.Option("--write", help="First write down what each body reads to; look at what has changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the tests that every service must pass: its bodies, its reader, its client in the sandbox, its files.

    Exit status: 0 all hold, 1 some do not, 2 no such service.

    Example: tunemeld service test all
    """
    from tunemeld_pipeline.service_kit.running import passes

    found = _named(names)
    if write:
        _write_listings(found)
    results = passes([one.service.key for one in found], quiet=options_of(context).quiet or as_json)
    if as_json:
        print_json(results.as_json())
    if not results.good:
        raise typer.Exit(exits.FAILED)


def _write_listings(found: "list[Installed]") -> None:
    from tunemeld_pipeline.service_kit.bodies import contract_bodies, write_listing

    for body in (body for one in found for body in contract_bodies(one)):
        if write_listing(body):
            typer.echo(f"{body.listing}: written", err=True)


@app.command()
def record(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(help="The source, as `service list` names it.", autocompletion=complete_source)
    ],
    playlist: Annotated[str, typer.Argument(help="The playlist: its address, its id, or a genre of the catalogue.")],
    name: Annotated[
        str | None, typer.Option("--name", help="The file's name; by default that of the playlist.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to write; by default among the source's contract bodies.")
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A file with the answer, such as one in the folder drift of TUNEMELD_HOME; nothing is fetched.",
        ),
    ] = None,
) -> None:
    """Write a contract body from an answer of the source: its first rows, and nothing that looks like a secret.

    The list is fetched as a run fetches it, and paid from the day's budget; of a source without a key it is the day's read.
    Before you publish the body, invent its names and numbers.

    Exit status: 0 written, 1 no list came, 2 no such source or playlist.

    Example: tunemeld service record soundcloud.rapidapi dance --folder bodies
    """
    from tunemeld_pipeline.charts.playlists import Listing
    from tunemeld_pipeline.service_kit.recording import record as write

    settings = load(context)
    log_to_file(context, settings)
    found, chosen = _source(source)
    address = _address(settings, found, playlist)
    text = kept.read_text("utf-8") if kept else _fetched(settings, chosen, address)
    body = write(found, chosen, text, name or found.service.playlist_id(address), folder)
    listing: Listing = body.read()
    typer.echo(
        f"{body.path}: {len(listing.rows)} rows, {len(body.text.encode()):,} bytes; look for what should not be public"
    )


def _fetched(settings: "Settings", source: "Source", address: str) -> str:
    from datetime import UTC, datetime

    from tunemeld_pipeline.charts.catalog import Playlist
    from tunemeld_pipeline.storage.connection import open_store
    from tunemeld_pipeline.upstream.service_client import begin_step, client_of

    client = client_of(source)(settings, datetime.now(UTC), source)
    with open_store(settings) as store, client.opened():
        begin_step(store, "", client)
        return client.read_once(Playlist(url=address)).data_json


def _named(names: list[str]) -> "list[Installed]":
    """The services that these words name: a key, a slug or a name; all of them for `all`."""
    from tunemeld_pipeline.plugins import registry
    from tunemeld_pipeline.suggestions import did_you_mean

    known = {
        word: one.key for one in registry.services() for word in (one.name.casefold(), one.slug, one.key.casefold())
    }
    chosen = []
    for name in names:
        if name.casefold() == ALL:
            return [registry.installed(one.key) for one in registry.services()]
        if name.casefold() not in known:
            left_out = next((why for key, why in registry.left_out().items() if key.casefold() == name.casefold()), "")
            keys = registry.keys()
            raise typer.BadParameter(
                left_out or f"no service {name!r} is installed; there are {', '.join(keys)}{did_you_mean(name, keys)}"
            )
        chosen.append(known[name.casefold()])
    return [registry.installed(key) for key in dict.fromkeys(chosen)]


def _source(name: str) -> "tuple[Installed, Source]":
    from tunemeld_pipeline.plugins import registry
    from tunemeld_pipeline.suggestions import did_you_mean

    sources = {
        source.name: (found, source) for found in map(registry.installed, registry.keys()) for source in found.sources
    }
    if name not in sources:
        raise typer.BadParameter(f"no source {name!r}; there are {', '.join(sources)}{did_you_mean(name, sources)}")
    return sources[name]


def _address(settings: "Settings", found: "Installed", words: str) -> str:
    """The address that an address, an id or a genre means."""
    from tunemeld_pipeline.plugins.registry import load_catalog

    if "://" in words:
        return words
    service = found.service
    genres = load_catalog(settings.catalog_file).genres
    known = {playlist.url: genre.key for genre in genres.values() for playlist in genre.playlists.get(service.key, ())}
    for url, genre in known.items():
        if words in (genre, service.playlist_id(url)):
            return url
    raise typer.BadParameter(
        f"{words!r} is no list of {service.name} in the catalogue; give its address, on {' or '.join(service.hosts)}, or a genre:"
        f" {', '.join(dict.fromkeys(known.values()))}"
    )
