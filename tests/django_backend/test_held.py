"""The rendered pages that a worker holds: within a bound, by genre, the one used longest ago leaving first."""

from datetime import UTC, datetime

from django_backend.caching import Rendering
from django_backend.held import PAGE_BYTES, HeldPages
from tunemeld_pipeline.publishing.forms import response

BODY = 500


def pages(genre: str, version: int = 1) -> dict[str, Rendering]:
    """Two pages of a genre, each of so many bytes."""
    text = f"{genre} {version}".ljust(BODY)
    return {f"/{kind}/{genre}": Rendering(response(text, version, datetime(2026, 3, 2, tzinfo=UTC))) for kind in "ab"}


GENRE_BYTES = 2 * (BODY + PAGE_BYTES)


def test_it_works() -> None:
    held = HeldPages(10 * GENRE_BYTES)
    held.put("pop", pages("pop"), 1)
    page = held.get("/a/pop")
    assert page is not None
    assert page.body.startswith(b"pop 1")
    assert (held.version("pop"), held.version("rap"), held.get("/a/rap")) == (1, None, None)
    assert (held.size, held.pages.keys()) == (GENRE_BYTES, {"/a/pop", "/b/pop"})


def test_the_genre_used_longest_ago_leaves_first() -> None:
    held = HeldPages(3 * GENRE_BYTES)
    for genre in ("pop", "rap", "dance"):
        held.put(genre, pages(genre), 1)
    held.get("/b/pop")
    held.put("country", pages("country"), 1)
    assert held.names() == ["country", "pop", "dance"]
    assert held.get("/a/rap") is None
    assert held.size == 3 * GENRE_BYTES


def test_what_nobody_asked_for_leaves_before_what_somebody_did() -> None:
    held = HeldPages(2 * GENRE_BYTES)
    held.put("pop", pages("pop"), 1)
    assert held.has_room()
    held.put("rap", pages("rap"), 1, used=False)
    assert not held.has_room()
    held.put("dance", pages("dance"), 1)
    assert held.names() == ["dance", "pop"]


def test_a_genre_is_replaced_as_a_whole_and_keeps_when_it_was_used() -> None:
    held = HeldPages(10 * GENRE_BYTES)
    held.put("pop", pages("pop"), 1)
    held.put("rap", pages("rap"), 1)
    held.put("pop", {"/a/pop": pages("pop", 2)["/a/pop"]}, 2, used=False)
    assert held.names() == ["rap", "pop"]
    assert (held.version("pop"), held.get("/b/pop")) == (2, None)
    assert held.size == GENRE_BYTES * 3 // 2


def test_what_stays_never_leaves_and_a_genre_too_large_is_held_alone() -> None:
    held = HeldPages(GENRE_BYTES)
    held.put("shared", pages("shared"), 1, stays=True)
    held.put("pop", pages("pop"), 1)
    held.put("rap", pages("rap"), 1)
    assert held.names() == ["rap"]
    assert held.get("/a/shared") is not None
    held.drop("rap")
    held.drop("rap")
    assert (held.names(), held.size) == ([], GENRE_BYTES)
