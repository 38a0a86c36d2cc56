"""Following a playlist's pages to the end.

This module decides when a list ends, and stops a list that never does; each service's module reads its own page format.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tunemeld_pipeline.charts.playlists import MAX_ROWS
from tunemeld_pipeline.errors import MalformedResponse, NotFound
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import MAX_BODY_BYTES, Answer
from tunemeld_pipeline.wire_formats.reading import Irregular


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its answer, its rows, and the offset of the next page, None at the end.

    `unsure` says why this may not have been the end.
    """

    answer: Answer
    rows: int
    next_offset: int | None
    unsure: str | None = None


def page_of(answer: Answer, rows: int, asked_for: int, following: int | None, *, unreadable: bool) -> Page:
    """A page of `rows` where `asked_for` were requested, which says that the one at `following` is next.

    Raises:
        Irregular: it is full, and whether another page follows cannot be read.
    """
    if not unreadable:
        return Page(answer, rows, following)
    if rows >= asked_for:
        raise Irregular("whether another page follows cannot be read")
    return Page(answer, rows, None, "whether another page follows cannot be read; it had fewer rows than we requested")


def all_pages(service: str, fetch: Callable[[int], Page]) -> FetchedPlaylist:
    """The whole playlist, from offset 0 to a page that says it is the last, or has no rows.

    A later page that the service does not know ends the list too. Such an end, like one that is not sure, is noted as `incomplete`: the
    rows before it keep their true positions.

    Raises:
        MalformedResponse: the playlist is empty, or its pages go on beyond what a playlist has.
        UpstreamError: a page did not come; half a playlist is not kept.
    """
    answers: list[Answer] = []
    offset, rows, size = 0, 0, 0
    incomplete = None
    while True:
        try:
            page = fetch(offset)
        except NotFound as error:
            if not answers:
                raise
            incomplete = f"the page at offset {offset} is missing ({error})"
            break
        if page.rows or not answers:
            answers.append(page.answer)
        rows += page.rows
        size += len(page.answer.text.encode())
        if size > MAX_BODY_BYTES or rows > MAX_ROWS:
            raise MalformedResponse(
                service, f"its pages go on beyond {MAX_ROWS} rows or {MAX_BODY_BYTES // 1_000_000} MB"
            )
        if page.next_offset is None or page.rows == 0:
            incomplete = page.unsure
            break
        if page.next_offset < offset + page.rows:
            raise MalformedResponse(service, f"its page at offset {offset} is followed by one at {page.next_offset}")
        offset = page.next_offset
    if rows == 0:
        raise MalformedResponse(
            service, "the playlist is empty; was it removed or renamed?", remedy="check its address in the catalogue"
        )
    texts = [answer.text for answer in answers]
    body = texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"
    return FetchedPlaylist(body, tuple(answer.data for answer in answers), incomplete=incomplete)
