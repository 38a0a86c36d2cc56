"""Names from services as one line of text that any format can hold."""

import re

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")
"""What ends a line somewhere or is no character of XML 1.0; of the characters that XML takes, the controls too."""


def plain_line(text: str) -> str:
    """The text without control characters, line ends and what XML cannot hold, with single spaces in their place."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())
