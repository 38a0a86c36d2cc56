"""Looking at the matching: the stored rows as people name them, and the rows that stay alone, each with the rows most like it and why
they are not the same.

This module reads a genre's stored playlists and has `charts/matching/` judge them; `cli/match.py` prints the outcome. Nothing here writes
or calls a service.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from rapidfuzz import fuzz, process

from tunemeld_pipeline.charts.consensus import all_rows, described, matched_shares, recordings_of
from tunemeld_pipeline.charts.identity import GenreRecording
from tunemeld_pipeline.charts.matching.artists import NO_ALIASES, Aliases
from tunemeld_pipeline.charts.matching.folding import fold
from tunemeld_pipeline.charts.matching.judge import NEAREST_FIRST, Judgement, Verdict, judge
from tunemeld_pipeline.charts.matching.overrides import NO_OVERRIDES, Overrides
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.errors import MalformedResponse, PluginError
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.plugins.reading import whole_list
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.remembered_isrcs import found_isrcs_remembered, own_isrcs_remembered

LIKE_TITLES, LIKE_ROWS = 75.0, 60.0
"""Of 100. Rows that share little but an artist or a common word are no candidates: why they differ is plain."""
MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a stored playlist, and what the matching gets of it; its ISRC may have been looked up."""

    genre: str
    row: PlaylistRow
    described: Row


@dataclass(frozen=True, slots=True)
class StoredGenre:
    """One genre's stored rows, and the recordings that they are taken for."""

    genre: str
    rows: tuple[Listed, ...]
    recordings: tuple[GenreRecording, ...]

    def recording_of(self, key: str) -> int | None:
        """Which of the recordings a row belongs to; None where the genre has no such row."""
        return next(
            (at for at, found in enumerate(self.recordings) if any(row.key == key for row in found.rows)),
            None,
        )

    @property
    def matched_shares(self) -> dict[str, float]:
        """Per service, the share of its recordings that another service's list has too."""
        return matched_shares(self.recordings)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of another service that is like a row that stays alone, and the judgement of the two."""

    listed: Listed
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A row that is on one service only, with the most similar rows of the others, nearest first; none where nothing is like it."""

    listed: Listed
    candidates: tuple[Candidate, ...]

    @property
    def unsure(self) -> bool:
        """Whether it may well be one of them: only a doubt, or a decision about another row, keeps them apart."""
        return any(candidate.judgement.verdict is not Verdict.DIFFERENT for candidate in self.candidates)


def stored_genre(store: Store, genre: str, at: datetime, overrides: Overrides = NO_OVERRIDES) -> StoredGenre:
    """The rows of a genre's stored playlists up to `at`, with all ISRCs that are remembered; empty where nothing is stored."""
    parsed, wider = {}, store.playlists.wider_lists(genre, at)
    for raw in store.playlists.raw_playlists(genre, at):
        try:
            parsed[raw.service_name] = whole_list(raw, wider.get(raw.service_name, []))
        except (MalformedResponse, PluginError):
            continue  # only what the older system saved unchecked; no run reads it either
    isrcs = own_isrcs_remembered(store, [row.key for row in all_rows(parsed) if not row.described.isrc])
    recordings = recordings_of(parsed, isrcs, overrides)
    unknown = [row.key for recording in recordings if not recording.isrcs for row in recording.rows]
    found = found_isrcs_remembered(store, unknown)
    if found:
        isrcs = {**found, **isrcs}
        recordings = recordings_of(parsed, isrcs, overrides)
    rows = tuple(Listed(genre, row, described(row, isrcs)) for row in all_rows(parsed))
    return StoredGenre(genre, rows, tuple(recordings))


def unmatched(stored: StoredGenre, aliases: Aliases = NO_ALIASES) -> list[Unmatched]:
    """The rows of recordings that are on one service only, in the services' order, each with its best candidates."""
    listed = {(one.row.service, one.row.position): one for one in stored.rows}
    titles = {one: fold(one.described.title) for one in stored.rows}
    found = []
    for recording in stored.recordings:
        if len(recording.ranks) == 1:
            best = min(recording.rows, key=lambda row: row.position)
            others = {one: title for one, title in titles.items() if one.row.service is not best.service}
            own = listed[best.service, best.position]
            found.append(Unmatched(own, _candidates(own, others, aliases)))
    return sorted(found, key=lambda one: (keys().index(one.listed.row.service), one.listed.row.position))


def named(rows: Iterable[Listed], words: str) -> list[Listed]:
    """The stored rows that somebody means by an ISRC, a service's address, a row's key, or "artist - title"."""
    isrc, address = well_formed_isrc(words), _address(words)
    folded = fold(words)
    return [
        one
        for one in rows
        if words == one.row.key
        or (isrc is not None and one.described.canonical_isrc == isrc)
        or (address is not None and address == _address(one.row.track_url))
        or folded == fold(f"{one.described.artist} - {one.described.title}")
    ]


def row_from_text(words: str) -> Row | None:
    """The row that "artist - title" means; None for anything else."""
    artist, dash, title = words.partition(" - ")
    return Row(title=title.strip(), artist=artist.strip()) if dash and artist.strip() and title.strip() else None


def _candidates(own: Listed, titles: Mapping[Listed, str], aliases: Aliases) -> tuple[Candidate, ...]:
    """The rows among `titles` (folded, by row) that are most like this one."""
    alike = process.extract(
        fold(own.described.title), titles, scorer=fuzz.token_set_ratio, limit=None, score_cutoff=LIKE_TITLES
    )
    found = [
        (Candidate(other, judge(own.described, other.described, aliases)), likeness)
        for _, _, other in alike
        if (likeness := fuzz.token_set_ratio(_text(own.described), _text(other.described))) >= LIKE_ROWS
    ]
    found.sort(
        key=lambda pair: (NEAREST_FIRST.index(pair[0].judgement.verdict), -pair[1], pair[0].listed.row.key),
    )
    return tuple(candidate for candidate, _ in found[:MOST_CANDIDATES])


def _text(row: Row) -> str:
    return fold(f"{row.artist} {row.title}")


def _address(text: str) -> tuple[str, str, Sequence[str]] | None:
    """What distinguishes one recording's address from another's: host, path, and Apple Music's track in its album."""
    if not text.startswith(("https://", "http://")):
        return None
    parts = urlsplit(text)
    return (parts.netloc.lower(), parts.path.rstrip("/"), parse_qs(parts.query).get("i", []))
