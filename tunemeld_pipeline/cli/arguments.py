"""Options and arguments that several commands take: their words, what they mean, and how a shell completes their values.

A value is completed from the settings that a command would load, without starting anything; where they cannot be used, there is nothing to
complete.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli.context import examined

if TYPE_CHECKING:
    from tunemeld_pipeline.charts.catalog import Catalog
    from tunemeld_pipeline.settings.settings import Settings

ALL = "all"
"""In the place of a genre: every one of the catalogue."""

RUNS_OFFERED = 20
FIND_SECONDS = 1.0
"""For the database, while somebody waits for a completion."""


def _offering(values: "Callable[[Settings, typer.Context], Iterable[str]]") -> Callable[..., list[str]]:
    """A completion of these values; nothing can go wrong in it that a shell would show."""

    def complete(context: typer.Context, incomplete: str) -> list[str]:
        with suppress(Exception):
            settings, _ = examined(context)
            return [one for one in values(settings, context) if one.startswith(incomplete)]
        return []

    return complete


def _genres(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.plugins.registry import load_catalog

    return list(load_catalog(settings.catalog_file).genres)


def _genres_and_all(settings: "Settings", context: typer.Context) -> list[str]:
    return [ALL, *_genres(settings, context)]


def _environments(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.settings.choices import Environment

    return list(Environment)


def _log_levels(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.settings.formats import LOG_LEVELS

    return list(LOG_LEVELS)


def _setting_names(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.settings.choices import variable_name
    from tunemeld_pipeline.settings.settings import SETTING_NAMES

    return [variable_name(name) for name in SETTING_NAMES]


def _upstreams(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.plugins.registry import buckets

    return list(buckets())


def _services(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.plugins.registry import keys

    return list(keys())


def _sources(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.plugins.registry import installed, keys

    return [source.name for key in keys() for source in installed(key).sources]


def _days(settings: "Settings", context: typer.Context) -> list[str]:
    from tunemeld_pipeline.storage.connection import is_stopped, open_store

    genre = context.params.get("genre")
    if not genre or is_stopped(settings):
        return []
    with open_store(settings, prepare=False, find_within=FIND_SECONDS) as store:
        return store.charts.chart_dates(str(genre), withdrawn=True)[::-1]


def _runs(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    import sqlite3

    database = settings.dagster_folder / "history" / "runs.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT run_id FROM runs ORDER BY id DESC LIMIT ?", (RUNS_OFFERED,))
        return [str(run_id) for (run_id,) in found]


def _services_and_counts(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.plugins.registry import count_sources, keys

    return list(dict.fromkeys([*keys(), *(one.key for one in count_sources())]))


def _withheld(settings: "Settings", context: typer.Context) -> list[str]:
    from tunemeld_pipeline.storage.connection import is_stopped, open_store

    if is_stopped(settings):
        return []
    kind = context.params.get("kind")
    with open_store(settings, prepare=False, find_within=FIND_SECONDS) as store:
        return [one.key for one in store.withholdings.all() if one.stands and kind in (None, one.kind)]


def _faults(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.sandbox.faults import Fault

    return list(Fault)


def _collections(settings: "Settings", context: typer.Context) -> list[str]:  # noqa: ARG001
    from tunemeld_pipeline.storage.layout import COLLECTIONS

    return [one.name for one in COLLECTIONS]


complete_service_or_counts = _offering(_services_and_counts)
complete_withheld = _offering(_withheld)
complete_fault = _offering(_faults)
complete_collection = _offering(_collections)
complete_environment = _offering(_environments)
complete_log_level = _offering(_log_levels)
complete_upstream = _offering(_upstreams)
complete_setting = _offering(_setting_names)
complete_day = _offering(_days)
complete_run = _offering(_runs)
complete_service = _offering(_services)
complete_source = _offering(_sources)
complete_genre = _offering(_genres)

Genres = Annotated[
    list[str] | None,
    typer.Option(
        "--genre",
        "-g",
        help="Only this genre; may be given several times. all: every genre, as without it.",
        autocompletion=_offering(_genres_and_all),
    ),
]
"""For a command that works on some genres; `genres_named` reads it."""

GenreArgument = Annotated[
    str, typer.Argument(help="The genre, as the catalogue names it.", autocompletion=complete_genre)
]


def genres_named(catalog: "Catalog", named: Sequence[str] | None) -> list[str]:
    """The keys of the genres that `--genre` names, each once; none where it names all of them, or is not given.

    Raises:
        CatalogError: no genre has that name.
    """
    words = list(dict.fromkeys(named or ()))
    if any(word.lower() == ALL for word in words):
        for word in words:
            if word.lower() != ALL:
                catalog.genre(word)
        return []
    return [catalog.genre(word).key for word in words]
