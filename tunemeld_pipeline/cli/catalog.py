"""`tunemeld catalog`: catalogues of genres and their playlists.

This module has the commands' options; `sandbox/catalogues.py` invents a catalogue, and `charts/catalog.py` reads one.
"""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

MOST_GENRES = 1_024
"""As many as the sandbox's world has room for."""


@app.callback()
def catalog() -> None:
    """Catalogues of genres and their playlists."""


@app.command()
def generate(
    genres: Annotated[int, typer.Option("--genres", "-n", min=1, max=MOST_GENRES, help="How many genres.")] = 60,
    markets: Annotated[
        str,
        typer.Option(metavar="A,B,C", help="Markets by two letters each: every genre is there once for each of them."),
    ] = "",
) -> None:
    """Invent a catalogue of many genres, and print it, for trying things out in the sandbox.

    Set TUNEMELD_CATALOG to a file that holds it. On the live services its addresses lead nowhere. The sandbox has room for 1,024 genres,
    each market counting as one more.

    Example: tunemeld catalog generate --genres 20 --markets us,gb,de

    See also: tunemeld sandbox
    """
    from tunemeld_pipeline.charts.catalog import MARKET
    from tunemeld_pipeline.plugins.registry import services
    from tunemeld_pipeline.sandbox.catalogues import invented_catalog

    chosen = list(dict.fromkeys(one.strip().lower() for one in markets.split(",") if one.strip()))
    for one in chosen:
        if MARKET.fullmatch(one) is None:
            raise typer.BadParameter(f"{one!r} is no market; name markets by two letters each (ISO 3166-1): us,gb,de")
    if (count := genres * max(1, len(chosen))) > MOST_GENRES:
        raise typer.BadParameter(f"{count} genres are more than the {MOST_GENRES} that the sandbox has room for")
    typer.echo(invented_catalog(genres, chosen, services()), nl=False)
