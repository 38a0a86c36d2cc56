"""What one service says of one recording, as it is displayed.

Every function of this package takes such a row. The parsers of the services' answers make rows, and `titles.py` reads what they mean.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a playlist, a search answer or a look-up.

    Attributes:
        title: as displayed, for example "Glass Rivers (feat. Ona Vale) [Marrow Remix]"; may be empty.
        artist: as displayed, for example "A, B & C"; may be empty.
        duration_ms: length in milliseconds; None where unknown.
        isrc: the International Standard Recording Code; None where unknown.
        uploader: SoundCloud's user name, which may be the artist or a label.
        service: the service's name, for people; it plays no part in the decision.
        key: the caller's unique key, for example "SoundCloud:1234"; overrides name rows by it.
    """

    title: str
    artist: str
    duration_ms: int | None = None
    isrc: str | None = None
    uploader: str | None = None
    service: str | None = None
    key: str = ""

    @property
    def canonical_isrc(self) -> str | None:
        """The ISRC in the form in which it is compared: "us-abc-24-00001" is "USABC2400001"; None for an empty one."""
        return (self.isrc or "").replace("-", "").strip().upper() or None
