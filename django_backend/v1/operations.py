"""The table of operations: every path that programs build on, and nothing else."""

from django_backend.v1 import catalogue, charts, editors, exports, feed_formats, feeds, recordings
from django_backend.v1.operation import Media, Operation, Tag
from django_backend.v1.parameters import (
    ADDRESSES_OF,
    DATE,
    FROM,
    GENRE,
    IN_MARKET,
    LIMIT,
    MOST_HEIGHT,
    MOST_WIDTH,
    OEMBED_FORMAT,
    OEMBED_URL,
    SERVICE,
    SLUG_OF_ARTIST,
    TO,
    TRACK_ID,
    TRACK_IDS,
    WINDOW,
    WORDS,
    fields_of,
)
from tunemeld_pipeline.publishing.v1.agreement import Agreement, FirstListed
from tunemeld_pipeline.publishing.v1.artists import ArtistDetails, ArtistRecording
from tunemeld_pipeline.publishing.v1.changes import ChangedRow, Changes
from tunemeld_pipeline.publishing.v1.charts import ChartRow, GenreChart
from tunemeld_pipeline.publishing.v1.counts import ChartCounts, TrackCounts
from tunemeld_pipeline.publishing.v1.days import ChartedDate
from tunemeld_pipeline.publishing.v1.exports import FORMATS, Jspf
from tunemeld_pipeline.publishing.v1.followed import FollowedTrack
from tunemeld_pipeline.publishing.v1.genres import GenreState
from tunemeld_pipeline.publishing.v1.lists import ListRow, ServiceList
from tunemeld_pipeline.publishing.v1.oembed import OEmbed
from tunemeld_pipeline.publishing.v1.search import FoundTrack, SearchResults
from tunemeld_pipeline.publishing.v1.services import ServiceState
from tunemeld_pipeline.publishing.v1.today import Today, TodayRow
from tunemeld_pipeline.publishing.v1.tracks import TrackDetails

FEED_NAMES = {"atom": "Atom", "json": "JSON Feed"}
EXPORT_NAMES = {"jspf": "Jspf", "xspf": "Xspf", "m3u8": "M3U", "csv": "Csv", "txt": "Text"}
MODELS = {"json": feed_formats.JsonFeed, "jspf": Jspf}
"""What the files and feeds are that are JSON, by the ending of their paths."""

