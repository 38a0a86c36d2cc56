"""Messages on their way: to a real webhook and a real mail server, some of them dead, slow or unwilling."""

import io
import logging
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.receivers import MailServer, Webhook, serving
from tunemeld_pipeline.watching.delivery import address_id, deliver, names_of, unusable
from tunemeld_pipeline.watching.incidents import Message

MESSAGE = Message("dance: the last run failed", "Genre: dance\nSince: 2026-03-02 02:30 UTC", "failure")
TOKEN = "canary-5d41402abc4b2a76"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with serving(Webhook()) as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What arrives at the root logger. pytest's own fixture listens to loggers as well that hand nothing on."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def hook(webhook: Webhook) -> str:
    return f"json://user:{TOKEN}@{webhook.address}/{TOKEN}/?+X-Key={TOKEN}"


def mailto(port: int) -> str:
    return f"mailto://127.0.0.1:{port}?mode=insecure&from=tunemeld@example.org&to=a@example.org,b@example.org"


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


def test_a_message_reaches_a_webhook_and_a_mailbox(webhook: Webhook, mail: MailServer) -> None:
    urls = [hook(webhook), mailto(mail.server_address[1])]
    assert deliver(urls, MESSAGE) == {address_id(url): None for url in urls}
    (posted,) = webhook.received
    assert (posted["title"], posted["message"], posted["type"]) == (MESSAGE.title, MESSAGE.body, "failure")
    letters = {letter["To"]: letter for letter in mail.received}
    assert set(letters) == {"a@example.org", "b@example.org"}
    assert letters["a@example.org"]["Subject"] == MESSAGE.title
    assert letters["a@example.org"].get_content().splitlines() == MESSAGE.body.splitlines()  # type: ignore[attr-defined]


def test_an_address_that_has_the_message_does_not_get_it_again(webhook: Webhook) -> None:
    assert deliver([hook(webhook)], MESSAGE, sent_to=[address_id(hook(webhook))]) == {}
    assert webhook.received == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_unwilling_webhook_is_a_failure_with_its_status(webhook: Webhook, status: int) -> None:
    webhook.status = status
    (why,) = deliver([hook(webhook)], MESSAGE).values()
    assert why is not None
    assert str(status) in why


def test_a_redirect_is_not_followed(webhook: Webhook) -> None:
    webhook.status, webhook.location = 302, f"http://{webhook.address}/elsewhere"
    deliver([hook(webhook)], MESSAGE)
    assert webhook.received == []


def test_a_slow_webhook_holds_up_neither_the_caller_nor_the_others(webhook: Webhook, mail: MailServer) -> None:
    webhook.drip.set()
    slow, quick = hook(webhook), mailto(mail.server_address[1])
    outcome = deliver([slow, quick], MESSAGE, seconds=1)
    assert outcome == {address_id(slow): "did not answer within 1 s", address_id(quick): None}
    # It does not pile up threads either: the one before is still waiting.
    waiting = threading.active_count()
    assert deliver([slow], MESSAGE, seconds=1) == {address_id(slow): "has still not answered the message before"}
    assert threading.active_count() <= waiting


def test_a_dead_webhook_and_a_dead_mail_server_are_failures() -> None:
    urls = [f"json://127.0.0.1:{closed_port()}/{TOKEN}", mailto(closed_port())]
    outcome = deliver(urls, MESSAGE)
    assert set(outcome) == {address_id(url) for url in urls}
    assert all(outcome.values())


def test_an_address_that_nobody_can_read_is_a_failure_and_known_beforehand(webhook: Webhook) -> None:
    urls = [hook(webhook), f"nosuchservice://{TOKEN}", "tgram://"]
    assert list(unusable(urls)) == ["address 2 (nosuchservice)", "address 3 (tgram)"]
    assert deliver(urls[1:2], MESSAGE) == {address_id(urls[1]): "is not an address that apprise can read"}
    assert webhook.received == []


@pytest.mark.parametrize("well", [True, False])
def test_no_log_and_no_reason_holds_any_part_of_an_address(
    webhook: Webhook, well: bool, everything_logged: io.StringIO
) -> None:
    webhook.status = 200 if well else 500
    urls = [hook(webhook), f"json://user:{TOKEN}@{TOKEN}.invalid/{TOKEN}", f"tgram://123456789:{TOKEN}/987654321/"]
    outcome = deliver(urls[:2], MESSAGE)
    logging.getLogger("urllib3.connectionpool").debug("others are heard")
    assert "others are heard" in everything_logged.getvalue()
    sent_to = " ".join([everything_logged.getvalue(), str(outcome), str(names_of(urls)), str(unusable(urls))])
    assert TOKEN not in sent_to
    assert "987654321" not in sent_to
    assert bool(outcome[address_id(urls[0])]) is not well
