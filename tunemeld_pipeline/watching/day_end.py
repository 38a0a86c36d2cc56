"""The dead man's switch: reports to a service elsewhere that a day ended well, so that its silence is the alarm.

The judgement of a day and the request to HEARTBEAT_URL are here, as healthchecks.io and its self-hosted kin take it: the address itself
for a good day, `/fail` after its path for a failed one (https://healthchecks.io/docs/http_api/). `orchestration/day_report.py` reads
the facts.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import requests

from tunemeld_pipeline.charts.documents import Materialization, shortfalls
from tunemeld_pipeline.watching.judging import RunFacts

SECONDS = 5.0
TRIES = 3
WAIT_SECONDS = 1.0
REDIRECTS = range(300, 400)
NO_POST = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class DayEnd:
    """How a day ended: `good` if every genre was published, `failed` if one was not; `text` names each genre that is not fresh."""

    outcome: Literal["good", "failed"]
    text: str


def day_end(
    scheduled: datetime,
    published: Mapping[str, Materialization | None],
    runs: Mapping[str, Sequence[RunFacts]],
) -> DayEnd | None:
    """How the day ended whose refresh was due at `scheduled`; None as long as a genre is still to come.

    A degraded chart, which is new all the same, and a genre that somebody holds are no failure.

    Args:
        published: every genre of the schedule, with what visitors see of it.
        runs: per genre its runs, newest first.
    """
    lines: list[str] = []
    failed = False
    for genre, shown in published.items():
        since = [run for run in runs.get(genre, ()) if run.started >= scheduled]
        if shown is not None and (shown.held or shown.as_of >= scheduled):
            lines += [f"{genre}: {what}: {why}" for what, why in shortfalls(shown).items()]
        elif not since or since[0].state == "running":
            return None
        else:
            failed = True
            lines.append(f"{genre} failed: {since[0].error or 'its run says why'}")
    summary = f"{len(published)} genres, refreshed at {scheduled:%Y-%m-%d %H:%M} UTC"
    return DayEnd("failed" if failed else "good", "\n".join([summary, *lines]))


def report(url: str, end: DayEnd) -> str | None:
    """Sends how a day ended, a few times if need be; None if it was taken, else why not, without the address.

    Redirects are not followed: the address is a secret, and a redirect would hand it to any host.
    """
    address = url if end.outcome == "good" else failing(url)
    why = ""
    for number in range(TRIES):
        if number:
            time.sleep(WAIT_SECONDS * number)
        try:
            answer = _sent(address, end.text)
        except requests.RequestException as error:
            why = f"no answer ({type(error).__name__})"
            continue
        if answer.ok and answer.status_code not in REDIRECTS:
            return None
        why = f"it answers {answer.status_code}"
    return why


def failing(url: str) -> str:
    """The address that says that a day failed."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def _sent(address: str, text: str) -> requests.Response:
    headers = {"User-Agent": "TuneMeld", "Content-Type": "text/plain; charset=utf-8"}
    answer = requests.post(address, data=text.encode(), headers=headers, timeout=SECONDS, allow_redirects=False)
    if answer.status_code in NO_POST:  # some take only GET
        headers = {"User-Agent": "TuneMeld"}
        answer = requests.get(address, headers=headers, timeout=SECONDS, allow_redirects=False)
    return answer