OPERATIONS = (
    Operation(
        path="/v1/genres",
        identity="listGenres",
        tag=Tag.CATALOGUE,
        summary="The genres",
        description="Every genre of the catalogue in the order of the page, with how fresh and complete its chart is; with `market`"
        " those of one market.",
        view=catalogue.genres,
        media=(Media(model=list[GenreState]),),
        parameters=(IN_MARKET, fields_of(GenreState)),
    ),
    Operation(
        path="/v1/services",
        identity="listServices",
        tag=Tag.CATALOGUE,
        summary="The services",
        description="Every service whose lists are read and every source of counts: what it gives, its colours, and how fresh and complete"
        " that is in each genre.",
        view=catalogue.services,
        media=(Media(model=list[ServiceState]),),
        parameters=(fields_of(ServiceState),),
    ),
    Operation(
        path="/v1/charts/{genre}",
        identity="getChart",
        tag=Tag.CHARTS,
        summary="A genre's chart",
        description="The recordings on which the services' editors agree, best first: of today, or with `date` of any past day."
        " Positions, scores, movement and counts are those of that day; names and addresses are those last known.",
        view=charts.chart,
        media=(Media(model=GenreChart),),
        parameters=(GENRE, DATE, fields_of(ChartRow), LIMIT),
        rows=("tracks",),
    ),
    Operation(
        path="/v1/lists/{genre}/{service}",
        identity="getList",
        tag=Tag.CHARTS,
        summary="A service's list",
        description="What one service's editors list in a genre, in their order: today, or with `date` on any past day.",
        view=charts.service_list,
        media=(Media(model=ServiceList),),
        parameters=(GENRE, SERVICE, DATE, fields_of(ListRow), LIMIT),
        rows=("tracks",),
    ),
    Operation(
        path="/v1/charts/{genre}/days",
        identity="listChartDays",
        tag=Tag.CHARTS,
        summary="The days that have a chart",
        description="Every UTC day of which the genre's chart is kept, newest first.",
        view=charts.days,
        media=(Media(model=list[ChartedDate]),),
        parameters=(GENRE, fields_of(ChartedDate), LIMIT),
    ),
    Operation(
        path="/v1/charts/{genre}/counts",
        identity="getChartCounts",
        tag=Tag.CHARTS,
        summary="The counts of a chart's recordings",
        description="How often each recording of a chart had been played or viewed on each of the thirty days up to it, by source.",
        view=charts.counts,
        media=(Media(model=ChartCounts),),
        parameters=(GENRE, DATE, fields_of(TrackCounts), LIMIT),
        rows=("tracks",),
    ),
    Operation(
        path="/v1/tracks/{track_id}",
        identity="getTrack",
        tag=Tag.RECORDINGS,
        summary="A recording",
        description="Everything that is known of a recording: names, ISRCs, addresses on all services, who listed it first, where it stood"
        " on every day of every genre, and its counts over time. A provisional id that became an ISRC leads there for ever.",
        view=recordings.track,
        media=(Media(model=TrackDetails),),
        parameters=(TRACK_ID,),
        leads_on=True,
    ),
    Operation(
        path="/v1/tracks",
        identity="listTracks",
        tag=Tag.RECORDINGS,
        summary="Where some recordings stand now",
        description="Recordings by their ids, for who follows them: what they are called, and genre by genre how they did and where they"
        " stand on the newest chart.",
        view=recordings.followed,
        media=(Media(model=list[FollowedTrack]),),
        parameters=(TRACK_IDS, fields_of(FollowedTrack), LIMIT),
    ),
    Operation(
        path="/v1/artists/{slug}",
        identity="getArtist",
        tag=Tag.RECORDINGS,
        summary="An artist's recordings",
        description="An artist, and the recordings that credit them, over all genres and days, those that came highest on a chart first.",
        view=recordings.artist,
        media=(Media(model=ArtistDetails),),
        parameters=(SLUG_OF_ARTIST, fields_of(ArtistRecording), LIMIT),
        rows=("recordings",),
    ),
    Operation(
        path="/v1/search",
        identity="search",
        tag=Tag.RECORDINGS,
        summary="Recordings and artists by words",
        description="Recordings and artists over all genres and days, the best first. Accents and small typing errors are forgiven.",
        view=recordings.search,
        media=(Media(model=SearchResults),),
        parameters=(WORDS, fields_of(FoundTrack), LIMIT),
        rows=("tracks",),
    ),
    Operation(
        path="/v1/charts/{genre}/changes",
        identity="getChartChanges",
        tag=Tag.EDITORS,
        summary="What changed between two days",
        description="What is new, gone, climbed and fell on a genre's chart between any two days that have one; by default, "
        "since the day before the newest.",
        view=editors.changes,
        media=(Media(model=Changes),),
        parameters=(GENRE, FROM, TO, fields_of(ChangedRow), LIMIT),
        rows=("new", "gone", "climbed", "fell"),
    ),
    Operation(
        path="/v1/today",
        identity="getToday",
        tag=Tag.EDITORS,
        summary="Today, over all genres",
        description="What the editors agree on most, what is new, climbs and leaves since the day before, and where the editors disagree.",
        view=editors.today,
        media=(Media(model=Today),),
        parameters=(fields_of(TodayRow), LIMIT),
        rows=("most_agreed", "new", "climbers", "leavers", "disputed"),
    ),
    Operation(
        path="/v1/agreement/{genre}",
        identity="getAgreement",
        tag=Tag.EDITORS,
        summary="How the editors agree",
        description="How much the lists of each pair of services agree, day by day; who listed each recording of the chart first, and by "
        "how many days; and how long recordings stay on the chart.",
        view=editors.agreement,
        media=(Media(model=Agreement),),
        parameters=(GENRE, WINDOW, fields_of(FirstListed), LIMIT),
        rows=("recordings",),
    ),
    *(
        Operation(
            path=f"/feeds/{{genre}}.{ending}",
            identity=f"get{ending.capitalize()}Feed",
            tag=Tag.FEEDS,
            summary=f"What is new on a chart, as {name}",
            description="Each recording that came onto the chart, came back, or rose into its top ten on one of the last thirty days, the "
            "latest first. An entry's id never changes.",
            view=feeds.feed_view(ending),
            media=(Media(feed_formats.FORMATS[ending][0].partition(";")[0], MODELS.get(ending)),),
            parameters=(GENRE,),
        )
        for ending, name in FEED_NAMES.items()
    ),
    *(
        Operation(
            path=f"/v1/export/{{genre}}.{ending}",
            identity=f"exportChartAs{EXPORT_NAMES[ending]}",
            tag=Tag.EXPORTS,
            summary=f"A chart as a file: {ending.upper()}",
            description="Today's chart, or that of a past day, to take along: the recordings in their order with their addresses.",
            view=exports.export_view(ending),
            media=(Media(media_type.partition(";")[0], MODELS.get(ending)),),
            parameters=(GENRE, DATE, ADDRESSES_OF),
        )
        for ending, (media_type, _) in FORMATS.items()
    ),
    Operation(
        path="/embed/{genre}",
        identity="getEmbed",
        tag=Tag.EXPORTS,
        summary="A top ten for other people's pages",
        description="A page for a frame: it holds no script, loads nothing, and follows the reader's colour scheme. Any site may frame it.",
        view=exports.embed,
        media=(Media("text/html"),),
        parameters=(GENRE,),
    ),
    Operation(
        path="/v1/oembed",
        identity="getOembed",
        tag=Tag.EXPORTS,
        summary="What oEmbed says of a page",
        description="The frame to show for a genre's page on this site, for programs that turn addresses into frames (oEmbed 1.0).",
        view=exports.oembed_of,
        media=(Media(model=OEmbed), Media("text/xml")),
        parameters=(OEMBED_URL, MOST_WIDTH, MOST_HEIGHT, OEMBED_FORMAT),
        statuses=(404,),
    ),
)
