"""`python -m cluster`: plays several machines on this one, with real servers, and reports what held and what was measured.

It listens on loopback alone, ends without help, and ends everything that it started. Exit status: 0 if every promise held, otherwise 1.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from cluster.chapters import (
    Cluster,
    Finding,
    broker_away,
    equal_charts,
    few_connections,
    killed_workers,
    records_away,
    warm_runs,
)
from cluster.servers import missing_servers
from cluster.stage import stage

CHAPTERS = {
    "charts": equal_charts,
    "connections": few_connections,
    "warm": warm_runs,
    "broker": broker_away,
    "records": records_away,
}


def main() -> int:
    """Plays the chapters and prints their findings."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if missing := missing_servers():
        sys.exit(f"these Debian packages are needed: apt-get install {' '.join(missing)}")
    findings = []
    for finding in played(options.chapters, options.genres, options.slots, options.kills, options.seed):
        findings.append(finding)
        print(json.dumps(asdict(finding)) if options.json else as_text(finding), flush=True)
    return 0 if findings and all(finding.held for finding in findings) else 1


def played(names: Sequence[str], genres: int, slots: int, kills: int, seed: int) -> Iterator[Finding]:
    """Each chapter's finding, as it is found; all on one stage, one after another."""
    with stage(genres, slots=slots) as made:
        began = time.monotonic()
        cluster = Cluster.begin(made)
        yield Finding("start", True, {"s": round(time.monotonic() - began)})
        for name in names:
            began = time.monotonic()
            found = killed_workers(cluster, kills, seed) if name == "kills" else CHAPTERS[name](cluster)
            yield replace(found, figures={**found.figures, "s": round(time.monotonic() - began)})


def as_text(finding: Finding) -> str:
    """A finding in a few lines."""
    figures = "".join(f"\n    {name}: {value}" for name, value in finding.figures.items())
    return f"{'held' if finding.held else 'BROKEN'}: {finding.chapter}{figures}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cluster", description=__doc__)
    known = [*CHAPTERS, "kills"]
    parser.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help=f"some of {', '.join(known)}; all of them without"
    )
    parser.add_argument("--genres", type=int, default=24, help="how many genres there are; 24")
    parser.add_argument("--slots", type=int, default=2, help="how many runs the two workers do at once; 2")
    parser.add_argument("--kills", type=int, default=10, help="how often a worker is killed; 10")
    parser.add_argument("--seed", type=int, default=1, help="decides what is killed when")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each chapter")
    options = parser.parse_args()
    if unknown := set(options.chapters) - set(known):
        parser.error(f"no such chapter: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    options.chapters = options.chapters or known
    return options


if __name__ == "__main__":
    sys.exit(main())
