"""The packaged services' players: which addresses each can play. The page makes the same of them with a browser's expressions."""

import re
from urllib.parse import quote

import pytest

from tunemeld_pipeline.charts.services import Player
from tunemeld_pipeline.plugins.registry import count_sources, services

PLAYERS = {one.key: one.player for one in (*count_sources(), *services())}
"""A service's own player comes last where it also counts."""


def played(player: Player, address: str) -> str | None:
    """The player's address for a recording's."""
    found = re.match(player.track, address)
    return (
        re.sub(r"\{(\d+)\}", lambda group: quote(found[int(group[1])] or "", safe=""), player.address)
        if found
        else None
    )


@pytest.mark.parametrize(
    ("service", "address", "expected"),
    [
        (
            "Youtube",
            "https://www.youtube.com/watch?v=p-u3FbolHMY",
            "https://www.youtube-nocookie.com/embed/p-u3FbolHMY",
        ),
        (
            "Youtube",
            "https://music.youtube.com/watch?a=b&v=p-u3FbolHMY&t=3",
            "https://www.youtube-nocookie.com/embed/p-u3FbolHMY",
        ),
        ("Youtube", "https://youtu.be/p-u3FbolHMY?t=3", "https://www.youtube-nocookie.com/embed/p-u3FbolHMY"),
        ("Spotify", "https://open.spotify.com/intl-de/track/2k56raMc", "https://open.spotify.com/embed/track/2k56raMc"),
        ("AppleMusic", "https://music.apple.com/us/album/a-song/26?i=18", "https://embed.music.apple.com/us/song/18"),
        ("AppleMusic", "https://music.apple.com/us/song/18", "https://embed.music.apple.com/us/song/18"),
        ("AppleMusic", "https://music.apple.com/gb/song/a-song/18", "https://embed.music.apple.com/gb/song/18"),
        (
            "SoundCloud",
            "https://soundcloud.com/the-quiet/a&b?si=1",
            "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fthe-quiet%2Fa%26b&show_teaser=false",
        ),
        ("Deezer", "https://www.deezer.com/track/3135556", "https://widget.deezer.com/widget/auto/track/3135556"),
        (
            "Deezer",
            "https://www.deezer.com/en/track/3135556?a=b",
            "https://widget.deezer.com/widget/auto/track/3135556",
        ),
    ],
)
def test_it_works(service: str, address: str, expected: str) -> None:
    player = PLAYERS[service]
    assert player is not None
    assert played(player, address) == expected
    assert expected.startswith(f"{player.origin}/")


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ("Youtube", "https://www.youtube.com/watch?v=<script>"),
        ("Youtube", "https://youtube.com.evil.example/watch?v=p-u3FbolHMY"),
        ("Youtube", "https://www.youtube.com/watch?v=p-u3FbolHMYxyz"),
        ("Spotify", "https://open.spotify.com/playlist/2k56raMc"),
        ("SoundCloud", "https://soundcloud.com/nobody"),
        ("AppleMusic", "https://music.apple.com.evil.example/us/album/a/26?i=1"),
        ("AppleMusic", "https://music.apple.com/us/album/an-album/26"),
        ("Spotify", "not an address"),
        ("Deezer", "https://www.deezer.com/album/302127"),
        ("Deezer", "https://www.deezer.com.evil.example/track/3135556"),
    ],
)
def test_what_is_no_recording_there_has_no_player(service: str, address: str) -> None:
    player = PLAYERS[service]
    assert player is not None
    assert played(player, address) is None


def test_each_service_says_where_its_covers_are() -> None:
    for one in (*services(), *count_sources()):
        assert all(re.fullmatch(r"https://(\*\.)?[a-z0-9.-]+", host) for host in one.cover_hosts)
    assert all(service.cover_hosts for service in services())
