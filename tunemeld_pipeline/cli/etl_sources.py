"""`tunemeld etl sources`: which sources of lists are asked, and what their last tries came to.

This module prints and sets the exit status; `upstream/source_standing.py` finds out, and `upstream/source_probe.py` asks.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.ages import ago
from tunemeld_pipeline.cli.context import AsJson, load, log_to_file
from tunemeld_pipeline.cli.terminal import console_for, print_json, table_for

if TYPE_CHECKING:
    from tunemeld_pipeline.charts.source_states import Look, SourceState
    from tunemeld_pipeline.cli.shapes import refresh as shapes
    from tunemeld_pipeline.upstream.source_standing import SourceStanding


def sources(
    context: typer.Context,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Ask each source that may be asked for one list first, whatever it last came to."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show each source of lists: whether it is asked and why not, its key, its last tries, until when it rests, its rows and its format.

    With --probe, which the schedule `canary` does once a day where the live services are read, each list is compared with the look before
    and with what its source declares, and the answer of one that has changed is kept in the folder drift of TUNEMELD_HOME. A source that
    failed and works again is asked by the next run. One that needs no key and has refused us is left alone.
    Exit status: 0 all that are asked are well, 1 a service has no source that is, 3 one of them is not, or has changed.

    Example: tunemeld etl sources --json

    See also: tunemeld etl status, tunemeld etl validate
    """
    settings = load(context)
    if probe:
        log_to_file(context, settings, "etl")
    from tunemeld_pipeline.plugins.registry import in_order, load_catalog
    from tunemeld_pipeline.storage.connection import open_store
    from tunemeld_pipeline.upstream.source_probe import probe as ask
    from tunemeld_pipeline.upstream.source_standing import standings

    services = in_order(load_catalog(settings.catalog_file).services())
    with open_store(settings, prepare=probe) as store:
        at = datetime.now(UTC)
        found = standings(settings, services, store.sources.states(), at)
        if probe:
            for one in ask(settings, store, [one for one in found if one.place], at):
                tried = one.tried
                why = [tried.reason] if tried.reason else one.look.unlike if one.look else []
                said = f" ({'; '.join(why)})" if why else ""
                typer.echo(f"{tried.source}: {tried.outcome}{said}", err=as_json)
            found = standings(settings, services, store.sources.states(), at)
    if as_json:
        print_json({"at": at.isoformat(), "sources": [_as_json(one) for one in found]})
    else:
        _show(context, found, at)
    _exit(found)


def _exit(found: "list[SourceStanding]") -> None:
    asked = [one for one in found if one.place]
    if {one.service for one in asked} - {one.service for one in asked if not one.is_failing}:
        raise typer.Exit(exits.FAILED)
    if any(one.is_failing or (one.state and one.state.look and one.state.look.unlike) for one in asked):
        raise typer.Exit(exits.DEGRADED)


def _show(context: typer.Context, found: "list[SourceStanding]", at: datetime) -> None:
    console = console_for(context)
    table = table_for(
        console, "source", "asked", "key", "last list", "last try", "rows", "format", title="Sources of lists"
    )
    for one in found:
        state = one.state
        table.add_row(
            one.source.name,
            _place(one.place) if one.place else f"no: {one.why_not}",
            ", ".join(one.source.needs) or "none",
            ago(state.last_ok_at, at) if state and state.last_ok_at else "never",
            _last_try(one, at),
            _rows(state) if state else "",
            str(one.source.format),
        )
    console.print(table)


def _place(place: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(place, f"{place}th")


def _last_try(one: "SourceStanding", at: datetime) -> str:
    if one.state is None:
        return "never"
    parts = [f"{one.state.last_outcome}, {ago(one.state.last_tried_at, at)}"]
    if one.state.failures:
        parts.append(f"{one.state.failures} in a row")
    if one.rests_until:
        parts.append(f"rests until {one.rests_until:%Y-%m-%d %H:%M} UTC")
    return "\n".join([", ".join(parts), *([one.reason] if one.reason else []), *_unlike(one)])


def _unlike(one: "SourceStanding") -> list[str]:
    """What the canary saw, where the last try does not say it, and the file with what came."""
    look = one.state.look if one.state else None
    if look is None or not look.unlike:
        return []
    return [*([] if one.is_failing else look.unlike), *([f"its answer: {look.body}"] if look.body else [])]


def _rows(state: "SourceState") -> str:
    return "\n".join(
        f"{genre}: {covered.rows}{f' of {covered.rows_total}' if covered.rows_total else ''}"
        for genre, covered in sorted(state.lists.items())
        if covered.rows is not None
    )


def _as_json(one: "SourceStanding") -> "shapes.SourceStanding":
    state = one.state
    return {
        "service": one.service,
        "source": one.source.name,
        "format": one.source.format,
        "place": one.place,
        "enabled": one.place is not None,
        "why_not": one.why_not or None,
        "needs": list(one.source.needs),
        "last_ok_at": state.last_ok_at.isoformat() if state and state.last_ok_at else None,
        "last_tried_at": state.last_tried_at.isoformat() if state else None,
        "last_outcome": state.last_outcome if state else None,
        "reason": one.reason or None,
        "failures": state.failures if state else 0,
        "look": _look_as_json(state.look) if state and state.look else None,
        "rests_until": one.rests_until.isoformat() if one.rests_until else None,
        "lists": {
            genre: {"outcome": covered.outcome, "rows": covered.rows, "rows_total": covered.rows_total}
            for genre, covered in sorted(state.lists.items())
        }
        if state
        else {},
    }


def _look_as_json(look: "Look") -> "shapes.Look":
    return {
        "at": look.at.isoformat(),
        "url": look.url,
        "name": look.name,
        "rows": look.rows,
        "rows_before": look.rows_before,
        "unlike": look.unlike,
        "body": look.body,
    }
