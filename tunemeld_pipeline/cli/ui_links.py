"""Where Dagster's UI is, if it runs.

What belongs here: finding a running UI, and the address of a run's page in it. What does not: starting one.
"""

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

RECORD = "ui.json"
"""In TUNEMELD_HOME while a UI runs: `{"url": "http://127.0.0.1:3000"}`."""

START_COMMAND = "tunemeld dev start"
ANSWER_SECONDS = 1.0


def ui_url(home: Path) -> str | None:
    """The address of the UI that runs over this home's runs; None where none does, whatever an old record says."""
    try:
        url = str(json.loads((home / RECORD).read_text("utf-8"))["url"]).rstrip("/")
        place = urlsplit(url)
        with socket.create_connection((place.hostname or "127.0.0.1", place.port or 80), timeout=ANSWER_SECONDS):
            return url
    except (OSError, ValueError, KeyError, TypeError):
        return None


def run_page(url: str | None, run_id: str) -> str | None:
    """The page of a run, where a UI runs."""
    return f"{url}/runs/{run_id}" if url else None
