"""What docs/threat-model.md promises of the code as a whole: no shell, no address from data, certificates checked, private files private.

These are promises that no single module can keep. Secrets in logs are tested in `test_redaction.py`, the API's headers and hosts in
`django_backend/`, redirects and sizes of answers in `upstream/`.
"""

import ast
import os
import re
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.licences import PAGE, is_fit, locked
from tests.receivers import Webhook
from tests.sources import nodes
from tunemeld_pipeline.errors import UpstreamUnavailable
from tunemeld_pipeline.local.processes import spawn_detached, wait_until
from tunemeld_pipeline.settings.sources import load_settings
from tunemeld_pipeline.upstream.client import HttpClient, Limits, UnlimitedBudget
from tunemeld_pipeline.watching.delivery import deliver
from tunemeld_pipeline.watching.incidents import Message

PROJECT = Path(__file__).parents[1]
CODE = sorted(
    path for name in ("tunemeld_pipeline", "django_backend", "scripts") for path in (PROJECT / name).rglob("*.py")
)

HTTP_CLIENTS = {"requests", "urllib.request", "urllib3", "httpx", "aiohttp", "http.client", "httplib2", "socket"}
CALLERS = {
    "tunemeld_pipeline/upstream/headers.py": "nobody: it reads Retry-After with urllib3's parser",
    "tunemeld_pipeline/upstream/client.py": "every upstream and the shared cache, below the addresses in the settings",
    "tunemeld_pipeline/watching/delivery.py": "the addresses in ALARM_URLS",
    "tunemeld_pipeline/watching/day_end.py": "the address in HEARTBEAT_URL",
    "tunemeld_pipeline/supervision/probes.py": "parts of ours on this machine",
    "tunemeld_pipeline/operations/api_health.py": "a server of ours, named on the command line",
    "tunemeld_pipeline/local/sandbox_service.py": "the sandbox on this machine",
    "tunemeld_pipeline/sandbox/faults.py": "the sandbox on this machine",
    "tunemeld_pipeline/cli/sandbox.py": "a sandbox of ours, named on the command line",
}
"""Who may open a connection over HTTP, and where to. Whoever adds to it says where an address comes from."""


def place(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(path) if isinstance(node, ast.Call))


