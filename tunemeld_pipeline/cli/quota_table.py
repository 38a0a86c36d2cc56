"""Quotas as people and programs read them.

This module has one table and one JSON form of what is used, left and kept; `upstream/quotas.py` finds it out.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tunemeld_pipeline.cli.terminal import table_for

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tunemeld_pipeline.cli.shapes import refresh as shapes
    from tunemeld_pipeline.upstream.quotas import QuotaUse


def quota_table(console: "Console", uses: "Iterable[QuotaUse]") -> "Table":
    """A row per quota."""
    table = table_for(console, "quota", "used", "left", "of it kept", "resets", "plan", title="Quotas")
    for use in uses:
        plan = use.plan
        table.add_row(
            use.title,
            f"{use.used:,} of {use.limit:,}",
            f"{use.left:,}" if use.left else "none",
            f"{use.kept:,}" if use.kept else "",
            f"{use.resets_at:%Y-%m-%d %H:%M} UTC",
            f"{plan.remaining:,} of {plan.limit:,} until {plan.resets_at:%Y-%m-%d %H:%M} UTC" if plan else "",
        )
    return table


def quota_json(use: "QuotaUse") -> "shapes.Quota":
    """One quota for programs; times are ISO 8601 in UTC."""
    plan = use.plan
    return {
        "name": use.name,
        "service": use.service,
        "used": use.used,
        "limit": use.limit,
        "left": use.left,
        "kept": use.kept,
        "exhausted": use.exhausted,
        "resets_at": use.resets_at.isoformat(),
        "plan": {"limit": plan.limit, "remaining": plan.remaining, "resets_at": plan.resets_at.isoformat()}
        if plan
        else None,
    }
