"""The table of operations: every path that programs build on, and nothing else."""

from django_backend.v1 import catalogue, charts
from django_backend.v1.operation import Media, Operation, Tag
from django_backend.v1.parameters import GENRE, LIMIT, fields_of
from tunemeld_pipeline.publishing.v1.days import ChartedDate
from tunemeld_pipeline.publishing.v1.genres import GenreState

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
