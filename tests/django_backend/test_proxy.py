"""The API and Dagster's UI behind the real nginx, with the very files that docs/nginx/ shows; only paths, ports and addresses differ."""

import base64
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.django_backend.conftest import GENRE, Api, free_port
from tests.django_backend.test_idle_clients import answer, wait_until_closed
from tunemeld_pipeline.local.processes import wait_until

FILES = Path(__file__).parents[2] / "docs" / "nginx"
SECONDS = 300
MAIN = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass
class Proxy:
    """A running nginx: the ports for TLS and without, and the certificate that it shows for one name."""

    name: str
    port: int
    plain_port: int
    certificate: Path

    def ask(self, path: str, method: str = "GET", **headers: str) -> requests.Response:
        """One request over TLS, without redirects."""
        sent = {"Accept-Encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
        url = f"https://127.0.0.1:{self.port}{path}"
        return requests.request(
            method,
            url,
            headers={"Host": self.name, **sent},
            timeout=SECONDS,
            allow_redirects=False,
            verify=str(self.certificate),
        )

    @contextmanager
    def clients(self, number: int, first: bytes) -> Iterator[list[ssl.SSLSocket]]:
        """So many TLS connections that have sent the same bytes."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with ExitStack() as stack:
            opened = []
            for _ in range(number):
                plain = stack.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS))
                one = stack.enter_context(context.wrap_socket(plain, server_hostname=self.name))
                one.sendall(first)
                opened.append(one)
            yield opened


@pytest.fixture(scope="module")
def programs() -> tuple[str, str]:
    """nginx and openssl. Without them these tests are skipped; in CI, which installs both, they fail."""
    # Debian's nginx is where only root's PATH leads.
    path = os.pathsep.join((os.environ["PATH"], "/usr/sbin"))
    nginx, openssl = shutil.which("nginx", path=path), shutil.which("openssl")
    if nginx is None or openssl is None:
        missing = "nginx and openssl are needed to try the proxy's files"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}; .ci/run installs them")
        pytest.skip(f"{missing}; install them (apt-get install nginx-light openssl)")
    return nginx, openssl


@contextmanager
def proxy(programs: tuple[str, str], folder: Path, file: str, backend: str) -> Iterator[Proxy]:
    """nginx with one of the files in front of a backend."""
    nginx, openssl = programs
    name = "tunemeld.example" if file == "tunemeld.conf" else "dagster.example"
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"]
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        [openssl, *new, *subject, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    (folder / "dagster.htpasswd").write_text("operator:{PLAIN}let me in\n")
    port, plain_port = free_port(), free_port()
    text = (FILES / file).read_text()
    for shown, used in (
        (f"/etc/letsencrypt/live/{name}", str(folder)),
        ("/etc/nginx/dagster.htpasswd", str(folder / "dagster.htpasswd")),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("127.0.0.1:8000", backend),
        ("127.0.0.1:3000", backend),
    ):
        text = text.replace(shown, used)
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user="user root;" if os.geteuid() == 0 else ""))
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    tried = subprocess.run(
        [*command, "-t", "-g", f"error_log {folder}/errors;"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr, tried.stderr
    with subprocess.Popen(command) as process:
        try:
            assert wait_until(lambda: is_open(port) or process.poll() is not None, seconds=SECONDS)
            yield Proxy(name, port, plain_port, certificate)
        finally:
            process.terminate()


def is_open(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def proxied(programs: tuple[str, str], api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The API behind nginx."""
    with proxy(programs, tmp_path_factory.mktemp("nginx"), "tunemeld.conf", urlsplit(api.url).netloc) as running:
        yield running


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's own head."""

    def do_GET(self) -> None:
        body = self.headers.as_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def asked(host: str, *lines: str, start: str = f"GET /playlist-data/{GENRE}") -> bytes:
    return "\r\n".join((f"{start} HTTP/1.1", f"Host: {host}", *lines, "", "")).encode()


class TestApi:
    def test_it_works(self, proxied: Proxy, api: Api) -> None:
        chart = proxied.ask(f"/playlist-data/{GENRE}")
        assert chart.status_code == 200
        assert chart.json() == api.ask(f"/playlist-data/{GENRE}").json()
        assert "/" not in chart.headers["Server"]
        known = proxied.ask(f"/playlist-data/{GENRE}", If_None_Match=chart.headers["ETag"])
        assert (known.status_code, known.content) == (304, b"")

    @pytest.mark.parametrize("encoding", ["gzip", "br"])
    def test_answers_arrive_compressed_as_the_api_made_them(self, proxied: Proxy, api: Api, encoding: str) -> None:
        sent = proxied.ask(f"/playlist-data/{GENRE}", Accept_Encoding=encoding)
        direct = api.ask(f"/playlist-data/{GENRE}", Accept_Encoding=encoding)
        assert sent.headers["Content-Encoding"] == encoding
        for name in ("ETag", "Content-Length", "Vary", "Cache-Control"):
            assert sent.headers[name] == direct.headers[name]

    def test_plain_http_is_sent_to_tls(self, proxied: Proxy) -> None:
        answered = requests.get(
            f"http://127.0.0.1:{proxied.plain_port}/genres?x=1", timeout=SECONDS, allow_redirects=False
        )
        assert (answered.status_code, answered.headers["Location"]) == (301, "https://tunemeld.example/genres?x=1")

    def test_clients_that_are_idle_or_slow_are_closed_and_hinder_nobody(self, proxied: Proxy) -> None:
        host = proxied.name
        with (
            proxied.clients(200, b"") as silent,
            proxied.clients(20, asked(host)) as kept_alive,
            proxied.clients(20, asked(host)[:-2] + b"X-Slow: ") as slow,
            proxied.clients(20, asked(host, "Content-Length: 1") ) as without_body,
        ):  # fmt: skip
            for one in kept_alive:
                assert answer(one).startswith(b"HTTP/1.1 200")
            assert proxied.ask("/genres").status_code == 200
            for one in slow:
                one.sendall(b"x")
            for group in (silent, kept_alive, slow, without_body):
                wait_until_closed(group)
        assert proxied.ask("/genres").status_code == 200

    @pytest.mark.parametrize(
        ("framing", "status"),
        [
            (("Content-Length: 5", "Transfer-Encoding: chunked"), b"400"),
            (("Transfer-Encoding: chunked", "Content-Length: 5"), b"400"),
            (("Transfer-Encoding: chunked",), b"400"),
            (("Content-Length: 1000000",), b"413"),
        ],
    )
    def test_bodies_are_refused_unread(self, proxied: Proxy, framing: Sequence[str], status: bytes) -> None:
        with proxied.clients(1, asked(proxied.name, *framing) + b"0\r\n\r\n") as (one,):
            assert one.recv(65_536).startswith(b"HTTP/1.1 " + status)
            wait_until_closed([one])

    def test_a_connection_serves_so_many_requests(self, proxied: Proxy) -> None:
        with proxied.clients(1, asked(proxied.name, start="HEAD /genres")) as (one,):
            heads = 0
            with one.makefile("rb") as lines:
                while line := lines.readline():
                    if line == b"\r\n":
                        heads += 1
                        try:
                            one.sendall(asked(proxied.name, start="HEAD /health/live"))
                        except OSError:
                            break
        assert heads == 1_000

    def test_the_api_learns_who_asks_and_how(self, programs: tuple[str, str], echo: str, tmp_path: Path) -> None:
        with proxy(programs, tmp_path, "tunemeld.conf", echo) as running:
            answered = running.ask("/", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="http", X_Request_ID="a").text
        lines = dict(line.split(": ", 1) for line in answered.splitlines() if line)
        assert lines["X-Forwarded-For"] == "127.0.0.1"
        assert lines["X-Forwarded-Proto"] == "https"
        assert lines["Host"] == "tunemeld.example"
        assert "Connection" not in lines
        assert lines["X-Request-ID"] == "a"


def test_dagsters_ui_is_shown_to_those_with_the_password_only(
    programs: tuple[str, str], echo: str, tmp_path: Path
) -> None:
    with proxy(programs, tmp_path, "dagster-ui.conf", echo) as running:
        assert running.ask("/graphql").status_code == 401
        password = base64.b64encode(b"operator:let me in").decode()
        answered = running.ask("/graphql", Authorization=f"Basic {password}", Connection="Upgrade", Upgrade="websocket")
    assert answered.status_code == 200
    assert {"Host: dagster.example", "Upgrade: websocket", "Connection: Upgrade"} <= set(answered.text.splitlines())
