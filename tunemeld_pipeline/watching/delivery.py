"""How a message reaches people: through apprise, to the addresses in the settings and no others.

It handles time-outs and the result for each address, and keeps the addresses' secrets out of logs; `incidents.py` decides what is sent and
when it is tried again. An address goes by its number and service, such as `1 (slack)`, because any part of it, even the host, may be a
token.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from tunemeld_pipeline.watching.incidents import Message

SECONDS = 15.0
"""How long a message may take to reach all addresses; a sensor's tick has a minute."""

_THREADS = "alarm-"
_SHORTEST_SECRET = 3

_under_way: dict[str, threading.Thread] = {}
_lock = threading.Lock()


def address_id(url: str) -> str:
    """A digest by which an address is remembered, without storing the address."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def names_of(urls: Sequence[str]) -> dict[str, str]:
    """Each address's id, and its public name: its number in ALARM_URLS and its service."""
    return {address_id(url): f"address {number} ({url.partition('://')[0]})" for number, url in enumerate(urls, 1)}


def deliver(
    urls: Sequence[str], message: Message, sent_to: Sequence[str] = (), seconds: float = SECONDS
) -> dict[str, str | None]:
    """Sends the message at the same time to every address whose id is not in `sent_to`.

    Args:
        seconds: how long to wait for them; an address that has not answered by then counts as failed.

    Returns:
        Per address id, None if the message was sent, else why not, without anything secret.
    """
    outcome: dict[str, str | None] = {}
    threads: dict[str, threading.Thread] = {}
    for url in urls:
        address = address_id(url)
        if address in sent_to or address in outcome:
            continue
        with _lock:
            busy = _under_way.get(address)
            if busy is not None and busy.is_alive():
                outcome[address] = "has still not answered the message before"
                continue
            # Apprise's own time-outs apply to each read, so they do not stop a server that sends a byte now and then.
            thread = threading.Thread(
                target=_send, args=(url, message, outcome, address), name=f"{_THREADS}{address}", daemon=True
            )
            outcome[address] = f"did not answer within {seconds:.0f} s"
            _under_way[address] = threads[address] = thread
            thread.start()
    give_up = time.monotonic() + seconds
    for thread in threads.values():
        thread.join(max(0.0, give_up - time.monotonic()))
    return dict(outcome)


def unusable(urls: Sequence[str]) -> dict[str, str]:
    """The addresses that apprise cannot parse, by their public names, each with what to do. Nothing is sent."""
    problems = {}
    for url, name in zip(urls, names_of(urls).values(), strict=False):
        if _service(url) is None:
            problems[name] = "is not an address that apprise can read; see its list of services for how to write it"
    return problems


def _send(url: str, message: Message, outcome: dict[str, str | None], address: str) -> None:
    reasons = _Reasons()
    logger = logging.getLogger("apprise")
    logger.addHandler(reasons)
    try:
        service = _service(url)
        if service is None:
            outcome[address] = "is not an address that apprise can read"
            return
        sent = service.notify(title=message.title, body=message.body, notify_type=message.tone, body_format="text")
        outcome[address] = None if sent else _redacted(reasons.text or "was not accepted", url)
    except Exception as error:  # noqa: BLE001  on any error of a service's code, the alarm is tried again
        outcome[address] = _redacted(f"{type(error).__name__}: {error}", url)
    finally:
        logger.removeHandler(reasons)


def _service(url: str) -> Any:
    _silence()
    # Imported here: it loads the modules of a hundred services, which takes a second and 20 MB.
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="TuneMeld",
        app_desc="TuneMeld's alarms",
        async_mode=False,
        # A token that follows a redirect ends up at any host that the server names.
        http_redirects=False,
    )
    try:
        return Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    except TypeError:  # an address with nothing after the service's name
        return None


def _silence() -> None:
    """Keeps the lines of apprise and the libraries below it out of every log: at DEBUG they contain paths, which hold tokens."""
    logging.getLogger("apprise").propagate = False
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if _not_of_a_delivery not in logger.filters:
            logger.addFilter(_not_of_a_delivery)


def _not_of_a_delivery(record: logging.LogRecord) -> bool:
    return not (record.threadName or "").startswith(_THREADS)


class _Reasons(logging.Handler):
    """Collects apprise's warnings in the thread that created this handler."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self._said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the record's text if it comes from this thread."""
        if record.thread == self._thread:
            self._said.append(record.getMessage())

    @property
    def text(self) -> str:
        """All warnings, in one line."""
        return " ".join(" ".join(self._said).split())[:300]


def _redacted(text: str, url: str) -> str:
    """The text without any part of the address."""
    parts = urlsplit(url)
    query: Mapping[str, str] = dict(item.partition("=")[::2] for item in parts.query.split("&"))
    secrets = {url, *parts.netloc.replace("@", ":").split(":"), parts.netloc, parts.path, *parts.path.split("/")}
    secrets |= {*query.values(), parts.query, parts.fragment}
    for secret in sorted(secrets | {unquote(secret) for secret in secrets}, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text
