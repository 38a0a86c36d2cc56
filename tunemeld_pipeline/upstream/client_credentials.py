"""Tokens by OAuth's client credentials (RFC 6749, 4.4): fetched when one is wanted, and kept until shortly before it ends."""

import base64
import threading
import time

from tunemeld_pipeline.redaction import protect_values
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.wire_formats.oauth import TOKEN

SPARE_SECONDS = 60.0


class ClientCredentials:
    """The token of an application; several threads may ask for it, and one fetches it.

    Args:
        client: of the host that issues tokens.
        path: where it does.
        client_id, secret: of the operator's application.
    """

    def __init__(self, client: HttpClient, path: str, client_id: str, secret: str) -> None:
        self._client = client
        self._path = path
        self._basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        self._token = ""
        self._ends = 0.0
        self._lock = threading.Lock()

    def token(self) -> str:
        """One that is good for a minute at least, where the host issues any for so long. No log and no error shows it.

        Raises:
            UpstreamError: none was issued.
        """
        with self._lock:
            if time.monotonic() >= self._ends:
                self._token, lasts = self._client.request(
                    "POST",
                    self._path,
                    read_token,
                    form={"grant_type": "client_credentials"},
                    headers={"Authorization": f"Basic {self._basic}"},
                    budget=UnlimitedBudget(),
                )
                protect_values([self._token])
                self._ends = time.monotonic() + lasts - SPARE_SECONDS
            return self._token


def read_token(answer: Answer) -> tuple[str, float]:
    """The token, and how many seconds it lasts."""
    read = TOKEN.read(answer.data)
    return read["token"], float(read["lasts"])
