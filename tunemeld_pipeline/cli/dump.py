"""`tunemeld db dump`: a public dump of all charts, lists and histories.

This module says how large it is before it is made; `dumps/dump.py` makes it.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli.context import load

if TYPE_CHECKING:
    from tunemeld_pipeline.dumps.dump import DumpPlan
    from tunemeld_pipeline.settings.settings import Settings


def dump(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how large it would be, and what is kept.")
    ] = False,
) -> None:
    """Write all charts, lists and histories into DUMP_DIR as Parquet files by month, with a manifest and checksums.

    Before anything is written, it says about how large the dump is, and how long months stay. What the services themselves sent is not in
    it, nor is what is withheld. The API serves it under /dumps/.

    Example: tunemeld db dump --dry-run

    See also: tunemeld db backup, tunemeld db withhold list
    """
    from datetime import UTC, datetime

    from tunemeld_pipeline.dumps.dump import make_dump, plan_dump
    from tunemeld_pipeline.storage.connection import open_store

    settings = load(context)
    with open_store(settings) as store:
        _say(plan_dump(store, settings), settings)
        if dry_run:
            typer.echo("nothing was written")
            return
        manifest = make_dump(store, settings, datetime.now(UTC))
    size = sum(one.bytes for one in manifest.files)
    typer.echo(f"{len(manifest.files)} files, {size / 1e6:.1f} MB, in {settings.dump_dir}")


def _say(plan: "DumpPlan", settings: "Settings") -> None:
    months = f"{plan.months[0]} to {plan.months[-1]}" if plan.months else "no month yet"
    rows = ", ".join(f"{count:,} rows of {table}" for table, count in plan.rows.items())
    typer.echo(f"a dump of {months} in {plan.folder}: {rows}; about {plan.bytes / 1e6:.1f} MB")
    kept = "all months stay" if settings.dump_months is None else f"the newest {settings.dump_months} months stay"
    removed = f", so {', '.join(plan.removed)} goes" if plan.removed else ""
    typer.echo(f"{kept} (DUMP_MONTHS){removed}; each dump replaces the one before")
