"""Which model the documents of each collection have, what an unreadable one harms, and what heals it.

One table: readers name a document by it, MongoDB's validators are made from it, and the check of the database goes through it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedTrack
from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    AggregatePlaylist,
    Chart,
    HistoryPeriod,
    LookedUp,
    Materialization,
    PlaylistDescription,
    RawPlaylist,
    ServicePlaylist,
)
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.positions import PositionsOfMonth
from tunemeld_pipeline.charts.recordings import Artist, RecordingFacts, SearchWord
from tunemeld_pipeline.charts.source_states import SourceState
from tunemeld_pipeline.charts.withholding import Withholding
from tunemeld_pipeline.storage.usage import UsageDay, UsageHabits, UsagePlan
from tunemeld_pipeline.storage.validators import bson_schema

Json = dict[str, Any]

DATE: Json = {"bsonType": "date"}
BOOL: Json = {"bsonType": "bool"}
VERSION: Json = {"schema_version": {"bsonType": ["int", "long"]}}


@dataclass(frozen=True, slots=True)
class Variant:
    """One kind of document in a collection.

    Attributes:
        only: the schema of the fields by which MongoDB distinguishes it from the others.
        applies: whether a document is of this kind.
        left_out: the model's fields that the document keeps as its `_id`.
        more: fields that the document has besides, each with its schema.
        within: the field that holds what has the model's shape; by default the document itself.
    """

    model: type[BaseModel]
    only: Mapping[str, Json] = field(default_factory=dict)
    applies: Callable[[Json], bool] = lambda _: True
    left_out: tuple[str, ...] = ()
    more: Mapping[str, Json] = field(default_factory=dict)
    within: str | None = None

    @property
    def schema(self) -> Json:
        """What MongoDB requires of it."""
        more = VERSION | dict(self.more) if "schema_version" in self.model.model_fields else dict(self.more)
        if self.within:
            made = bson_schema(self.model, self.left_out, VERSION)
            required = {self.within: made, **self.more}
            made = {"bsonType": "object", "required": sorted(required), "properties": required}
        else:
            made = bson_schema(self.model, self.left_out, more)
        return {**made, "properties": made["properties"] | dict(self.only)}


@dataclass(frozen=True, slots=True)
class Shape:
    """A collection's documents.

    Attributes:
        harm: what does not work while one of them cannot be read.
        remedy: what writes it anew, or what to do if nothing does.
        is_rewritten: whether the next run makes it again from the services, so that a repair may remove it.
        is_salvaged: whether what can be read of one stays when the rest is put aside.
        id_field: the field that repeats the `_id`, if one does.
    """

    variants: tuple[Variant, ...]
    harm: str
    remedy: str
    is_rewritten: bool = False
    is_salvaged: bool = False
    id_field: str | None = None

    @property
    def schema(self) -> Json:
        """The `$jsonSchema` of the collection."""
        schemas = [variant.schema for variant in self.variants]
        return schemas[0] if len(schemas) == 1 else {"bsonType": "object", "anyOf": schemas}

    def variant_of(self, document: Json) -> Variant:
        """The kind of document that this one should be."""
        return next((one for one in self.variants if one.applies(document)), self.variants[0])


def _by_id(pattern: str) -> dict[str, Any]:
    found = re.compile(pattern)
    return {
        "only": {"_id": {"bsonType": "string", "pattern": pattern}},
        "applies": lambda document: bool(found.search(str(document.get("_id")))),
    }


def _backfilled(model: type[BaseModel], pattern: str) -> Variant:
    return Variant(model, **_by_id(pattern), more={"expires_at": DATE}, within="document")


NEXT_RUN = "the next run of its genre writes it anew"
NEW_LOOK_UP = "the next run looks it up again and writes it anew"
LOOKED_UP = Shape((Variant(LookedUp),), "what was looked up counts as unknown", NEW_LOOK_UP)

SHAPES: Mapping[str, Shape] = {
    "raw_playlists": Shape((Variant(RawPlaylist),), "the service's list counts as absent", NEXT_RUN, is_rewritten=True),
    "wider_lists": Shape(
        (Variant(RawPlaylist),),
        "the rows at a list's end that its source cannot show are left out",
        "it is not needed any more once a source shows the whole list; until then restore a backup, or have it put aside",
    ),
    "source_states": Shape(
        (Variant(SourceState),),
        "the source counts as never asked, so it is asked again even if it rests",
        "the next run that asks the source writes it anew",
        is_rewritten=True,
        id_field="source",
    ),
    "track_playlist": Shape(
        (
            Variant(AggregatePlaylist, applies=lambda document: document.get("service_name") == AGGREGATE),
            Variant(
                ServicePlaylist,
                only={"service_name": {"bsonType": "string", "not": {"enum": [AGGREGATE]}}},
                applies=lambda document: document.get("service_name") != AGGREGATE,
            ),
        ),
        "workers that start now show no list of that service; without the consensus they cannot show the genre",
        NEXT_RUN,
        is_rewritten=True,
    ),
    "view_counts_playlists": Shape(
        (Variant(Chart),), "workers that start now cannot show the genre", NEXT_RUN, is_rewritten=True
    ),
    "historical_track_views": Shape(
        (Variant(HistoryPeriod),),
        "the readings in it are left out of charts and graphs",
        "the next run that counts the track in that month writes it anew, with all readings that can be read; the original is kept",
        is_salvaged=True,
    ),
    "materializations": Shape(
        (Variant(Materialization),),
        "workers that start now cannot show the genre",
        NEXT_RUN,
        is_rewritten=True,
        id_field="genre_name",
    ),
    "chart_history": Shape(
        (Variant(ChartDay),),
        "that day cannot be shown, and movements do not count it",
        "a run of the same day writes it anew; for an earlier day restore a backup, or have it put aside",
    ),
    "charted_tracks": Shape(
        (Variant(ChartedTrack),),
        "nothing but time: charts go through all days that are kept",
        "the next run of its genre makes it again from those days",
        is_rewritten=True,
    ),
    "positions": Shape(
        (Variant(PositionsOfMonth),),
        "the recording seems not to have been on the genre's lists in that month",
        "the next run of its genre makes that month again from the days that are kept",
        is_rewritten=True,
    ),
    "recordings": Shape(
        (Variant(RecordingFacts),),
        "charts of past days show the recording without its names, and no search finds it",
        "the next run with the recording on its chart writes it anew",
        id_field="track_id",
    ),
    "artists": Shape(
        (Variant(Artist),),
        "the artist cannot be shown or found",
        "the next run that meets the artist writes it anew, under the same slug",
        id_field="slug",
    ),
    "search_words": Shape(
        (Variant(SearchWord),),
        "a search that misspells the word does not find it",
        "the next run with a new recording of that word writes it anew",
        is_rewritten=True,
    ),
    "withheld": Shape(
        (Variant(Withholding),),
        "what it withholds is not known, so workers show nothing newer than before, and those that start now show no chart",
        "withhold it again, or restore a backup",
    ),
    "playlist_cache": Shape(
        (Variant(PlaylistDescription, more={"fetched_at": DATE}),),
        "the playlist's name and cover count as unknown",
        "the next run fetches them again",
        is_rewritten=True,
    ),
    "isrc_cache": LOOKED_UP,
    "youtube_cache": LOOKED_UP,
    "spotify_cache": LOOKED_UP,
    "api_usage": Shape(
        (
            Variant(UsageDay, **_by_id("/[0-9-]+$")),
            Variant(UsageHabits, **_by_id("/habits$")),
            Variant(UsagePlan, **_by_id("/plan$")),
        ),
        "a day that does not say how many units are used counts as used up: nothing more is asked of that quota until it resets",
        "the next call mends all but such a day, which a repair begins at 0 units",
        is_salvaged=True,
    ),
    "backfill": Shape(
        (
            _backfilled(RawPlaylist, "^raw_playlists/"),
            _backfilled(AggregatePlaylist, "^track_playlist/[^/]*/Aggregate/"),
            _backfilled(ServicePlaylist, "^track_playlist/[^/]*/(?!Aggregate/)"),
            _backfilled(Chart, "^view_counts_playlists/"),
        ),
        "a run for a past day cannot go on from it",
        "run that day again; it is gone after a week",
        is_rewritten=True,
    ),
    "incidents": Shape(
        (Variant(Incident, left_out=("incident_id",), more={"open": BOOL}),),
        "the incident is not shown",
        "the next look at what is wrong opens it anew, where it is still wrong",
    ),
}
