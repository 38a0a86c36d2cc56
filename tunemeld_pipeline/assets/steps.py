"""How our errors and our findings become Dagster's.

This module has the one translation of errors to `dg.Failure`, the one retry policy, the mark of a degraded run, and tables for the UI.
It never decides what an asset does.
"""

import ctypes
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import dagster as dg
from structlog.contextvars import bound_contextvars

from tunemeld_pipeline.assets.partitions import catalog, settings
from tunemeld_pipeline.charts.documents import AggregatePlaylist, AggregateTrack, Chart, ServicePlaylist
from tunemeld_pipeline.errors import NothingToPublish, TuneMeldError
from tunemeld_pipeline.limits import CHART_ABANDONED, CHART_TOO_OLD
from tunemeld_pipeline.logs.lines import exception_text
from tunemeld_pipeline.logs.measuring import StepTally, measured_step
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.plugins.registry import name_of
from tunemeld_pipeline.redaction import is_clean, redact
from tunemeld_pipeline.run_tags import DEGRADED_BECAUSE, DEGRADED_TAG, NEXT_COMMAND, reasons_in
from tunemeld_pipeline.storage.store import Store

UPSTREAM_RETRY = dg.RetryPolicy(max_retries=1, delay=3 * settings.etl_retry_delay)
"""For assets that call upstreams. The funnel has retried each call before: this covers an outage of half a minute, no more."""

SHOWN_FRESHNESS = dg.FreshnessPolicy.time_window(warn_window=CHART_TOO_OLD, fail_window=CHART_ABANDONED)
"""For what visitors see."""

PREVIEW_ROWS = 10
NAMED_DOCUMENTS = 10
"""How many unreadable documents an asset names in its outcome."""

log = get_logger(__name__)


