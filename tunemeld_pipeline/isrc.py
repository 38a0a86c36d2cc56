"""The International Standard Recording Code (ISO 3901) and its one spelling here: twelve characters, capitals and ASCII digits."""

import re
import unicodedata

ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
"""Two letters, three alphanumerics of the registrant, two digits of the year, five of the designation."""

_WRITTEN = re.compile(rf"(?:ISRC:?)?({ISRC.pattern})")
_LEFT_OUT = {"Pd", "Zs", "Zl", "Zp", "Cc", "Cf"}
"""Dashes of any length, spaces and what is invisible: people write them between the parts."""

_MINUS = "\u2212"


def well_formed_isrc(value: object) -> str | None:
    """The ISRC however it is written ("ISRC QZ-Z99-26-00001", with typographic dashes); None for anything else."""
    if not isinstance(value, str) or len(value) > 100:
        return None
    code = "".join(char for char in value if char != _MINUS and unicodedata.category(char) not in _LEFT_OUT)
    # Some letters of other alphabets become ASCII as capitals.
    written = _WRITTEN.fullmatch(code.upper()) if code.isascii() else None
    return written[1] if written else None
