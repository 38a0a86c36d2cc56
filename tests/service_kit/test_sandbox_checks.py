"""The checks of a client let that of a new package pass, and find each way in which it could misbehave."""

import pytest

from tests.service_kit.conftest import Install
from tunemeld_pipeline.service_kit import sandbox_checks
from tunemeld_pipeline.service_kit.bodies import folder_of

ASKS = "    def playlist(self, playlist: Playlist) -> FetchedPlaylist:\n"
CALLS = 'path = f"/playlists/'
KEYED = {
    "__init__.py": (
        'terms=Terms(documented=True, address="https://wavelet.example/terms"),\n    ),\n)',
        'terms=Terms(documented=True, address="https://wavelet.example/terms"),\n        needs=("WAVELET_KEY",),\n    ),\n)\n'
        "from tunemeld_pipeline.plugins.contract import Setting, SettingKind\n"
        'SETTINGS = (Setting("WAVELET_KEY", "A key.", SettingKind.SECRET),)',
    ),
}
IN_ADDRESS = ('asked = {"offset"', 'asked = {"key": self.setting("WAVELET_KEY"), "offset"')

MISBEHAVING = {
    "it asks spotify, which is none of its hosts": {
        "api.py": (
            CALLS,
            'import requests; requests.get(self._clients["wavelet"]._base_url.replace("/wavelet/", "/spotify/"))\n        '
            + CALLS,
        )
    },
    "went through its clients, which keep the rates": {
        "api.py": (CALLS, 'import requests; requests.get(self._clients["wavelet"]._base_url)\n        ' + CALLS)
    },
    "it connects to something else than its hosts": {
        "api.py": (
            CALLS,
            "import contextlib, socket\n        with contextlib.suppress(OSError), socket.socket() as one:\n"
            "            one.connect(('127.0.0.1', 9))\n        " + CALLS,
        )
    },
    "it asks wavelet any number of times a second, and declares 2": {
        "api.py": (
            'return {"wavelet": self._client("wavelet", {}, read_error)}',
            'client = self._client("wavelet", {}, read_error)\n'
            "        client._manners = None\n"
            '        return {"wavelet": client}',
        )
    },
    "it sends a key in an address": {**KEYED, "api.py": IN_ADDRESS},
    "its client brings no list from the sandbox": {"api.py": ("/tracks", "/trakcs")},
    "of a list of 60 rows in the sandbox it reads": {
        "sandbox.py": ('"id": f"wavelet-{number}"', '"id": f"wavelet-{number}" if number % 4 == 0 else None')
    },
}
READS = 'error = data.get("error") if isinstance(data, dict) else None'
INDISCREET = {
    "it reveals a key": {**KEYED, "api.py": (READS, "raise QuotaExhausted(service, str(data))")},
    "of a refusal it raises KeyError": {"api.py": (READS, 'error = data["eror"]')},
}


def test_the_client_of_a_new_package_passes(install: Install) -> None:
    found = install()
    with sandbox_checks.sandbox() as server:
        assert list(sandbox_checks.misbehaving(found, found.sources[0], server)) == []
    with sandbox_checks.refusing() as server:
        assert list(sandbox_checks.indiscreet(found, found.sources[0], server)) == []


@pytest.mark.parametrize("wrong", MISBEHAVING)
def test_a_client_that_misbehaves_is_found(install: Install, wrong: str) -> None:
    found = install(edits=MISBEHAVING[wrong])
    with sandbox_checks.sandbox() as server:
        findings = list(sandbox_checks.misbehaving(found, found.sources[0], server))
    assert any(wrong in one for one in findings), findings


@pytest.mark.parametrize("wrong", INDISCREET)
def test_a_client_that_is_indiscreet_is_found(install: Install, wrong: str) -> None:
    edits = dict(INDISCREET[wrong])
    found = install(edits=edits)
    if wrong == "it reveals a key":
        api = folder_of(found) / "api.py"
        api.write_text(api.read_text("utf-8").replace(*IN_ADDRESS), "utf-8")
    with sandbox_checks.refusing() as server:
        findings = list(sandbox_checks.indiscreet(found, found.sources[0], server))
    assert any(wrong in one for one in findings), findings
    assert sandbox_checks.CANARY not in str(findings)
