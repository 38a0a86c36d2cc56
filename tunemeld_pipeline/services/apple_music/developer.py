"""Apple Music's playlists through its documented API, with a token that is made from the operator's own key.

A token is made for a run and held in memory alone. The first call brings the playlist with its first hundred tracks, ISRCs among them; the
others follow page by page. The format is in `developer_formats.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import CredentialsRefused, NotFound, UpstreamError
from tunemeld_pipeline.services.apple_music import SERVICE
from tunemeld_pipeline.services.apple_music import developer_formats as api
from tunemeld_pipeline.services.apple_music.formats import STOREFRONT
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.paging import Page, all_pages, page_of
from tunemeld_pipeline.upstream.service_client import ListClient
from tunemeld_pipeline.wire_formats.received import Unreadable

PAGE_SIZE = 100
TOKEN_LIFETIME = timedelta(hours=12)
"""Longer than any run; Apple allows half a year."""


class AppleMusicDeveloperClient(ListClient):
    """Apple Music's own API: a genre's playlist, page by page."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {"apple_music_api": self._client("apple_music_api", read_error=read_error)}

    @cached_property
    def _token(self) -> str:
        """A token for this run.

        Raises:
            CredentialsRefused: the key's file cannot be read or holds no such key, or what signs with it is not installed.
        """
        try:
            import jwt
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError as error:
            raise CredentialsRefused(
                self.label, "PyJWT is not installed, which signs its tokens", remedy="pip install 'tunemeld[apple]'"
            ) from error
        now = datetime.now(UTC)
        claims = {"iss": self.setting("APPLE_MUSIC_TEAM_ID"), "iat": now, "exp": now + TOKEN_LIFETIME}
        try:
            if self.settings.upstreams is Upstreams.LIVE:
                key: Any = Path(self.setting("APPLE_MUSIC_KEY_FILE")).read_text("utf-8")
            else:  # The sandbox knows nobody's key, and takes a token that any key of this kind has signed.
                key = ec.generate_private_key(ec.SECP256R1())
            return jwt.encode(claims, key, "ES256", {"kid": self.setting("APPLE_MUSIC_KEY_ID")})
        except (OSError, ValueError, TypeError, jwt.PyJWTError) as error:
            # The cause may show what the file holds.
            raise CredentialsRefused(
                self.label,
                f"APPLE_MUSIC_KEY_FILE holds no private key for ES256 that can be read ({type(error).__name__})",
                remedy="download the .p8 file of a MusicKit key from developer.apple.com and name it there",
            ) from None

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        path = (
            f"/v1/catalog/{storefront_of(playlist.url)}/playlists/{quote(SERVICE.playlist_id(playlist.url), safe='')}"
        )

        def fetch(offset: int) -> Page:
            later: dict[str, str | int] = {"limit": PAGE_SIZE, "offset": offset}
            return self._clients["apple_music_api"].request(
                "GET",
                f"{path}/tracks" if offset else path,
                read_page,
                params=later if offset else {"include": "tracks"},
                headers={"Authorization": f"Bearer {self._token}"},
                budget=UnlimitedBudget(),
            )

        return all_pages(self.label, fetch)


def storefront_of(address: str) -> str:
    """The storefront that a playlist's address names: `us` in `https://music.apple.com/us/playlist/…`; that one too where it names none."""
    first = urlsplit(address).path.strip("/").partition("/")[0]
    return first if STOREFRONT.fullmatch(first) else "us"


def read_page(answer: Answer) -> Page:
    """A playlist with its first tracks, or a further page of them."""
    read = api.ANSWER.read(answer.data)
    try:
        following, unreadable = api.offset_in(read["first_next"] or read["next"]), False
    except Unreadable:
        following, unreadable = None, True
    return page_of(answer, len(read["rows"]), PAGE_SIZE, following, unreadable=unreadable)


def read_error(service: str, status: int, _headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """Apple's `{"errors": [{"status", "code", "title", "detail"}]}`; a refused token has no body at all."""
    errors = data.get("errors") if isinstance(data, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = str(first.get("status", status))
    if code in ("401", "403"):
        return CredentialsRefused(
            service,
            "its API refused the developer token",
            remedy="check APPLE_MUSIC_KEY_FILE, APPLE_MUSIC_KEY_ID and APPLE_MUSIC_TEAM_ID, and this machine's clock",
        )
    if code == "404":
        return NotFound(service, "its API has no such playlist")
    return None
