"""Whether a vulnerability is known in any locked package.

It asks pip-audit, and says plainly for how many packages there was an answer at all; `requirements/` says which packages there are. A
package index that mirrors another may have no advisories: then nothing was checked, which is neither a failure nor good news.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "dev.txt"
SERVICES = ("pypi", "osv")
SECONDS = 300


def main() -> int:
    """Prints what is known; 1 if there is a vulnerability, 0 if there is none or nobody answers."""
    for service in SERVICES:
        found = asked(service)
        if found is None:
            print(f"advisories: {service} cannot be reached from here")
            continue
        checked = [one for one in found if "skip_reason" not in one]
        vulnerable = [one for one in checked if one["vulns"]]
        for one in vulnerable:
            for vulnerability in one["vulns"]:
                fixed = ", ".join(vulnerability["fix_versions"]) or "no release yet"
                print(f"{one['name']} {one['version']}: {vulnerability['id']}, fixed in {fixed}")
        if checked:
            left_out = f"; {len(found) - len(checked)} are unknown to it" if len(checked) < len(found) else ""
            print(
                f"advisories: {len(checked)} packages checked by {service}, {len(vulnerable) or 'none'} vulnerable{left_out}"
            )
            return 1 if vulnerable else 0
        print(f"advisories: {service} knows none of our {len(found)} packages")
    print("advisories: NOTHING WAS CHECKED; run this where the Python Package Index itself or osv.dev can be reached")
    return 0


def asked(service: str) -> list[dict[str, object]] | None:
    """What the service says about each locked package, or None if it does not answer."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip", "--require-hashes"]
    command += ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        dependencies: list[dict[str, object]] = json.loads(answer.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        return None
    return dependencies


if __name__ == "__main__":
    sys.exit(main())
