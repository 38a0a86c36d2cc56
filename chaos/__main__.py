"""`python -m chaos --seed N --minutes M`: runs the day everything breaks, and reports which promises held.

The order of the day and its report are here; the other modules are its parts. It listens only on loopback and Unix sockets, ends without
help, and ends everything that it started. Exit status: 0 if every promise held, otherwise 1.
"""

import argparse
import json
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

from chaos.audit import Audit, Witness
from chaos.load import Load
from chaos.schedule import Schedule
from chaos.stage import Stage, running
from chaos.troubles import Troubles
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.document_check import repair_documents
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

AVAILABILITY = 0.999
VISIBLE_SECONDS = 30.0
"""A new version shows within 5 s, and checking takes another 5 s; the machine may be busy."""

SHOWN = 5
FIRST_TRIES = 3
"""On a very busy machine the first round, which loads and creates everything, may take longer than a run may."""


def main() -> int:
    """Runs the day and prints its report."""
    options = _options()
    # Like Ctrl-C: everything that was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with running(options.seed) as stage:
        report = day(stage, options.seed, options.minutes * 60)
    report["seconds"] = round(time.monotonic() - began)
    print(json.dumps(report, indent=2) if options.json else as_text(report))
    return 0 if report["held"] else 1


def day(stage: Stage, seed: int, seconds: float) -> dict[str, Any]:
    """A calm round, troubles for this many seconds, a calm round on the next day, `db check --repair`, and the audit."""
    genres = list(load_catalog().genres)
    schedule = Schedule(genres, Random(f"{seed}/schedule"))
    load = Load(stage.api_url, genres, seed)
    witness = Witness(stage.mongod_url, stage.settings.database_name)
    troubles = Troubles(stage, schedule, Random(f"{seed}/troubles"))
    try:
        for _ in range(FIRST_TRIES):
            first = schedule.round()
            if all(run.published for run in first):
                break
        else:
            raise RuntimeError(f"the first round, before any trouble, did not succeed: {first}")
        _await_shown(load, stage, schedule.moment.isoformat()[:16])
        schedule.advance()
        for thread in (load, witness, schedule):
            thread.start()
        try:
            troubles.inflict(seconds)
        finally:
            troubles.end()
            schedule.stop()
        rounds = list(schedule.runs)
        # One schedule later, on another quota day, and without any repair.
        schedule.moment += timedelta(days=1)
        last = schedule.round()
        shown = _await_shown(load, stage, schedule.moment.isoformat()[:16])
    finally:
        for thread in (load, witness):
            if thread.is_alive():
                thread.stop()
        schedule.end()
    audit = Audit(
        stage.settings,
        seed,
        runs=rounds,
        last_round=last,
        moment=schedule.moment,
        charts=load.charts,
        seen=witness.seen,
        requests=stage.faults.requests(),
        genres=genres,
    )
    with connect(stage.mongod_url) as client:
        database = client[stage.settings.database_name]
        # What no run of the last round had to write, such as the history of a track that has left the charts.
        mended = repair_documents(Store(database), stage.settings.upstreams.value)
        findings = audit.findings(database)
    findings["visitors see the last round"] = [] if shown else ["not within half a minute"]
    findings["what hangs is noticed"] = troubles.unnoticed
    findings["idle and slow clients are closed"] = troubles.complaints
    return {
        "seed": seed,
        "inflicted": dict(troubles.inflicted),
        "skipped": troubles.skipped,
        "midnights": dict(schedule.midnights),
        "documents_repaired": len(mended),
        "requests": load.statuses.total(),
        "statuses": {str(status): count for status, count in sorted(load.statuses.items())},
        "marked_stale": load.stale,
        "availability": round(load.availability, 6),
        "runs": dict(Counter(run.outcome for run in (*rounds, *last))),
        "failures": Counter(run.detail[:160] for run in rounds if run.outcome in ("failed", "crashed")).most_common(12),
        "readings_compared": audit.compared,
        "not_good": load.complaints,
        "findings": findings,
        "held": load.availability >= AVAILABILITY and not any(findings.values()),
    }


def _await_shown(load: Load, stage: Stage, moment: str) -> bool:
    """Whether both workers eventually show every genre as of this moment."""
    return wait_until(lambda: load.shows(moment, stage.api_url), seconds=VISIBLE_SECONDS)


def as_text(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [
        f"seed {report['seed']}, {report['seconds']} s",
        f"requests  {report['requests']:,}, by status {report['statuses']}, marked stale {report['marked_stale']:,}",
        f"available {report['availability']:.4%} (aim {AVAILABILITY:.1%})",
        *(f"          {one[:300]}" for one in report["not_good"][:SHOWN]),
        f"runs      {report['runs']}, midnights crossed {report['midnights']}",
        f"readings  {report['readings_compared']:,} compared with the world",
        f"documents {report['documents_repaired']:,} left unreadable by the last round, and repaired",
        "troubles",
        *(
            f"  {count:>4}  {kind}"
            for kind, count in sorted(report["inflicted"].items(), key=lambda item: item[0].strip())
        ),
        *(f"  skipped: {kind}, since {why}" for kind, why in report["skipped"].items()),
        "failed runs said",
        *(f"  {count:>4}  {detail}" for detail, count in report["failures"]),
        "promises",
    ]
    for name, broken in report["findings"].items():
        lines.append(f"  {'held  ' if not broken else 'BROKEN'}  {name}{f' ({len(broken)})' if broken else ''}")
        lines += [f"            {one[:300]}" for one in broken[:SHOWN]]
    return "\n".join([*lines, "all promises held" if report["held"] else "not all promises held"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chaos", description="The day everything breaks, and what is left of it."
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed is another day")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the troubles last")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