def test_no_program_is_started_by_a_line_that_a_shell_reads() -> None:
    found = []
    for path in CODE:
        for call in calls(path):
            name = ast.unparse(call.func) if isinstance(call.func, ast.Attribute) else ""
            shell = [one.value for one in call.keywords if one.arg == "shell"]
            if name in {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"} or shell:
                found.append(f"{place(path)}:{call.lineno} {name}")
    assert found == []


def test_the_one_shell_script_is_a_constant_and_takes_its_words_as_they_are(tmp_path: Path) -> None:
    # A shell that is given a file to run, as the page's is, reads no line of ours.
    line = re.compile(r"""["'](/bin/|/usr/bin/)?(ba|da|z)?sh["'],\s*["']-\w*c["']""")
    assert [place(path) for path in CODE if line.search(path.read_text("utf-8"))] == [
        "tunemeld_pipeline/local/processes.py"
    ]
    log = tmp_path / "$(touch hit) `touch hit`; touch hit"
    words = ["; touch hit", "$(touch hit)", "`touch hit`", "a b", "'", '"']
    spawn_detached([sys.executable, "-c", "import sys; print(sys.argv[1:])", *words], log=log, directory=tmp_path)
    assert wait_until(lambda: log.is_file() and log.read_text() == f"{words}\n", seconds=300)
    assert [path.name for path in tmp_path.iterdir()] == [log.name]


def test_only_named_modules_open_connections_and_none_of_the_api_does() -> None:
    callers = set()
    for path in CODE:
        for node in nodes(path):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                # The names of status codes and of errors are no clients.
                harmless = {alias.name for alias in node.names} <= {"responses", "HTTPStatus", "HTTPException"}
                names = [] if harmless else [node.module]
            if any(
                name == client or name.startswith(f"{client}.")
                for name in names
                for client in HTTP_CLIENTS - {"socket"}
            ):
                callers.add(place(path))
    assert callers - set(CALLERS) == set()
    assert not any(caller.startswith("django_backend/") for caller in callers)


@pytest.mark.parametrize("path", ["@elsewhere.example/", "elsewhere", ".evil.example/x", "http://elsewhere.example/"])
def test_a_path_cannot_lead_away_from_its_service(path: str) -> None:
    with (
        HttpClient("Spotify", "https://api.example", {}, Limits()) as client,
        pytest.raises(ValueError, match="no path"),
    ):
        client.get(path, {}, lambda answer: answer, budget=UnlimitedBudget())


@contextmanager
def self_signed(folder: Path) -> Iterator[Webhook]:
    """A webhook behind TLS, with a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with _Quiet() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Quiet(Webhook, ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """That a client ends the handshake is what the tests are about."""


@pytest.fixture
def trust_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said to turn the check of certificates off, by this or that library."""
    for name, value in {
        "PYTHONHTTPSVERIFY": "0",
        "CURL_CA_BUNDLE": "",
        "REQUESTS_CA_BUNDLE": "",
        "NODE_TLS_REJECT_UNAUTHORIZED": "0",
        "GIT_SSL_NO_VERIFY": "1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("trust_turned_off")
def test_an_upstream_whose_certificate_nobody_vouches_for_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    with self_signed(tmp_path) as server:
        limits = Limits(attempts=1, first_wait=0)
        with (
            HttpClient("Spotify", f"https://{server.address}", {"X-RapidAPI-Key": "canary"}, limits) as client,
            pytest.raises(UpstreamUnavailable, match="TLS refused"),
        ):
            client.get("/x", {}, lambda answer: answer, budget=UnlimitedBudget())
        assert server.received == []


@pytest.mark.usefixtures("trust_turned_off")
def test_an_alarm_is_not_sent_to_a_server_that_claims_to_be_the_webhook(tmp_path: Path) -> None:
    with self_signed(tmp_path) as server:
        (why,) = deliver([f"jsons://{server.address}/hook"], Message("title", "body", "info")).values()
        assert why is not None
        assert server.received == []


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o644, True)])
@pytest.mark.parametrize("line", ["RAPIDAPI_KEY=a1b2c3d4e5f6a7b8c9d0", "LOG_LEVEL=DEBUG"])
def test_an_env_file_with_a_secret_that_others_can_read_is_reported_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, warned: bool, line: str
) -> None:
    monkeypatch.delenv("TUNEMELD_ENV", raising=False)
    file = tmp_path / ".env"
    file.write_text(f"{line}\n")
    file.chmod(mode)
    warnings = load_settings(env_file=file).provenance.warnings
    wanted = (f"{file}: holds secrets, and others on this machine can read it; chmod 600 {file}",)
    assert warnings == (wanted if warned and "KEY" in line else ())
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_bandit_still_finds_what_it_is_there_for(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import subprocess\nsubprocess.call(input(), shell=True)\n")
    command = [sys.executable, "-m", "bandit", "-q", "-c", PROJECT / "pyproject.toml", tmp_path / "bad.py"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    assert found.returncode == 1
    assert "B602" in found.stdout


@pytest.mark.parametrize(
    ("licence", "fit"),
    [
        ("MIT", True),
        ("BSD-3-Clause", True),
        ("3-Clause BSD License", True),
        ("Mozilla Public License 2.0 (MPL 2.0)", True),
        ("MIT OR GPL-2.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("LGPL-2.1", False),
        ("AGPL-3.0", False),
        ("Server Side Public License", False),
        ("BUSL-1.1", False),
        ("UNKNOWN", False),
        ("", False),
        ("Mitsubishi Proprietary", False),
    ],
)
def test_a_licence_is_fit_or_refused(licence: str, fit: bool) -> None:
    assert is_fit(licence) is fit


def test_the_list_of_licences_names_what_is_locked() -> None:
    listed = re.findall(r"^\| ([\w.-]+) \| (?!---)", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name for name in listed if name != "package"] == sorted(locked()), "make licences ARGS=--write"
