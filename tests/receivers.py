"""Where messages of tests arrive: a webhook over HTTP and a mail server over SMTP, both real and on this machine.

They take in what is sent, and are dead, slow or unwilling on request; the tests judge what arrived.
"""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook(ThreadingHTTPServer):
    """Takes JSON in. `status` is what it answers; `drip` has it send a byte of its head now and then, and never its end."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TakeJson)
        self.received: list[dict[str, Any]] = []
        self.status = 200
        self.location = ""
        self.drip = threading.Event()
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def titles(self) -> list[str]:
        """The titles of what arrived, in order."""
        return [one["title"] for one in self.received]


class _TakeJson(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.drip.is_set():
            while not self.server.closing.is_set():
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.05)
            return
        if self.server.status == 200:
            self.server.received.append(json.loads(body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.received.append({"title": f"GET {self.path}"})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Says nothing."""


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail in, as much of RFC 5321 as a client needs that sends one message."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TakeMail)
        self.received: list[Message] = []


class _TakeMail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 localhost")
        while line := self.rfile.readline().strip().upper():
            if line == b"DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.received.append(message_from_bytes(b"".join(lines), policy=default))
            self._say("221 bye" if line == b"QUIT" else "250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """The server, answering until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        if isinstance(server, Webhook):
            server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
