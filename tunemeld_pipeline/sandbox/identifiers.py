"""The ids of the invented world: Spotify, Apple Music, SoundCloud and YouTube ids and ISRCs that can be decoded.

An id encodes a recording's place in the world (`world.py`), shuffled by a keyed permutation. So the sandbox can answer for any id that it
ever issued without storing one; an id that it never issued decodes to nonsense.
"""

import base64
import binascii
import re
import string
from hashlib import blake2b
from typing import NamedTuple

GENRES, SLOTS, OCCUPANTS, VARIANTS = 1 << 5, 1 << 14, 1 << 9, 1 << 4
"""The bounds of a place: 32 genres, 16,384 slots per genre, 512 successive recordings in a slot, 16 variants of each."""

NARROW = 1 << 9
MOST_GENRES = GENRES * SLOTS // NARROW
"""Where there are more genres, up to 1,024, each has 512 slots: genre 32 has the numbers of genre 0's slots from 512 on. So the first 32
genres keep their ids, however many follow."""

BASE62 = string.digits + string.ascii_letters
BASE36 = string.digits + string.ascii_uppercase
SPOTIFY_ID_LENGTH = 22
YOUTUBE_ID_LENGTH = 11

ISRC_PREFIX = "XX"
"""A prefix that no registrant has: XX is user-assigned in ISO 3166-1, so it belongs to no country, and it is not one of the codes that
the ISRC agencies took from that range for themselves (QM, QN, QT, QZ, XK and, since 2007, ZZ)."""
ISRC_FORM = re.compile(rf"{ISRC_PREFIX}[A-Z0-9]{{3}}[0-9]{{7}}")


