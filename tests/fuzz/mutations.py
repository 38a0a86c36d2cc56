"""Mutated inputs, and how many of them are tried.

This module has the two kinds of mutation (of bytes, and of the values in a JSON document), the number of examples, and the count of
what was tried. The good inputs are in `bodies.py`, and the tests say what must hold of the outcome.

`FUZZ_EXAMPLES` sets how many inputs each parser gets, new ones each time; without it a few fixed ones are tried, the same everywhere,
and with `FEWER_EXAMPLES` the first quarter of these.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

ASKED = int(os.environ.get("FUZZ_EXAMPLES", "0"))
FEW = 60
FEWER_EXAMPLES = "FEWER_EXAMPLES"
"""The variable that `make test` sets."""

TRIED: Counter[str] = Counter()
"""Inputs tried in this process, by parser."""

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 2**31, 2**63, -(2**63) - 1, 10**40, 0.5, -0.0, 1e308, float("inf"), float("nan"),
    "", " ", "0", "x", "null", "1e999", "9" * 30, "\x00", "a\x00b", "\ud83d", "\u202e\u0301", "💃" * 20, "A" * 5_000, "(" * 400,
    "http://", "https://[", "https://a\x00b/", "javascript:alert(1)", "$where", "a.b", "{w}x{h}", "-", "feat. " * 50,
    [], {}, [[]], [None], [{}], {"": None}, {"$a.b": 1}, [1, "a", None], {"data": {}, "id": [], "track": 5},
)  # fmt: skip


def fuzzed(share: float = 1.0, *, few: int = FEW) -> Callable[[Any], Any]:
    """Hypothesis settings: `few` fixed examples, or FUZZ_EXAMPLES times `share` new ones."""
    return settings(
        max_examples=max(1, round(ASKED * share)) if ASKED else few // 4 if FEWER_EXAMPLES in os.environ else few,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def bytes_of(bodies: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of the bodies after one to four edits of its bytes."""
    return st.builds(edited_bytes, st.sampled_from(bodies), st.randoms(use_true_random=False))


def values_of(bodies: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of these JSON bodies after one to four edits of its values, as bytes."""
    return st.builds(edited_values, st.sampled_from(bodies), st.randoms(use_true_random=False))


def either_of(bodies: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """A body with edited values, or for one in three with edited bytes; sometimes the body itself."""
    return st.one_of(values_of(bodies), values_of(bodies), bytes_of(bodies), st.sampled_from(bodies))


def edited_bytes(body: bytes, chance: Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.choice((1, 1, 2, 8, 64, 4096)))
        match chance.randrange(6):
            case 0:
                body = body[:start] + body[end:]
            case 1:
                body = body[:start] + chance.randbytes(end - start) + body[end:]
            case 2:
                body = body[:start] + body[start:end] * chance.choice((2, 3, 50)) + body[end:]
            case 3:
                body = body[:start]
            case 4:
                body = body[:start] + chance.choice(WORDS) + body[end:]
            case _:
                body = body[:start] + chance.choice(WORDS) + body[start:]
    return body


WORDS = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"1e999", b"NaN", b"-Infinity", b"\\u0000", b"\\ud83d",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\xaf", b"\r\n", b"=", b"#", b"'", b"~", b"~nobody", b"$", b"[[",
    b"9" * 5_000, b"[" * 3_000,
)  # fmt: skip


def edited_values(body: bytes, chance: Random) -> bytes:
    # In a list of one, so that the whole document can be replaced too.
    root = [json.loads(body)]
    for _ in range(chance.randint(1, 4)):
        _edit(root, chance)
    return json.dumps(root[0], ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _edit(root: list[Any], chance: Random) -> None:
    holder, place = _somewhere(root, chance)
    if holder is root and not chance.randrange(4):
        root[0] = json.loads(json.dumps(chance.choice(JUNK)))
        return
    value = holder[place]
    match chance.randrange(7):
        case 0 if holder is not root:
            del holder[place]
        case 1:
            holder[place] = [value]
        case 2:
            holder[place] = {"value": value}
        case 3 if isinstance(value, list):
            holder[place] = value * chance.choice((0, 2, 20))
        case 4 if isinstance(holder, dict):
            holder[str(chance.choice(JUNK))] = value
        case 5 if isinstance(value, str):
            holder[place] = value * chance.choice((2, 500)) + str(chance.choice(JUNK))
        case _:
            # A copy: what is put in twice must not be edited in both places, or become its own part.
            holder[place] = json.loads(json.dumps(chance.choice(JUNK)))


def _somewhere(root: list[Any], chance: Random) -> tuple[Any, Any]:
    holder: Any = root
    place: Any = 0
    while True:
        inside = holder[place]
        places = (
            list(inside) if isinstance(inside, dict) else list(range(len(inside))) if isinstance(inside, list) else []
        )
        if not places or not chance.randrange(7):
            return holder, place
        holder, place = inside, chance.choice(places)
