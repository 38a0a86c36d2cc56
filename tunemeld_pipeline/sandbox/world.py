"""The invented music world behind the sandbox: which recordings exist, where each is on which list, and how often it was played.

Recordings, charts, plays, videos and searching are pure functions of seed, date and size, so any day can be requested again. `upstreams/`
puts them into each service's words and format.

A genre's charts consist of slots. Each slot belongs to one or several services and holds one recording after another, each for some weeks.
So every list always has its size, a tenth of it changes on a Friday, and a recording's whole life follows from its place alone, without
playing the weeks before.
"""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import blake2b

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.sandbox import names
from tunemeld_pipeline.sandbox.identifiers import GENRES, MOST_GENRES, NARROW, SLOTS, Identifiers, Ref

FIRST_FRIDAY = date(2015, 1, 2)
"""The world's first day. Charts change on Fridays, as the real ones do with the week's releases."""
LAST_DAY = date(2050, 12, 31)
"""After some 39 years a slot's recordings would use up their nine bits of the id."""

MOST_TRACKS = SLOTS // 2
"""If lists are equally long, each service's tracks take up half of a genre's slots."""

SHARING = 3
JOINED = 0.6
"""The share of a further service's list that other services list too."""

PLAYBACK_STARTS_COUNT = date(2026, 8, 24)
"""From this day on YouTube counts a view when playback starts, which shows as a step in every series."""

KNOWN_RECORDINGS = 65_536
"""How many recordings are kept in memory, about 1.5 KB each."""
KNOWN_LISTS = 64


class RecordingKind(Enum):
    """How a recording relates to its song; the value is its variant number next to the original, 0 if it is on the charts."""

    ORIGINAL = 0
    LIVE = 1
    SPED_UP = 2
    REMIX = 3
    NAMESAKE = 4
    EXTENDED = 5


FIRST_FILLER, LAST_FILLER = 6, 14
"""The variants that are the other songs of an album."""
SECOND_ISRC = 15
"""Not a separate recording: the ISRC under which a recording was registered a second time, for the album."""


class VideoKind(Enum):
    """The kind of a YouTube video about a recording; the value is the variant in its id."""

    OFFICIAL = 0
    LYRICS = 1
    COVER = 2
    REMIX = 3
    LIVE = 4


@dataclass(frozen=True, slots=True)
class Artist:
    """An invented act."""

    number: int
    name: str
    spotify_id: str

    @property
    def handle(self) -> str:
        """The name in addresses: letters and digits only."""
        return slug(self.name).replace("-", "") or f"artist{self.number}"


