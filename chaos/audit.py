"""The audit after the day: examines every document, and compares every reading with what the invented world says about its day.

Each promise is a check that lists what breaks it. The world is a pure function of its seed, so the right count of any recording on any day
is known without asking anybody.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from chaos.runner import Run
from chaos.stage import TRACKS
from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.plugins.registry import count_sources, keys, load_catalog
from tunemeld_pipeline.sandbox.world import Recording, World
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.encoding import check
from tunemeld_pipeline.storage.shapes import SHAPES

Json = dict[str, Any]
Reading = tuple[str, str, str]
"""ISRC, source and UTC day of a reading."""

WITNESS_SECONDS = 3.0

BUCKETS: dict[str, tuple[str, str | None]] = {
    "spotify": ("spotify", None),
    "apple_music": ("apple_music", None),
    "soundcloud": ("soundcloud", None),
    "youtube": ("youtube", "videos"),
    "youtube_search": ("youtube", "search"),
}
"""Our budgets, and the sandbox's upstream and endpoint whose requests count against each."""


def misshapen(database: "Database[Json]") -> Iterator[str]:
    """A sentence on each document that does not fit its model."""
    for name in SHAPES:
        for document in database[name].find():
            try:
                check(name, document)
            except TuneMeldError as error:
                yield str(error)


def _mended_only(run: Run) -> bool:
    """Whether the run is degraded for nothing but documents that could not be read, and that it wrote anew."""
    return run.outcome == "degraded" and all(one.startswith("document ") for one in run.detail.split(", "))


class Witness(threading.Thread):
    """Reads the histories every few seconds, and remembers every reading that it has ever seen."""

    def __init__(self, url: str, database_name: str) -> None:
        super().__init__(name="witness")
        self.seen: dict[Reading, int] = {}
        self.looks = 0
        self._url = url
        self._database_name = database_name
        self._enough = threading.Event()

    def run(self) -> None:
        """Looks until it is stopped; while the database is away there is nothing to see."""
        while not self._enough.wait(WITNESS_SECONDS):
            with suppress(PyMongoError, TuneMeldError), connect(self._url, 1.0, 5.0) as client:
                self.seen |= readings(client[self._database_name])
                self.looks += 1

    def stop(self) -> None:
        """Waits for the last look."""
        self._enough.set()
        self.join()


def readings(database: "Database[Json]") -> dict[Reading, int]:
    """All current readings."""
    return {
        (history["isrc"], source, f"{one['current_timestamp']:%Y-%m-%d}"): one["view_count"]
        for history in database["historical_track_views"].find()
        for source, days in history["view_counts"].items()
        for one in days.values()
    }


def _misplaced(database: "Database[Json]") -> Iterator[str]:
    """A sentence on each reading that is not where its day belongs, and on each month that is kept twice."""
    for history in database["historical_track_views"].find():
        name = f"{history['isrc']} {history['period']}"
        if history["_id"] != f"{history['isrc']}/{history['period']}":
            yield f"{name}: kept as {history['_id']}"
        for source, days in history["view_counts"].items():
            for day, one in days.items():
                if f"{one['current_timestamp']:%Y-%m-%d}" != f"{history['period']}-{day}":
                    yield f"{name} {source}: the reading of {one['current_timestamp']} under {day}"