class Ref(NamedTuple):
    """A place in the world: the genre, the slot in its charts, the number of the recording in that slot, and its variant."""

    genre: int
    slot: int
    occupant: int
    variant: int = 0

    def pack(self) -> int:
        """The place as a number of 32 bits."""
        block, genre = divmod(self.genre, GENRES)
        place = genre * SLOTS + block * NARROW + self.slot
        return (place * OCCUPANTS + self.occupant) * VARIANTS + self.variant

    @classmethod
    def unpack(cls, number: int, slots: int = SLOTS) -> "Ref":
        """The place that `pack` turned into this number, in a world whose genres have so many slots."""
        rest, variant = divmod(number, VARIANTS)
        rest, occupant = divmod(rest, OCCUPANTS)
        genre, slot = divmod(rest, SLOTS)
        return cls(genre + slot // slots * GENRES, slot % slots, occupant, variant)


class Permutation:
    """A keyed permutation of the numbers of `bits` bits: a Feistel network of four rounds with BLAKE2b as round function."""

    def __init__(self, seed: int, label: str, bits: int) -> None:
        self._half = bits // 2
        self._mask = (1 << self._half) - 1
        self._keys = [f"{seed}/{label}/{number}".encode() for number in range(4)]

    def _mix(self, key: bytes, half: int) -> int:
        digest = blake2b(half.to_bytes(8, "big"), key=key, digest_size=8).digest()
        return int.from_bytes(digest, "big") & self._mask

    def forward(self, number: int) -> int:
        left, right = number >> self._half, number & self._mask
        for key in self._keys:
            left, right = right, left ^ self._mix(key, right)
        return left << self._half | right

    def backward(self, number: int) -> int:
        left, right = number >> self._half, number & self._mask
        for key in reversed(self._keys):
            left, right = right ^ self._mix(key, left), left
        return left << self._half | right


class Identifiers:
    """All ids of one world. Every method is a pure function of the seed and its argument.

    Args:
        slots: how many each genre has: all of them, or `NARROW`, where there are more than 32 genres.
    """

    def __init__(self, seed: int, slots: int = SLOTS) -> None:
        self._slots = slots
        self._tracks = Permutation(seed, "spotify track", 128)
        self._albums = Permutation(seed, "spotify album", 128)
        self._artists = Permutation(seed, "spotify artist", 128)
        self._videos = Permutation(seed, "youtube video", 64)
        self._recordings = Permutation(seed, "isrc", 32)
        self._apple = Permutation(seed, "apple music", 32)
        self._soundcloud = Permutation(seed, "soundcloud", 32)
        self._deezer = Permutation(seed, "deezer", 32)

    def spotify_track(self, ref: Ref) -> str:
        """22 characters of base 62, like Spotify's ids."""
        return _base62(self._tracks.forward(ref.pack()))

    def spotify_album(self, ref: Ref) -> str:
        """The album that is named for this place's recording."""
        return _base62(self._albums.forward(ref.pack()))

    def spotify_artist(self, number: int) -> str:
        """The artist with this number, which must have at most 32 bits."""
        return _base62(self._artists.forward(number))

    def track_of(self, spotify_id: str) -> Ref | None:
        """The place behind a Spotify track id, or None for an id that this world never issued."""
        return self._place(_read_base62(self._tracks, spotify_id))

    def album_of(self, spotify_id: str) -> Ref | None:
        """The place behind a Spotify album id, or None for an id that this world never issued."""
        return self._place(_read_base62(self._albums, spotify_id))

    def youtube_video(self, ref: Ref) -> str:
        """11 characters of URL-safe base 64, like YouTube's ids; the variant says which video about the recording it is."""
        raw = self._videos.forward(ref.pack()).to_bytes(8, "big")
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def video_of(self, youtube_id: str) -> Ref | None:
        """The place behind a YouTube id, or None for an id that this world never issued."""
        if len(youtube_id) != YOUTUBE_ID_LENGTH:
            return None
        try:
            raw = base64.b64decode(youtube_id + "=", altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        return self._place(self._videos.backward(int.from_bytes(raw, "big")))

    def isrc(self, ref: Ref, year: int) -> str:
        """The ISRC of a recording registered in this year: prefix, registrant, two digits of the year, designation (ISO 3901)."""
        registrant, designation = divmod(self._recordings.forward(ref.pack()), 100_000)
        letters = "".join(BASE36[registrant // 36**place % 36] for place in (2, 1, 0))
        return f"{ISRC_PREFIX}{letters}{year % 100:02}{designation:05}"

    def recording_of(self, isrc: str) -> Ref | None:
        """The place behind an ISRC, ignoring its year; None for an ISRC that cannot belong to this world."""
        if not ISRC_FORM.fullmatch(isrc):
            return None
        number = int(isrc[2:5], 36) * 100_000 + int(isrc[7:])
        return self._place(self._recordings.backward(number)) if number < 1 << 32 else None

    def apple_music(self, ref: Ref) -> int:
        """The number in Apple Music's addresses."""
        return self._apple.forward(ref.pack())

    def soundcloud(self, ref: Ref) -> int:
        """The number of a track on SoundCloud."""
        return self._soundcloud.forward(ref.pack())

    def deezer(self, ref: Ref) -> int:
        """The number of a track on Deezer."""
        return self._deezer.forward(ref.pack())

    def deezer_track(self, number: str) -> Ref | None:
        """The place behind a track's number on Deezer, or None for what is no such number."""
        if not (number.isascii() and number.isdecimal() and int(number) < 1 << 32):
            return None
        return self._place(self._deezer.backward(int(number)))

    def _place(self, number: int | None) -> Ref | None:
        return Ref.unpack(number, self._slots) if number is not None and number < 1 << 32 else None


def _base62(number: int) -> str:
    digits = []
    for _ in range(SPOTIFY_ID_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def _read_base62(permutation: Permutation, text: str) -> int | None:
    if len(text) != SPOTIFY_ID_LENGTH or not (text.isascii() and text.isalnum()):
        return None
    number = 0
    for character in text:
        number = number * 62 + BASE62.index(character)
    return permutation.backward(number) if number < 1 << 128 else None