@dataclass(frozen=True, slots=True)
class Album:
    """The album or single of a recording. `leader` is the place of the recording that it is named for."""

    leader: Ref
    title: str
    spotify_id: str
    is_single: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: a song, sung by someone, in one version."""

    ref: Ref
    kind: RecordingKind
    title: str
    artists: tuple[Artist, ...]
    featured: tuple[Artist, ...]
    version: str | None
    """What distinguishes it from the original, for example "Live at Plinth Hall"; None for an original."""
    remixer: Artist | None
    duration_ms: int
    released: date
    label: str
    explicit: bool
    isrc: str
    second_isrc: str | None
    """The ISRC that the single has on SoundCloud where Spotify has the album's."""
    spotify_id: str
    album: Album
    strength: float
    """0..1: how high it climbs and how often it is played."""
    on_spotify: bool
    has_video: bool
    private_after: int | None
    """Days after the release when its official video becomes private."""
    key: bytes = field(repr=False)

    def chance(self, question: str) -> float:
        """A number in [0, 1) that answers a question about this recording, always the same for the same question."""
        return _unit(self.key, question)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list: a recording and the day on which it was added."""

    recording: Recording
    added: date


@dataclass(frozen=True, slots=True)
class Video:
    """A YouTube video about a recording."""

    youtube_id: str
    kind: VideoKind
    recording: Recording
    title: str
    channel: str
    published: date
    views: int


@dataclass(frozen=True, slots=True)
class _Slot:
    """What a slot is: which services list it, its rhythm, and what kind of recordings it holds."""

    services: frozenset[str]
    late: frozenset[str]
    """Services that add each new recording a week later than the others."""
    weeks: int
    phase: int
    lends_from: tuple[int, int] | None
    """The place (genre, slot) whose recordings appear here too: a track on the lists of two genres."""


_share: ContextVar[float] = ContextVar("share of each list", default=1.0)


@contextmanager
def shortened(share: float) -> Generator[None]:
    """For as long as the block lasts, each list has only this share of its rows, the first ones."""
    token = _share.set(share)
    try:
        yield
    finally:
        _share.reset(token)


class World:
    """An invented world for one seed, catalogue and size.

    Args:
        seed: another seed is another world.
        catalog: the genres, whose order is part of the recordings' ids.
        sizes: rows per list of each service.

    Raises:
        ValueError: there are more genres or rows than the ids can distinguish.
    """

    def __init__(self, seed: int, catalog: Catalog, sizes: Mapping[str, int]) -> None:
        if len(catalog.genres) > MOST_GENRES:
            raise ValueError(
                f"the sandbox's world has room for {MOST_GENRES} genres; the catalogue has {len(catalog.genres)}"
            )
        if not all(1 <= size <= MOST_TRACKS for size in sizes.values()):
            raise ValueError(f"a list has 1 to {MOST_TRACKS} tracks")
        self.seed = seed
        self.genres = tuple(catalog.genres)
        self.sizes = dict(sizes)
        slots = SLOTS if len(catalog.genres) <= GENRES else NARROW
        self.identifiers = Identifiers(seed, slots)
        self._first = frozenset(list(sizes)[:SHARING])
        self._shared = 0
        self._services = {genre: self._memberships(genre) for genre in self.genres}
        longest = max(map(len, self._services.values()))
        if longest > slots:
            raise ValueError(f"with {len(catalog.genres)} genres, each has {slots} slots; these lists need {longest}")
        self._artist_count = max(40, self._shared)
        self._slot = lru_cache(KNOWN_RECORDINGS)(self._make_slot)
        self._artist = lru_cache(KNOWN_RECORDINGS)(self._make_artist)
        self._recording = lru_cache(KNOWN_RECORDINGS)(self._make_recording)
        self._list = lru_cache(KNOWN_LISTS)(self._make_list)
        self._index = lru_cache(4)(self._make_index)

    def describe(self) -> dict[str, object]:
        """A description of this world, for the control interface."""
        tracks = {str(service): size for service, size in self.sizes.items()}
        return {"seed": self.seed, "replay_dir": None, "tracks": tracks}

    # Charts

    def playlist(self, genre: str, service: str, day: date) -> tuple[Entry, ...]:
        """The list of one service's editors on this day, best first.

        Raises:
            ValueError: the day is outside the world's time.
        """
        if not FIRST_FRIDAY <= day <= LAST_DAY:
            raise ValueError(f"the sandbox's world lasts from {FIRST_FRIDAY} to {LAST_DAY}")
        entries = self._list(self.genres.index(genre), service, day)
        return entries[: round(len(entries) * _share.get())]

    def _make_list(self, genre: int, service: str, day: date) -> tuple[Entry, ...]:
        week, weekday = divmod((day - FIRST_FRIDAY).days, 7)
        rows: list[tuple[float, Entry]] = []
        for number, services in enumerate(self._services[self.genres[genre]]):
            if service not in services:
                continue
            slot = self._slot(genre, number)
            effective = week - (service in slot.late)
            cycle, age = divmod(effective + slot.phase, slot.weeks)
            recording = self._occupant(genre, number, cycle)
            added = FIRST_FRIDAY + timedelta(weeks=effective - age + (service in slot.late))
            progress = (age + 0.5) / slot.weeks
            taste = 0.65 * recording.strength + 0.35 * recording.chance(f"taste of {service}")
            climb = min(progress / 0.35, (1.15 - progress) / 0.8)
            # Between two Fridays real lists hardly move, so the day's weight is far below the week's.
            drift = 0.03 * recording.chance(f"{service} week {week}") + 0.004 * weekday * recording.chance("drift")
            rows.append((taste * (0.25 + 0.75 * climb) + drift, Entry(recording, max(added, recording.released))))
        rows.sort(key=lambda row: (-row[0], row[1].recording.ref))
        return tuple(entry for _, entry in rows)

    def _memberships(self, genre: str) -> list[frozenset[str]]:
        """For each slot of a genre, which services list it: of all recordings a tenth is on all lists, three tenths on two.

        Only the first three services share their slots like that. Each further one takes most of its rows from what there is already,
        so that another service changes nothing in the lists of the others.
        """
        first = dict(list(self.sizes.items())[:SHARING])
        recordings = round(sum(first.values()) / 1.5)
        left = dict(first)
        slots: list[frozenset[str]] = []
        for services, share in _shares(tuple(first)):
            count = min(round(recordings * share), *(left[service] for service in services))
            for service in services:
                left[service] -= count
            slots.extend([services] * count)
        for service, missing in left.items():
            slots.extend([frozenset((service,))] * missing)
        random.Random(f"{self.seed}/memberships/{genre}").shuffle(slots)
        self._shared = len(slots)
        for service, size in list(self.sizes.items())[SHARING:]:
            joined = sorted(range(len(slots)), key=lambda at: _unit(b"joins", f"{self.seed}/{genre}/{at}/{service}"))
            for at in joined[: round(size * JOINED)]:
                slots[at] |= {service}
            slots.extend([frozenset((service,))] * (size - min(len(joined), round(size * JOINED))))
        return slots

    def _make_slot(self, genre: int, number: int) -> _Slot:
        slots = self._services[self.genres[genre]]
        services = slots[number]
        place = number % 24
        if place in (5, 17) and number + 1 < len(slots) and len(self.genres) > 1:
            lender = (genre + 1) % len(self.genres)
            if number + 1 < len(self._services[self.genres[lender]]):
                rhythm = self._slot(lender, number + 1)
                return _Slot(services, frozenset(), rhythm.weeks, rhythm.phase, (lender, number + 1))
        rng = random.Random(f"{self.seed}/slot/{self.genres[genre]}/{_leader(number)}")
        weeks = rng.randint(6, 22)
        phase = rng.randrange(weeks)
        if _is_version(number):
            # A version is released two weeks after its original and stays two weeks longer.
            phase += weeks - 2
        late = frozenset(
            service for service in services if _unit(b"late", f"{self.seed}/{genre}/{number}/{service}") < 0.15
        )
        first = services & self._first or services
        return _Slot(services, late - first if first <= late else late, weeks, phase, None)

    def _occupant(self, genre: int, number: int, cycle: int) -> Recording:
        slot = self._slot(genre, number)
        if slot.lends_from is not None:
            lender, other = slot.lends_from
            return self._recording(Ref(lender, other, self._identity(cycle)))
        return self._recording(Ref(genre, number, self._identity(cycle)))

    @staticmethod
    def _identity(cycle: int) -> int:
        """Which recording a slot holds in a cycle: every seventh is one that returns after an absence."""
        return cycle - 2 if cycle % 7 == 6 else cycle

    # Recordings

    def recording(self, ref: Ref, day: date) -> Recording | None:
        """The recording at this place, or None if there is none or it is not out yet."""
        if ref.genre >= len(self.genres) or ref.slot >= len(self._services[self.genres[ref.genre]]):
            return None
        if ref.variant == SECOND_ISRC or not self._is_variant(ref):
            return None
        recording = self._recording(ref)
        return recording if recording.released <= day else None

    def _is_variant(self, ref: Ref) -> bool:
        if ref.variant == 0:
            return True
        base = self._recording(ref._replace(variant=0))
        if ref.variant >= FIRST_FILLER:
            return base.album.leader == base.ref and ref.variant < FIRST_FILLER + self._fillers(base)
        return RecordingKind(ref.variant) in _other_versions(base)

    def _make_artist(self, genre: int, number: int) -> Artist:
        name = names.artist_name(random.Random(f"{self.seed}/artist/{self.genres[genre]}/{number}"))
        code = genre * SLOTS * 2 + number
        return Artist(code, name, self.identifiers.spotify_artist(code))

    def _make_recording(self, ref: Ref) -> Recording:
        if ref.variant:
            base = self._recording(ref._replace(variant=0))
            if ref.variant >= FIRST_FILLER:
                return self._make(ref, RecordingKind.ORIGINAL, None, base.artists[:1], base.album, base.released)
            kind = RecordingKind(ref.variant)
            if kind is RecordingKind.NAMESAKE:
                return self._make(ref, kind, base, None, None, base.released - timedelta(days=400))
            return self._make(ref, kind, base, None, None, base.released + timedelta(days=3))
        slot = self._slot(ref.genre, ref.slot)
        start = FIRST_FRIDAY + timedelta(weeks=ref.occupant * slot.weeks - slot.phase)
        if _is_version(ref.slot):
            original = self._recording(Ref(ref.genre, ref.slot - 1, max(0, ref.occupant - 1)))
            kind = (RecordingKind.REMIX, RecordingKind.SPED_UP, RecordingKind.LIVE, RecordingKind.EXTENDED)[
                (ref.slot // 12 + ref.occupant) % 4
            ]
            return self._make(ref, kind, original, None, None, start)
        leader = _leader(ref.slot)
        released = start - timedelta(
            days=7 * int(_unit(b"wait", f"{self.seed}/{ref.genre}/{leader}/{ref.occupant}") * 5)
        )
        if leader != ref.slot:
            first = self._recording(ref._replace(slot=leader))
            return self._make(ref, RecordingKind.ORIGINAL, None, first.artists, first.album, first.released)
        return self._make(ref, RecordingKind.ORIGINAL, None, None, None, released)

    def _make(
        self,
        ref: Ref,
        kind: RecordingKind,
        original: Recording | None,
        artists: tuple[Artist, ...] | None,
        album: Album | None,
        released: date,
    ) -> Recording:
        genre = self.genres[ref.genre]
        rng = random.Random(f"{self.seed}/recording/{genre}/{ref.slot}/{ref.occupant}/{ref.variant}")

        def act() -> Artist:
            # The power gives a few acts many songs and leaves most with one or two.
            return self._artist(ref.genre, int(rng.random() ** 1.5 * self._artist_count))

        title = original.title if original else names.song_title(rng)
        featured = original.featured if original else ()
        remixer = act() if kind is RecordingKind.REMIX else None
        if original and kind is not RecordingKind.NAMESAKE:
            artists = original.artists
        elif artists is None:
            form = rng.random()
            acts = list(dict.fromkeys(act() for _ in range(1 if form < 0.80 else 2 if form < 0.95 else 3)))
            artists = tuple(acts)
            featured = ()
            if rng.random() < 0.22:
                featured = tuple(guest for guest in dict.fromkeys((act(),)) if guest not in artists)
        duration = rng.randint(131_000, 252_000)
        version = None
        if original:
            duration = original.duration_ms + rng.randint(15_000, 50_000)
            if kind is RecordingKind.REMIX and remixer is not None:
                version = f"{remixer.name} Remix"
            elif kind is RecordingKind.LIVE:
                version = f"Live at {names.venue(rng)}"
            elif kind is RecordingKind.SPED_UP:
                version, duration = "Sped Up", int(original.duration_ms * 0.82)
            elif kind is RecordingKind.EXTENDED:
                version, duration = "Extended Mix", original.duration_ms + rng.randint(60_000, 130_000)
        spotify_id = self.identifiers.spotify_track(ref)
        if album is None:
            leads_album = ref.variant == 0 and ref.slot % 24 == ALBUM_PLACES[0]
            is_single = not leads_album and rng.random() < 0.7
            named = title if version is None else f"{title} ({version})"
            album = Album(
                ref, named if is_single else names.song_title(rng), self.identifiers.spotify_album(ref), is_single
            )
        isrc = self.identifiers.isrc(ref, released.year)
        twice = ref.variant == 0 and rng.random() < 0.04
        presence = self._services[genre][ref.slot]
        only_there = "Spotify" not in presence and not self._is_lent(ref)
        key = blake2b(f"{self.seed}/{genre}/{ref.slot}/{ref.occupant}/{ref.variant}".encode(), digest_size=16).digest()
        strength = rng.betavariate(2.0, 2.6)
        return Recording(
            ref=ref,
            kind=kind,
            title=title,
            artists=artists,
            featured=featured,
            version=version,
            remixer=remixer,
            duration_ms=duration,
            released=released,
            label=names.label_name(rng),
            explicit=rng.random() < 0.25,
            isrc=isrc,
            second_isrc=self.identifiers.isrc(ref._replace(variant=SECOND_ISRC), released.year) if twice else None,
            spotify_id=spotify_id,
            album=album,
            strength=strength if kind is RecordingKind.ORIGINAL or ref.variant == 0 else strength * 0.5,
            on_spotify=not (only_there and rng.random() < 0.35),
            has_video=ref.variant == 0 and rng.random() < 0.95,
            private_after=rng.randint(20, 90) if rng.random() < 0.015 else None,
            key=key,
        )

    def _is_lent(self, ref: Ref) -> bool:
        return ref.slot > 0 and (ref.slot - 1) % 24 in (5, 17)

    def _fillers(self, leader: Recording) -> int:
        return (
            0 if leader.album.is_single else 3 + int(leader.chance("album length") * (LAST_FILLER - FIRST_FILLER - 2))
        )

    def album_tracks(self, ref: Ref, day: date) -> list[Recording] | None:
        """The recordings of the album named for this place, in order; None for an album that is not out."""
        leader = self.recording(ref, day)
        if leader is None or leader.album.leader != ref:
            return None
        tracks = [leader]
        if not ref.variant and ref.slot % 24 == ALBUM_PLACES[0]:
            places = (ref._replace(slot=ref.slot + step) for step in range(1, len(ALBUM_PLACES)))
            tracks += [track for track in (self.recording(place, day) for place in places) if track is not None]
        if not ref.variant:
            tracks += [
                self._recording(ref._replace(variant=FIRST_FILLER + step)) for step in range(self._fillers(leader))
            ]
        return tracks

    # Plays

    def plays(self, recording: Recording, source: str, day: date) -> int:
        """How often the recording had been played there by the end of this day.

        It grows by a different amount each day, fast at first and then slower. On about one day in 300 the source shows the count
        of two days before, which looks like a fall; on 2026-08-24 YouTube's counts jump. Spotify reaches 10^5.3 to 10^8.9, YouTube
        0.1 to 1.3 of that, SoundCloud 0.002 to 0.03.
        """
        age = (day - recording.released).days
        if age < 0:
            return 0
        if _unit(recording.key, f"stale {source} {day}") < 0.0035:
            age = max(0, age - 2)
            day -= timedelta(days=2)
        moment = age + 0.3 + 0.65 * _unit(recording.key, f"{source} {day.toordinal()}")
        total = 10 ** (5.3 + 3.6 * recording.strength)
        if source == "Youtube":
            total *= 0.1 + 1.2 * recording.chance("youtube") ** 2
        elif source == "SoundCloud":
            total *= 0.002 + 0.028 * recording.chance("soundcloud") ** 2
        if source == "Youtube" and day >= PLAYBACK_STARTS_COUNT:
            total *= 1.05
        pace = 25 + 60 * recording.chance(f"pace {source}")
        # Half of the plays approach a limit exponentially; the rest arrive for ever at a slow, steady rate.
        return int(total * (0.8 * (1 - 2 ** (-moment / pace)) + 0.2 * moment / 180))

    # Finding

    def search(self, words: str, day: date, limit: int = 5) -> list[Recording]:
        """Recordings from this week's and last week's charts with most of these words in title, artists or version.

        Raises:
            ValueError: the day is outside the world's time.
        """
        if not FIRST_FRIDAY <= day <= LAST_DAY:
            raise ValueError(f"the sandbox's world lasts from {FIRST_FRIDAY} to {LAST_DAY}")
        wanted = fold(words) - SEARCH_NOISE
        recordings, index = self._index((day - FIRST_FRIDAY).days // 7)
        hits: Counter[int] = Counter()
        for word in wanted:
            hits.update(index.get(word, ()))
        found = [
            (count / len(wanted), recordings[number])
            for number, count in hits.items()
            if count * 2 > len(wanted) and recordings[number].released <= day
        ]
        found.sort(key=lambda item: (-item[0], item[1].kind.value, -item[1].strength, item[1].ref))
        return [recording for _, recording in found[:limit]]

    def charting(self, day: date) -> tuple[Recording, ...]:
        """Recordings that are on a Spotify chart on this day, of all genres."""
        lists = (self.playlist(genre, "Spotify", day) for genre in self.genres)
        return tuple(entry.recording for entries in lists for entry in entries)

    def _make_index(self, week: int) -> tuple[list[Recording], dict[str, list[int]]]:
        """The recordings in any slot this week or last week, and for each word their indexes in that list."""
        recordings: dict[Ref, Recording] = {}
        for genre, key in enumerate(self.genres):
            for number in range(len(self._services[key])):
                slot = self._slot(genre, number)
                for cycle in {(week + slot.phase) // slot.weeks, max(0, week - 1 + slot.phase) // slot.weeks}:
                    recording = self._occupant(genre, number, cycle)
                    recordings[recording.ref] = recording
        known = list(recordings.values())
        index: dict[str, list[int]] = {}
        for position, recording in enumerate(known):
            for word in words_of(recording):
                index.setdefault(word, []).append(position)
        return known, index

    def versions(self, recording: Recording, day: date) -> list[Recording]:
        """The recording itself and what else a catalogue has under its name: other versions, and another act's song of that name."""
        if recording.ref.variant:
            return [recording]
        places = (recording.ref._replace(variant=kind.value) for kind in _other_versions(recording))
        return [recording, *(found for found in (self.recording(place, day) for place in places) if found is not None)]

    # Videos

    def videos(self, recording: Recording, day: date) -> list[Video]:
        """The videos about a recording that are public on this day, the official one first; some recordings have none."""
        refs = (recording.ref._replace(variant=kind.value) for kind in VideoKind)
        return [video for video in (self.video(ref, day) for ref in refs) if video is not None]

    def video(self, ref: Ref, day: date) -> Video | None:
        """The video at this place, or None if there is none, it is not out yet or it has become private."""
        if ref.variant >= len(VideoKind):
            return None
        recording = self.recording(ref._replace(variant=0), day)
        if recording is None or not recording.has_video:
            return None
        kind = VideoKind(ref.variant)
        age = (day - recording.released).days
        if kind is VideoKind.OFFICIAL and recording.private_after is not None and age >= recording.private_after:
            return None
        if kind is not VideoKind.OFFICIAL and recording.chance(f"has {kind.name}") >= 0.7:
            return None
        delay = 0 if kind is VideoKind.OFFICIAL else 2 + int(recording.chance(f"delay {kind.name}") * 12)
        if age < delay:
            return None
        title, channel = _video_wording(recording, kind)
        views = self.plays(recording, "Youtube", day)
        if kind is not VideoKind.OFFICIAL:
            views = int(views * (0.01 + 0.09 * recording.chance(f"share {kind.name}")))
        published = recording.released + timedelta(days=delay)
        return Video(self.identifiers.youtube_video(ref), kind, recording, title, channel, published, views)