def give_back_memory() -> None:
    """Returns to the system what earlier assets took and freed.

    Otherwise glibc keeps it, in pieces that the next asset cannot use: 150 MB an asset for lists of 5,000 tracks. Without glibc this
    does nothing.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextmanager
def step(context: dg.AssetExecutionContext) -> Generator[StepTally]:
    """One attempt at an asset's work: its lines say what they belong to, its parts are measured, its errors are translated.

    Our errors become `dg.Failure`; Dagster retries only those that a retry can mend.

    An error is logged here, once, with its context. Dagster keeps and shows errors unchanged, causes included: one that holds a secret
    goes on redacted and without its causes.
    """
    with bound_contextvars(**_place(context)), measured_step(context.run.run_id) as tally:
        try:
            yield tally
            tally.end()
            log.info(
                "the step is done",
                duration_ms=round(tally.seconds * 1000),
                upstream_calls=tally.upstream_calls,
                **{name: value for name, value in tally.metadata().items() if name != "step_seconds"},
            )
        except TuneMeldError as error:
            log.error("the step failed", **error_fields(error)["tunemeld"])
            own = {NEXT_COMMAND: error.next_command} if error.names_next else {}
            raise dg.Failure(
                redact(str(error) + (f" (`{error.next_command}`)" if own else "")),
                metadata={"error": type(error).__name__, **own},
                allow_retries=error.transient,
            ) from (error if is_clean(exception_text(error)) else None)
        except Exception as error:
            text = exception_text(error)
            if is_clean(text):
                raise  # Dagster says so itself, with the traceback, and our log has that line
            log.exception("the step failed unexpectedly", error_type=type(error).__name__)
            raise dg.Failure(
                redact(f"unexpected {type(error).__name__}: {error}"),
                metadata={"error": type(error).__name__, "traceback": redact(text)},
            ) from None


def error_fields(error: TuneMeldError) -> dict[str, dict[str, Any]]:
    """What a log line says of an error, as the `extra` of a line of `context.log`."""
    fields = {
        "error": str(error),
        "error_type": type(error).__name__,
        "transient": error.transient,
        "service": getattr(error, "service", None),
        "sample": getattr(error, "sample", None),
    }
    return {"tunemeld": {name: value for name, value in fields.items() if value not in (None, "")}}


def _place(context: dg.AssetExecutionContext) -> dict[str, Any]:
    return {
        "run_id": context.run.run_id,
        "genre": context.partition_key,
        "asset": context.asset_key.to_user_string(),
        "attempt": context.op_execution_context.retry_number + 1,
    }


def refuse_rolled_back(made_before: AggregatePlaylist | Chart) -> None:
    """Refuses to go on from a past day's chart, which a rollback has put in the place of this run's chart or an earlier one's.

    Raises:
        NothingToPublish: what was rolled back stays.
    """
    if made_before.rolled_back_to is not None:
        raise NothingToPublish(
            f"{made_before.genre_name} was rolled back to {made_before.rolled_back_to:%Y-%m-%d}, which stays; run all four assets",
            next_command=f"tunemeld etl run full --genre {made_before.genre_name}",
        )


def mark_degraded(context: dg.AssetExecutionContext, lacking: Mapping[str, str]) -> dict[str, str]:
    """Adds what is lacking to the run's tag, where there is anything; the asset's metadata that say why, one for each."""
    run = context.instance.get_run_by_id(context.run.run_id)
    before = (run.tags.get(DEGRADED_TAG) or "").split(", ") if run else []
    merged = sorted({*filter(None, before), *lacking})
    if merged:
        context.instance.add_run_tags(context.run.run_id, {DEGRADED_TAG: ", ".join(merged)})
    return {f"{DEGRADED_BECAUSE}{what}": why for what, why in lacking.items()}


def lists_of(store: Store, genre: str, as_of: datetime) -> list[ServicePlaylist]:
    """The lists that a run of this genre works on; the last one of a service that the genre no longer names is none of them."""
    named = catalog.genre(genre).services
    return [one for one in store.playlists.service_playlists(genre, as_of) if one.service_name in named]


def left_out_documents(context: dg.AssetExecutionContext, store: Store) -> dict[str, str]:
    """The stored documents that could not be read since this was last asked, each with what becomes of it; they are logged here."""
    errors = store.unreadable
    store.handle.unreadable.clear()
    for error in errors:
        context.log.warning("a stored document is left out: %s", error, extra=error_fields(error))
    named = {f"document {error.name}".replace(",", " "): str(error) for error in errors[:NAMED_DOCUMENTS]}
    if len(errors) > NAMED_DOCUMENTS:
        more = f"{len(errors) - NAMED_DOCUMENTS} more documents"
        named[more] = f"{more} cannot be read; the run's log names each"
    return named


def lacking_so_far(context: dg.AssetExecutionContext) -> dict[str, str]:
    """What the run's assets before this one have marked as lacking, with the reasons."""
    records = context.instance.all_logs(context.run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    found: dict[str, str] = {}
    for record in records:
        if record.dagster_event is not None:
            metadata = record.dagster_event.step_materialization_data.materialization.metadata
            found |= reasons_in({name: value.value for name, value in metadata.items()})
    return found


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """A small table for the UI; foreign text is escaped."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header))]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return dg.MetadataValue.md("\n".join(lines))


def chart_preview(tracks: Sequence[AggregateTrack]) -> dg.MarkdownMetadataValue:
    """The first rows of a consensus."""
    return markdown_table(
        ("rank", "title", "artist", "score", "positions"),
        (
            (
                track.rank,
                track.track_name,
                track.artist_name,
                f"{track.score:.4f}",
                ", ".join(f"{name_of(service)} {rank}" for service, rank in track.sources.items()),
            )
            for track in tracks[:PREVIEW_ROWS]
        ),
    )


def shares(name: str, by_part: Mapping[str, float]) -> dict[str, float]:
    """Metadata that the UI plots over runs: one number per part."""
    return {f"{name}/{part.lower()}": round(share, 4) for part, share in by_part.items()}


def _cell(value: object) -> str:
    text = str(value).replace("\n", " ")
    for character in "\\|`*_<>[]":
        text = text.replace(character, "\\" + character)
    return text
