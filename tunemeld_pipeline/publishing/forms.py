"""Answers as bytes: what a path answers, its compressed forms, and their ETags.

A `Content` is what the renderers of this package give; `response` makes the forms that are sent. HTTP is in `django_backend/`.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import brotli

JSON_TYPE = "application/json"

COMPRESSED_FROM = 1_000
"""Bytes; a smaller body fits one packet uncompressed."""

BROTLI_QUALITY = 5
"""As small as gzip's best at gzip's usual speed; higher ones take a worker's processor for seconds."""


class Link(NamedTuple):
    """A link of an answer (RFC 8288): the target's address on this API, its relation, and its media type where that helps."""

    target: str
    relation: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a path answers: the body, when it last changed, its media type, its links, and what other headers it needs.

    The shared cache keeps no `headers`: what is published there has none.
    """

    body: str | bytes
    modified: datetime
    media_type: str = JSON_TYPE
    links: tuple[Link, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A body in one encoding (`identity`, `gzip`, `br`) and its strong ETag."""

    encoding: str
    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Response:
    """A rendered response: its forms by encoding (identity always, others where they are smaller), and what it was made from."""

    version: int
    modified: datetime
    forms: Mapping[str, Form]


def response(text: str, version: int, modified: datetime) -> Response:
    """The text in all its forms. Each form's ETag is made from the text's hash, so that workers agree on it."""
    body = text.encode()
    digest = _digest(body)
    forms = {"identity": Form("identity", body, f'"{digest}"')}
    if len(body) >= COMPRESSED_FROM:
        forms["gzip"] = Form("gzip", gzip.compress(body, mtime=0), f'"{digest}-gzip"')
        forms["br"] = Form("br", brotli.compress(body, quality=BROTLI_QUALITY), f'"{digest}-br"')
    return Response(version, modified, forms)


def uncompressed_response(body: bytes, version: int, modified: datetime) -> Response:
    """A body that does not get smaller, such as a picture, in its one form."""
    return Response(version, modified, {"identity": Form("identity", body, f'"{_digest(body)}"')})


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