ALBUM_PLACES = (12, 13, 14)
"""In every 24 slots, the ones whose recordings are released together on one album."""
SEARCH_NOISE = frozenset(
    (
        *("official", "video", "audio", "music", "lyric", "lyrics", "visualizer", "track", "artist"),
        *("the", "a", "and", "feat", "ft"),
    )
)


def _is_version(slot: int) -> bool:
    """Whether a slot holds a remix, live or sped-up version of the recording in the slot before it."""
    return slot % 24 in (9, 21)


def _shares(services: tuple[str, ...]) -> list[tuple[frozenset[str], float]]:
    """Which services share how many of all recordings: all of them a tenth, the first two 0.16, the other pairs 0.14 together."""
    if len(services) < 2:
        return []
    if len(services) == 2:
        return [(frozenset(services), 0.4)]
    pairs = [frozenset(services[at] for at in places) for places in ((0, 1), (1, 2), (0, 2))]
    return [(frozenset(services), 0.10), (pairs[0], 0.16), (pairs[1], 0.07), (pairs[2], 0.07)]


def _leader(slot: int) -> int:
    """The slot whose rhythm this one follows: an album's first, a version's original, else its own."""
    if slot % 24 in ALBUM_PLACES:
        return slot - slot % 24 + ALBUM_PLACES[0]
    return slot - 1 if _is_version(slot) else slot


