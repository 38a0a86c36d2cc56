"""The table of operations: every path that programs build on, and nothing else."""

from django_backend.v1 import catalogue, charts, recordings
from django_backend.v1.operation import Media, Operation, Tag
from django_backend.v1.parameters import DATE, GENRE, LIMIT, SERVICE, SLUG_OF_ARTIST, TRACK_ID, WORDS, fields_of
from tunemeld_pipeline.publishing.v1.artists import ArtistDetails, ArtistRecording
from tunemeld_pipeline.publishing.v1.charts import ChartRow, GenreChart
from tunemeld_pipeline.publishing.v1.days import ChartedDate
from tunemeld_pipeline.publishing.v1.genres import GenreState
from tunemeld_pipeline.publishing.v1.lists import ListRow, ServiceList
from tunemeld_pipeline.publishing.v1.search import FoundTrack, SearchResults
from tunemeld_pipeline.publishing.v1.services import ServiceState
from tunemeld_pipeline.publishing.v1.tracks import TrackDetails

OPERATIONS = (
    Operation(
        path="/v1/genres",
        identity="listGenres",
        tag=Tag.CATALOGUE,
        summary="The genres",
        description="Every genre of the catalogue in the order of the page, with how fresh and complete its chart is.",
        view=catalogue.genres,
        media=(Media(model=list[GenreState]),),
        parameters=(fields_of(GenreState),),
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
        rows="tracks",
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
        rows="tracks",
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
        path="/v1/artists/{slug}",
        identity="getArtist",
        tag=Tag.RECORDINGS,
        summary="An artist's recordings",
        description="An artist, and the recordings that credit them, over all genres and days, those that came highest on a chart first.",
        view=recordings.artist,
        media=(Media(model=ArtistDetails),),
        parameters=(SLUG_OF_ARTIST, fields_of(ArtistRecording), LIMIT),
        rows="recordings",
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
        rows="tracks",
    ),
)
