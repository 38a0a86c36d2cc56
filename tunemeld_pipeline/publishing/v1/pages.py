"""The answers of `/v1` that are rendered once per version, by path: those of one genre, and those for all genres together.

Only these go into the shared cache. What depends on more than today's documents (a past day, a track, a search) is made on demand.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.charts.documents import Materialization
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.withholding import Withheld
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.reading import Documents
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.charts import todays_chart
from tunemeld_pipeline.publishing.v1.counts import todays_counts
from tunemeld_pipeline.publishing.v1.days import ChartedDate, charted_dates
from tunemeld_pipeline.publishing.v1.feeds import genre_feed
from tunemeld_pipeline.publishing.v1.genres import GenreState, genre_states
from tunemeld_pipeline.publishing.v1.lists import todays_list
from tunemeld_pipeline.publishing.v1.services import ServiceState, service_states
from tunemeld_pipeline.publishing.v1.today import GenreToday, Today, today
from tunemeld_pipeline.publishing.v1.values import json_text

SHARED_PATHS = (links.GENRES, links.SERVICES, links.TODAY)


def genre_contents(documents: Documents, described: Genre) -> dict[str, Content]:
    """Today's answers of one genre; `described` is the genre in the catalogue."""
    genre, modified = described.key, documents.materialization.finished_at
    days = links.days(genre)
    dates = json_text(charted_dates(genre, documents.dates))
    made = documents.materialization
    feed = genre_feed(described, made.upstream, utc_day(made.shown_as_of), documents.last_days)
    return {
        links.chart(genre): todays_chart(documents, described),
        links.counts(genre): todays_counts(documents, described),
        days: Content(dates, modified, links=links.described(days, ChartedDate)),
        **{
            links.service_list(genre, service): todays_list(documents, described, service)
            for service in described.services
        },
        links.feed_source(genre): Content(feed.model_dump_json(), modified),
    }


def genre_paths(described: Genre) -> list[str]:
    """The paths of `genre_contents`."""
    genre = described.key
    lists = [links.service_list(genre, service) for service in described.services]
    return [links.chart(genre), links.counts(genre), links.days(genre), *lists, links.feed_source(genre)]


def catalogue_contents(
    catalog: Catalog, materializations: Mapping[str, Materialization], modified: datetime, withheld: Withheld
) -> dict[str, Content]:
    """The answers about all genres and services; `modified` is when the newest of them was published."""
    states = json_text(genre_states(catalog, materializations))
    services = json_text(service_states(catalog, materializations, withheld))
    return {
        links.GENRES: Content(states, modified, links=links.described(links.GENRES, GenreState)),
        links.SERVICES: Content(services, modified, links=links.described(links.SERVICES, ServiceState)),
    }


def today_contents(todays: Sequence[GenreToday], modified: datetime) -> dict[str, Content]:
    """The answer of today from what each genre adds, in the order of the catalogue."""
    return {links.TODAY: Content(json_text(today(todays)), modified, links=links.described(links.TODAY, Today))}
