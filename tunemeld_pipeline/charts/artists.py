"""Who the artists of a recording are: the names in its credit, and under which slug each of them is known for ever.

Pure functions read credits, make slugs, and tell apart artists of one name by what is known of them. `matching/artists.py` splits a credit
into names, and `storage/artists.py` keeps the artists.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tunemeld_pipeline.charts.recordings import Artist
from tunemeld_pipeline.charts.search import LONGEST_TEXT, latin_words

MOST_ARTISTS = 20
"""Names of one credit that are kept; a compilation's credit can be endless."""

LONGEST_SLUG = 80
LONGEST_CREDIT = 1_000

_BRACKETED = re.compile(r"\s*[(\[{【「『〔].*$")
_DECORATION = re.compile(r"^the (?=.{3})|(?<=.{3}) (?:official|vevo|topic)$|(?<=.{3})vevo$")


@dataclass(frozen=True, slots=True)
class Credit:
    """One name in a credit: as it is displayed, its key as in `Artist`, and the country in a bracket behind it."""

    name: str
    key: str
    country: str | None = None


def credits_in(artist_name: str) -> list[Credit]:
    """The artists whom a credit such as "A, B (UK) & C feat. D" names, in its order, each once."""
    from tunemeld_pipeline.charts.matching.artists import displayed_names  # as in search.py, where it is needed
    from tunemeld_pipeline.charts.matching.folding import compact, fold

    found: dict[tuple[str, str | None], Credit] = {}
    for text, name in displayed_names(artist_name[:LONGEST_CREDIT]):
        plain = fold(_BRACKETED.sub("", text)) or name.folded
        key = compact(_DECORATION.sub("", plain))
        credit = Credit(text[:LONGEST_TEXT], key[:LONGEST_TEXT], name.country or None)
        found.setdefault((credit.key, credit.country), credit)
    return list(found.values())[:MOST_ARTISTS]


def meant_by(credit: Credit, homonyms: Sequence[Artist]) -> Artist | None:
    """Which of the artists with the credit's key it means; None where it is somebody else.

    Two countries are two artists. Without a country it is the one who has none either, else the first who was known.
    """
    if credit.country is None:
        return next((one for one in homonyms if one.country is None), next(iter(homonyms), None))
    same = (one for one in homonyms if one.country == credit.country)
    return next(same, next((one for one in homonyms if one.country is None), None))


def slugs_for(credit: Credit) -> Iterator[str]:
    """The slugs that an artist may get, the best first, without end."""
    words = "-".join(latin_words(_BRACKETED.sub("", credit.name)) or latin_words(credit.name))
    slug = words[:LONGEST_SLUG].strip("-") or f"artist-{hashlib.sha256(credit.name.encode()).hexdigest()[:8]}"
    yield slug
    if credit.country:
        yield f"{slug}-{credit.country.replace(' ', '-')}"
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1
