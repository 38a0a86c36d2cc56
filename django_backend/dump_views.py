"""`/dumps/`: the manifest of the public dump, and its files, which may be asked for in parts (RFC 9110, section 14).

`tunemeld_pipeline/dumps/` makes them. A proxy may serve the folder itself (docs/operations.md); a dump that was made before the last
withholding is not served here.
"""

import re
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from django_backend.found import Unanswerable
from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Refusal, refusing
from tunemeld_pipeline.dumps.dump import DumpedFile, Manifest, read_manifest
from tunemeld_pipeline.errors import StoreError
from tunemeld_pipeline.publishing.forms import JSON_TYPE

PARQUET_TYPE = "application/vnd.apache.parquet"
FOR_EVER = "public, max-age=31536000, immutable"
"""A file is named after its content."""

ONE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
"""Several ranges at once are answered with the whole file, as RFC 9110 allows."""


class ByteRange(NamedTuple):
    """Bytes of a file, from the first to the last one."""

    first: int
    last: int


@refusing
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What the dump holds, with checksums."""
    _, made = _dump()
    answer = HttpResponse(made.model_dump_json(indent=2), content_type=JSON_TYPE)
    answer["Cache-Control"] = "public, no-cache"
    return answer


@refusing
def dumped_file(request: HttpRequest, name: str) -> HttpResponse:
    """One file, or a part of it; a file is some megabytes, and is in memory as a whole."""
    folder, made = _dump()
    listed = next((one for one in made.files if one.name == name), None)
    if listed is None:
        raise Refusal(404, "the dump has no such file; /dumps/ lists those that it has", kind=ProblemKind.UNKNOWN_PATH)
    try:
        body = (folder / listed.name).read_bytes()
    except FileNotFoundError:
        raise Refusal(
            404, "the dump was just made again; /dumps/ lists its files", kind=ProblemKind.UNKNOWN_PATH
        ) from None
    answer = _answer(request, listed, body)
    answer["ETag"] = _tag(listed)
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = FOR_EVER
    return answer


def byte_range(header: str, size: int) -> ByteRange | None:
    """The part that a Range header asks for; None for the whole.

    A part that begins behind the end is empty: its last byte is before its first.
    """
    asked = ONE_RANGE.fullmatch(header.strip())
    if asked is None:
        return None
    first, last, suffix = asked.groups()
    if suffix is not None:
        return ByteRange(max(0, size - int(suffix)), size - 1 if int(suffix) else -1)
    if last and int(last) < int(first):
        return None  # RFC 9110: an invalid range is ignored
    return ByteRange(int(first), min(int(last) if last else size - 1, size - 1))


def _answer(request: HttpRequest, listed: DumpedFile, body: bytes) -> HttpResponse:
    if _tag(listed) in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304)
    if_range = request.headers.get("If-Range")
    part = byte_range(request.headers.get("Range", ""), len(body)) if if_range in (None, _tag(listed)) else None
    if part is None:
        return HttpResponse(body, content_type=PARQUET_TYPE)
    if part.last < part.first:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{len(body)}"
        return answer
    answer = HttpResponse(body[part.first : part.last + 1], status=206, content_type=PARQUET_TYPE)
    answer["Content-Range"] = f"bytes {part.first}-{part.last}/{len(body)}"
    return answer


def _tag(listed: DumpedFile) -> str:
    return f'"{listed.sha256[:32]}"'


def _dump() -> tuple[Path, Manifest]:
    """The folder and the manifest of a dump that holds nothing that is withheld now.

    Raises:
        Refusal: there is none.
        Unanswerable: it is not known what is withheld.
    """
    folder = settings.TUNEMELD.dump_dir
    if folder is None:
        raise Refusal(404, "this installation publishes no dumps; DUMP_DIR does", kind=ProblemKind.UNKNOWN_PATH)
    made = read_manifest(folder)
    if made is None:
        raise Refusal(404, "no dump was made yet; `tunemeld db dump` makes one", kind=ProblemKind.NO_DATA)
    try:
        withheld_as_of = RENDERED.store.withholdings.now().changed_at
    except StoreError as error:
        raise Unanswerable(str(error)) from error
    if made.withheld_as_of != withheld_as_of:
        raise Refusal(404, "the dump has to be made again; `tunemeld db dump` does it", kind=ProblemKind.NO_DATA)
    return folder, made
