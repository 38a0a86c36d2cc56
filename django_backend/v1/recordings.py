"""The views of recordings, artists and searches, over all genres and days."""

from datetime import UTC, datetime

from django_backend.found import Found
from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Redirect, Refusal
from django_backend.renderer import EVERY_GENRE
from django_backend.v1.parameters import Asked
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.artists import artist_content
from tunemeld_pipeline.publishing.v1.followed import followed_content
from tunemeld_pipeline.publishing.v1.search import search_content
from tunemeld_pipeline.publishing.v1.tracks import track_content
from tunemeld_pipeline.storage.store import Store


def track(asked: Asked) -> Found:
    """A recording; the address of an id that became an ISRC leads to that for ever."""
    return track_found(asked.address, asked["track_id"])


def track_found(address: str, track_id: str) -> Found:
    """The answer about a recording, which is kept under this address.

    Raises:
        Redirect: its id is another one now.
        Refusal: no list and no chart ever had it.
    """

    def content(store: Store) -> Content | None:
        made = track_content(store, track_id, _published_at())
        if made is None:
            _lead_on(store, track_id)
        return made

    found = RENDERED.made(address, EVERY_GENRE, content)
    if found is None:
        raise Refusal(
            404,
            "no list and no chart ever had a recording with this id; /v1/search?q= finds recordings by their names",
            kind=ProblemKind.UNKNOWN_TRACK,
        )
    return found


def followed(asked: Asked) -> Found:
    """Where some recordings stand now."""
    ids = asked.needed("ids", "say which recordings, as in ?ids=QZZ992600001")

    def content(store: Store) -> Content:
        newest = {genre: utc_day(one.shown_as_of) for genre, one in RENDERED.materializations.items()}
        return followed_content(store, ids.split(","), newest, _published_at())

    found = RENDERED.made(asked.address, EVERY_GENRE, content)
    assert found is not None, "of unknown recordings there is an empty list"  # noqa: S101 - tells the type checker
    return found


def artist(asked: Asked) -> Found:
    """An artist's recordings."""
    return artist_found(asked.address, asked["slug"])


def artist_found(address: str, slug: str) -> Found:
    """The answer about an artist, which is kept under this address.

    Raises:
        Refusal: nobody has this slug.
    """
    found = RENDERED.made(address, EVERY_GENRE, lambda store: artist_content(store, slug, _published_at()))
    if found is None:
        message = "no artist has this slug; /v1/search?q= finds artists by their names"
        raise Refusal(404, message, kind=ProblemKind.UNKNOWN_ARTIST)
    return found


def search(asked: Asked) -> Found:
    """What a text means."""
    return search_found(asked.address, asked.needed("q", "say what to search for, as in ?q=ona+vale"))


def search_found(address: str, text: str) -> Found:
    """The answer to a search, which is kept under this address; `text` is canonical."""
    found = RENDERED.made(address, EVERY_GENRE, lambda store: search_content(store, text, _published_at()))
    assert found is not None, "a search that finds nothing has an answer too"  # noqa: S101 - tells the type checker
    return found


def _published_at() -> datetime:
    """When any genre was last published: a run, a rollback or a withholding can have changed what is known of any recording."""
    return max((one.finished_at for one in RENDERED.materializations.values()), default=datetime.now(UTC))


def _lead_on(store: Store, track_id: str) -> None:
    """Leads on where a recording has another id now.

    Raises:
        Redirect: there is such a recording.
    """
    if (successor := store.recordings.successor(track_id)) is not None:
        raise Redirect(links.track(successor), is_permanent=True)
    isrc = well_formed_isrc(track_id)
    if isrc is not None and isrc != track_id:
        raise Redirect(links.track(isrc), is_permanent=True)
    if isrc is not None and (carrier := store.recordings.carrier(isrc)) is not None:
        # Not for ever: the code may get a recording of its own.
        raise Redirect(links.track(carrier), is_permanent=False)
