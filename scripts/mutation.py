"""How many small changes to the domain's code the tests notice: runs mutmut, and prints the share and the changes that survived.

`python -m scripts.mutation` tries all of `tunemeld_pipeline/charts`; names such as `tunemeld_pipeline.charts.ranking.*` try a part of it.
It fails if fewer than nine changes in ten are noticed.
"""

import json
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"

LEAST_SHARE = 0.9

NOTICED = {"killed", "timeout", "segfault"}
"""mutmut's words for a mutant that the tests caught."""


def outcomes(names: list[str]) -> dict[str, str]:
    """The result for each requested mutant, in mutmut's words."""
    found: dict[str, int | None] = {}
    for path in sorted(MUTANTS.rglob("*.meta")):
        found |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return {
        mutant: status_by_exit_code[code]
        for mutant, code in found.items()
        if not names or any(fnmatch(mutant, name) for name in names)
    }


def main(names: list[str]) -> int:
    """Runs the mutants and reports; 1 if too few were noticed."""
    subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names], cwd=ROOT, check=True)
    found = outcomes(names)
    missed = {mutant: outcome for mutant, outcome in sorted(found.items()) if outcome not in NOTICED}
    for mutant, outcome in missed.items():
        print(f"{outcome}: {mutant}")
    noticed = len(found) - len(missed)
    share = noticed / len(found) if found else 0.0
    print(f"{noticed} of {len(found)} mutants killed ({share:.1%}); .venv/bin/mutmut show NAME shows what one changes")
    return 0 if share >= LEAST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
