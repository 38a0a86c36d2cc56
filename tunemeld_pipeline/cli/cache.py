"""`tunemeld cache`: what the shared cache of rendered responses holds, and emptying it.

The backends are in `publishing/cache.py`; `publishing/responses.py` decides what is cached.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.ages import ago
from tunemeld_pipeline.cli.arguments import Genres, genres_named
from tunemeld_pipeline.cli.context import AsJson, load
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for

if TYPE_CHECKING:
    from tunemeld_pipeline.cli.shapes import database as shapes
    from tunemeld_pipeline.publishing.cache import CacheEntry
    from tunemeld_pipeline.settings.settings import Settings

app = typer.Typer(help="See or empty the shared cache of rendered responses.", no_args_is_help=True)

IN_PROCESSES = (
    "TUNEMELD_CACHE=memory: each process of the API keeps its own responses, and renders them again when a genre has a new version;"
    " there is no shared cache"
)


@app.callback()
def cache() -> None:
    """See or empty the shared cache of rendered responses."""


@app.command()
def status(context: typer.Context, genre: Genres = None, as_json: AsJson = False) -> None:
    """Show what the shared cache holds of each genre: how many responses, of which version, and how old. Reads each key once.

    Exit status: 0 all is there, 1 the cache does not answer, 3 responses are missing or of several versions.

    Example: tunemeld cache status

    See also: tunemeld cache clear, tunemeld etl run
    """
    settings = load(context)
    from tunemeld_pipeline.settings.choices import CacheBackend

    _paths(settings, genre)  # an unknown genre is refused, with any cache
    shared = settings.cache is not CacheBackend.MEMORY
    held = _held(settings, genre) if shared else {}
    console = console_for(context)
    at = datetime.now(UTC)
    if as_json:
        found: shapes.CacheStatus = {"backend": settings.cache, "genres": _as_json(held, at)}
        print_json(found)
    elif not shared:
        console.print(IN_PROCESSES)
    else:
        table = table_for(console, "genre", "responses", "version", "stored")
        for key, entries in held.items():
            there = [entry for entry in entries.values() if entry]
            ages = sorted(entry.stored_at for entry in there)
            table.add_row(
                key,
                f"{len(there)} of {len(entries)}",
                ", ".join(map(str, _versions(there))) or "–",
                " to ".join(dict.fromkeys(ago(moment, at) for moment in (ages[-1], ages[0]))) if ages else "–",
            )
        console.print(table)
    if any(not all(entries.values()) or len(_versions(entries.values())) > 1 for entries in held.values()):
        raise typer.Exit(exits.DEGRADED)


@app.command()
def clear(context: typer.Context, genre: Genres = None) -> None:
    """Remove the responses of all genres, or of some, from the shared cache. Readers then have the database, until the next run.

    Cloudflare counts each removal as a write, and may show what was removed for a minute more. Exit status: 0 removed, 1 the cache does not
    answer.

    Example: tunemeld cache clear --genre dance

    See also: tunemeld cache status, tunemeld etl run
    """
    settings = load(context)
    from tunemeld_pipeline.publishing.cache import cache_key, open_cache, pipeline_limits
    from tunemeld_pipeline.settings.choices import CacheBackend

    named = _paths(settings, genre)
    if settings.cache is CacheBackend.MEMORY:
        typer.echo(IN_PROCESSES)
        return
    with open_cache(settings, pipeline_limits(settings)) as opened:
        paths = [path for paths in named.values() for path in paths]
        for path in paths:
            opened.delete(cache_key(settings, path))
    typer.echo(f"removed {len(paths)} responses of {', '.join(named)} from {settings.cache.value}")


def _paths(settings: "Settings", genres: list[str] | None) -> dict[str, list[str]]:
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.publishing.publication import SHARED_PATHS, genre_paths

    catalog = load_catalog(settings.catalog_file)
    some = genres_named(catalog, genres)
    named = {key: genre_paths(catalog.genre(key)) for key in some or catalog.genres}
    return named if some else {**named, "all genres": list(SHARED_PATHS)}


def _held(settings: "Settings", genres: list[str] | None) -> "dict[str, dict[str, CacheEntry | None]]":
    from tunemeld_pipeline.publishing.cache import cache_key, open_cache, pipeline_limits
    from tunemeld_pipeline.publishing.responses import GENRES_PATH

    with open_cache(settings, pipeline_limits(settings)) as opened:
        opened.check(cache_key(settings, GENRES_PATH))
        return {
            key: {path: opened.get(cache_key(settings, path)) for path in paths}
            for key, paths in _paths(settings, genres).items()
        }


def _versions(entries: Any) -> list[int]:
    return sorted({entry.version for entry in entries if entry})


def _seconds(entry: "CacheEntry", at: datetime) -> float:
    return max(0.0, (at - entry.stored_at).total_seconds())


def _as_json(
    held: "dict[str, dict[str, CacheEntry | None]]", at: datetime
) -> "dict[str, dict[str, shapes.CacheEntry | None]]":
    return {
        key: {
            path: {"version": entry.version, "age_seconds": round(_seconds(entry, at))} if entry else None
            for path, entry in entries.items()
        }
        for key, entries in held.items()
    }
