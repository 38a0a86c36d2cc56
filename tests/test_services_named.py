"""Naming a service outside its folder is a defect: with another one installed, it would be wrong or incomplete."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.sources import nodes
from tunemeld_pipeline.plugins import registry

ROOT = Path(__file__).parents[1]
SEARCHED = ("tunemeld_pipeline", "django_backend")
NOT_SEARCHED = "tunemeld_pipeline/services/"
"""The services' own folders."""

STORED = frozenset({"youtube_url", "youtube_cache", "spotify_cache"})
"""Fields and collections of stored documents, which outlive a release."""

OLDER_DIALECT = "the older paths' dialect, which is frozen"
OLDER_SYSTEM = "the takeover of the older system, which knew these alone"
IN_TITLES = "words in titles, such as `Spotify Singles`"

INVENTED = "the invented world, whose ids, plays and quotas have the forms of those that are played"

EXCEPTIONS: Mapping[str, str] = {
    "django_backend/glossary.py": OLDER_DIALECT,
    "tunemeld_pipeline/charts/documents.py": "whose videos the stored field `youtube_url` leads to",
    "tunemeld_pipeline/charts/identity.py": "the ISRC of Spotify, which gives one with every track, is the canonical one",
    "tunemeld_pipeline/charts/matching/treatments.py": IN_TITLES,
    "tunemeld_pipeline/charts/matching/versions.py": IN_TITLES,
    "tunemeld_pipeline/charts/ranking.py": "the older rule `priority`, whose order was fixed",
    "tunemeld_pipeline/older_system/documents.py": OLDER_SYSTEM,
    "tunemeld_pipeline/older_system/environment.py": OLDER_SYSTEM,
    "tunemeld_pipeline/publishing/playlist_data.py": OLDER_DIALECT,
    "tunemeld_pipeline/publishing/responses.py": OLDER_DIALECT,
    "tunemeld_pipeline/sandbox/identifiers.py": INVENTED,
    "tunemeld_pipeline/sandbox/quotas.py": INVENTED,
    "tunemeld_pipeline/sandbox/world.py": INVENTED,
}
"""Files that may name a service, each with the reason."""


def names() -> re.Pattern[str]:
    """The keys, slugs and names of all that is installed, in any case."""
    known = [*registry.services(), *registry.count_sources()]
    forms = {form for one in known for form in (one.key, one.slug, one.name, one.slug.replace("_", ""))}
    return re.compile("|".join(sorted(map(re.escape, forms), key=len, reverse=True)), re.IGNORECASE)


def code_of(path: Path) -> Iterator[tuple[int, str]]:
    """The names and texts of a Python file by line, without comments and docstrings, which may give examples."""
    source = path.read_text("utf-8")
    explained = {
        (node.value.lineno, node.value.col_offset)
        for node in nodes(path)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.STRING) and token.start not in explained:
            yield token.start[0], _without_stored(token.string)


def _without_stored(text: str) -> str:
    return re.sub("|".join(STORED), "", text)


def naming(path: Path, pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()[:80]}" for line, text in code_of(path) if pattern.search(text)
    ]


def searched() -> list[Path]:
    python = [path for folder in SEARCHED for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in python if not str(path.relative_to(ROOT)).startswith(NOT_SEARCHED))


def test_no_code_outside_the_services_names_one() -> None:
    pattern = names()
    named = [
        line for path in searched() if str(path.relative_to(ROOT)) not in EXCEPTIONS for line in naming(path, pattern)
    ]
    assert named == []


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_each_exception_is_still_one(exception: str) -> None:
    assert naming(ROOT / exception, names())