def _other_versions(base: Recording) -> list[RecordingKind]:
    """Which other versions of a song exist besides the one on the charts."""
    if base.kind is not RecordingKind.ORIGINAL:
        return []
    shares = {
        RecordingKind.LIVE: 0.25,
        RecordingKind.SPED_UP: 0.3,
        RecordingKind.REMIX: 0.3,
        RecordingKind.NAMESAKE: 0.35,
        RecordingKind.EXTENDED: 0.15,
    }
    return [kind for kind, share in shares.items() if base.chance(f"has a {kind.name}") < share]


def _video_wording(recording: Recording, kind: VideoKind) -> tuple[str, str]:
    """Title and channel of a video, in the words that people use."""
    main = recording.artists[0].name
    everyone = ", ".join(artist.name for artist in recording.artists)
    song = recording.title
    if recording.featured:
        song += f" (feat. {recording.featured[0].name})"
    if recording.version:
        song += f" ({recording.version})"
    form = recording.chance("video form")
    if kind is VideoKind.OFFICIAL:
        if form < 0.35:
            return f"{everyone} - {song} (Official Video)", f"{recording.artists[0].handle}VEVO"
        if form < 0.60:
            return song, f"{main} - Topic"
        if form < 0.85:
            return f"{everyone} - {song} [Official Audio]", main
        return f"{everyone} – {song} (Official Visualizer)", recording.label
    if kind is VideoKind.LYRICS:
        return f"{everyone} - {song} (Lyrics)", ("Lyric Pebble", "SongSheet Daily", "Words of Zyrith")[int(form * 3)]
    if kind is VideoKind.COVER:
        return f"{recording.title} - {main} (Acoustic Cover)", "Attic Covers by Wemlo"
    if kind is VideoKind.REMIX:
        return f"{everyone} - {recording.title} (Skothorpe Bootleg Remix)", "Bootleg Orchard"
    return f"{everyone} - {recording.title} (Live at Plinth Hall)", "Plinth Hall Sessions"


def words_of(recording: Recording) -> frozenset[str]:
    """All words under which a recording can be found."""
    people = (*recording.artists, *recording.featured, *([recording.remixer] if recording.remixer else []))
    return fold(" ".join([recording.title, recording.version or "", *(artist.name for artist in people)]))


@lru_cache(16_384)
def fold(text: str) -> frozenset[str]:
    """The words of a text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.replace("$", "s")).casefold()
    return frozenset(re.findall(r"\w+", "".join(mark for mark in plain if not unicodedata.combining(mark))))


def slug(text: str) -> str:
    """The text as it appears in an address: ASCII letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("$", "s")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def _unit(key: bytes, question: str) -> float:
    """A number in [0, 1) that depends only on the arguments."""
    return int.from_bytes(blake2b(question.encode(), key=key, digest_size=7).digest(), "big") / (1 << 56)