class Audit:
    """The promises, checked on the collections in their final state.

    Args:
        runs: the outcome of every run except those of the last round.
        last_round: the runs of the round after all troubles ended, at `moment`.
        charts: (genre, run id) → the track ids that were served as that run's chart.
        seen: every reading that was ever seen.
        requests: the requests that the sandbox received, by upstream and endpoint.
        genres: those that were refreshed.
    """

    def __init__(
        self,
        settings: Settings,
        seed: int,
        *,
        runs: Sequence[Run],
        last_round: Sequence[Run],
        moment: datetime,
        charts: Mapping[tuple[str, str], Sequence[str]],
        seen: Mapping[Reading, int],
        requests: Mapping[str, Mapping[str, int]],
        genres: Sequence[str],
    ) -> None:
        self._genres = genres
        self._settings = settings
        self._world = World(seed, load_catalog(), dict.fromkeys(keys(), TRACKS))
        self._runs = runs
        self._last_round = last_round
        self._moment = moment
        self._charts = charts
        self._seen = seen
        self._requests = requests
        self.compared = 0

    def findings(self, database: "Database[Json]") -> dict[str, list[str]]:
        """Per promise, what breaks it; nothing if it holds."""
        checks: dict[str, Callable[[Database[Json]], Iterable[str]]] = {
            "every document has its model's shape": misshapen,
            "what belongs together is of one run": self._one_run,
            "one reading a source and day, in its place": _misplaced,
            "every reading is what the world says": self._truth,
            "no reading is missing where an upstream answered": self._missing,
            "nothing that was there is lost": self._lost,
            "every run that reported success is kept": self._acknowledged,
            "no quota is overspent": self._quotas,
            "what was served as a chart is that run's chart": self._served,
            "all is fresh after one schedule": self._fresh,
        }
        return {name: list(check(database)) for name, check in checks.items()}

    def _one_run(self, database: "Database[Json]") -> Iterable[str]:
        for genre in self._genres:
            lists = {one["service_name"]: one for one in database["track_playlist"].find({"genre_name": genre})}
            chart = database["view_counts_playlists"].find_one({"genre_name": genre}) or {"tracks": []}
            published = database["materializations"].find_one({"_id": genre}) or {}
            if lists.keys() != {*keys(), "Aggregate"}:
                yield f"{genre} has lists of {sorted(lists)}"
                continue
            writers = {one["run_id"] for one in lists.values()} | {chart.get("run_id"), published.get("run_id")}
            if len(writers) != 1:
                yield f"{genre} was written by {len(writers)} runs: {writers}"
            if [one["track_id"] for one in chart["tracks"]] != [
                one["track_id"] for one in lists["Aggregate"]["tracks"]
            ]:
                yield f"{genre}: the chart has other tracks than the consensus"
            if published.get("chart_length") != len(chart["tracks"]) or not chart["tracks"]:
                yield f"{genre}: {len(chart['tracks'])} tracks, of {published.get('chart_length')} published"

    def _truth(self, database: "Database[Json]") -> Iterable[str]:
        for (isrc, source, day), count in readings(database).items():
            right = self._counts(isrc, source, date.fromisoformat(day))
            self.compared += 1
            if count not in right:
                yield f"{isrc} {source} {day}: {count}, not {sorted(right)}"

    def _counts(self, isrc: str, source: str, day: date) -> set[int]:
        recording = self._recording(isrc, day)
        if recording is None:
            return set()
        if source == "Youtube":
            return {video.views for video in self._world.videos(recording, day)}
        return {self._world.plays(recording, source, day)}

    def _recording(self, isrc: str, day: date) -> Recording | None:
        place = self._world.identifiers.recording_of(isrc)
        if place is None:
            return None
        own = self._world.recording(place, day)
        return own or self._world.recording(place._replace(variant=0), day)

    def _missing(self, database: "Database[Json]") -> Iterable[str]:
        days: dict[tuple[str, str], set[str]] = defaultdict(set)
        for isrc, source, day in readings(database):
            days[source, day].add(isrc)
        for charted in database["chart_history"].find():
            known = {track for track in charted["chart"] if well_formed_isrc(track)}
            for source in (one.key for one in count_sources()):
                counted = round(charted["coverage"].get(source, 0) * len(charted["chart"]))
                least = counted - (len(charted["chart"]) - len(known))
                if (there := len(known & days[source, charted["date"]])) < least:
                    yield f"{charted['genre_name']} {charted['date']} {source}: {there} readings of {least} counted"

    def _lost(self, database: "Database[Json]") -> Iterable[str]:
        now = readings(database)
        for reading, count in self._seen.items():
            if now.get(reading) != count:
                yield f"{reading}: was {count}, is {now.get(reading)}"

    def _acknowledged(self, database: "Database[Json]") -> Iterable[str]:
        kept = {(one["genre_name"], one["date"]): one for one in database["chart_history"].find()}
        versions = {one["_id"]: one["version"] for one in database["materializations"].find()}
        published = [run for run in (*self._runs, *self._last_round) if run.published]
        for run in published:
            moment = datetime.fromisoformat(run.as_of)
            there = kept.get((run.genre, f"{moment:%Y-%m-%d}"))
            if there is None or there["insert_timestamp"] < moment:
                yield f"{run.genre} at {run.as_of} ({run.run_id}): its day's chart is not kept"
        for genre, count in Counter(run.genre for run in published).items():
            if versions.get(genre, 0) < count:
                yield f"{genre}: version {versions.get(genre)} after {count} published runs"

    def _quotas(self, database: "Database[Json]") -> Iterable[str]:
        for bucket, (upstream, endpoint) in BUCKETS.items():
            limit = getattr(self._settings, f"{bucket}_daily_budget")
            used = {
                one["_id"]: one["used"] for one in database["api_usage"].find({"_id": {"$regex": rf"^{bucket}/\d"}})
            }
            for key, units in used.items():
                if units > limit:
                    yield f"{key}: {units} of {limit}"
            asked = sum(n for name, n in self._requests.get(upstream, {}).items() if endpoint in (None, name))
            if asked > sum(used.values()):
                yield f"{bucket}: {asked} requests, {sum(used.values())} units taken for them"

    def _served(self, database: "Database[Json]") -> Iterable[str]:
        kept = {(one["genre_name"], one["run_id"]): one["chart"] for one in database["chart_history"].find()}
        for key, tracks in self._charts.items():
            if key in kept and kept[key] != tracks:
                yield f"{key[0]}: the run {key[1]} made another chart than was served"

    def _fresh(self, database: "Database[Json]") -> Iterable[str]:
        for run in self._last_round:
            if run.outcome != "fresh" and not _mended_only(run):
                yield f"{run.genre}: the last run is {run.outcome}: {run.detail}"
        for published in database["materializations"].find():
            if published["as_of"] != self._moment or published["degraded"]:
                yield f"{published['_id']}: as of {published['as_of']}, degraded {published['degraded']}"
        for playlist in database["raw_playlists"].find({}, {"data_json": 0}):
            if playlist["stale"] or playlist["insert_timestamp"] != self._moment:
                yield f"{playlist['genre_name']} {playlist['service_name']}: stale, of {playlist['insert_timestamp']}"
