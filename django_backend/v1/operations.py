"""The table of operations: every path that programs build on, and nothing else."""

from django_backend.v1 import catalogue, charts
from django_backend.v1.operation import Media, Operation, Tag
from django_backend.v1.parameters import DATE, GENRE, LIMIT, SERVICE, fields_of
from tunemeld_pipeline.publishing.v1.charts import ChartRow, GenreChart
from tunemeld_pipeline.publishing.v1.days import ChartedDate
from tunemeld_pipeline.publishing.v1.genres import GenreState
from tunemeld_pipeline.publishing.v1.lists import ListRow, ServiceList

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
)
