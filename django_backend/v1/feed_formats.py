"""A genre's feed as Atom (RFC 4287), by Django's own generator, and as JSON Feed 1.1 (jsonfeed.org), under the address of a request."""

from datetime import UTC, datetime
from html import escape

from django.utils.feedgenerator import Atom1Feed
from pydantic import Field

from django_backend.shown_chart import UNKNOWN_TITLE
from tunemeld_pipeline.publishing.page_paths import chart_path
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.feeds import FeedEntry, GenreFeed
from tunemeld_pipeline.publishing.v1.values import Address, Moment, Value, json_text

ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_FEED_TYPE = "application/feed+json"
JSON_FEED_VERSION = "https://jsonfeed.org/version/1.1"

AUTHOR = "TuneMeld"


class JsonFeedAuthor(Value):
    """Who makes a feed."""

    name: str = Field(description="The name.")
    url: Address = Field(description="This site.")


class JsonFeedItem(Value):
    """A recording that came onto a chart, came back, or rose into its top ten."""

    id: str = Field(description="A URN, which stays the same for ever.")
    url: Address = Field(description="The recording on the page, on the chart of that day.")
    title: str = Field(description="What it did, at which rank, with its title and artists.")
    content_text: str = Field(description="The same as a sentence.")
    date_published: Moment = Field(description="The beginning of the day.")
    tags: list[str] = Field(description="The genre's name.")


class JsonFeed(Value):
    """What is new on a genre's chart, as JSON Feed 1.1."""

    version: str = Field(description="The version of the format, as its address.")
    title: str = Field(description="The feed's name.")
    home_page_url: Address = Field(description="The genre's page.")
    feed_url: Address = Field(description="This feed.")
    description: str = Field(description="What the feed shows.")
    language: str = Field(description="The language of its words.")
    authors: list[JsonFeedAuthor] = Field(description="Who makes it.")
    items: list[JsonFeedItem] = Field(description="The entries, the latest first.")


class _Atom(Atom1Feed):
    """Django's generator, where a feed without entries has the time of its newest day and not that of the request."""

    def latest_post_date(self) -> datetime:
        moment: datetime = self.feed["moment"]
        return moment


def atom(feed: GenreFeed, root: str) -> str:
    """The feed as Atom.

    Args:
        root: scheme and host of this site, as in the request.
    """
    made = _Atom(
        title=title_of(feed),
        link=page_address(root, feed.genre),
        description=_about(feed),
        subtitle=_about(feed),
        language="en",
        author_name=AUTHOR,
        author_link=root,
        feed_url=f"{root}{links.feed(feed.genre, 'atom')}",
        feed_guid=feed.id,
        moment=_moment(feed.entries[0].date if feed.entries else feed.date),
    )
    for entry in feed.entries:
        made.add_item(
            title=_headline(entry),
            link=page_address(root, feed.genre, entry),
            description=escape(_sentence(feed, entry)),
            unique_id=entry.id,
            pubdate=_moment(entry.date),
            updateddate=_moment(entry.date),
            categories=[feed.name],
        )
    return str(made.writeString("utf-8"))


def json_feed(feed: GenreFeed, root: str) -> str:
    """The feed as JSON Feed; `root` as in `atom`."""
    document = JsonFeed(
        version=JSON_FEED_VERSION,
        title=title_of(feed),
        home_page_url=page_address(root, feed.genre),
        feed_url=f"{root}{links.feed(feed.genre, 'json')}",
        description=_about(feed),
        language="en",
        authors=[JsonFeedAuthor(name=AUTHOR, url=root)],
        items=[
            JsonFeedItem(
                id=entry.id,
                url=page_address(root, feed.genre, entry),
                title=_headline(entry),
                content_text=_sentence(feed, entry),
                date_published=_moment(entry.date),
                tags=[feed.name],
            )
            for entry in feed.entries
        ],
    )
    return json_text(document)


FORMATS = {"atom": (ATOM_TYPE, atom), "json": (JSON_FEED_TYPE, json_feed)}
"""By the ending of a feed's path, its media type and what writes it."""


def title_of(feed: GenreFeed) -> str:
    """The name under which a reader shows the feed."""
    return f"TuneMeld: new on the {feed.name} chart"


def page_address(root: str, genre: str, entry: FeedEntry | None = None) -> str:
    """The page of a genre, or of an entry's recording on the chart of its day."""
    return root + (chart_path(genre, entry.date, track=entry.track_id) if entry else chart_path(genre))


def _about(feed: GenreFeed) -> str:
    return f"What comes onto the {feed.name} chart, comes back, or rises into its top ten."


def _headline(entry: FeedEntry) -> str:
    what = {"new": "New at", "re": "Back at", "top": "In the top ten at"}[entry.kind]
    title = entry.title or UNKNOWN_TITLE
    return f"{what} {entry.rank}: {title} – {entry.artist}" if entry.artist else f"{what} {entry.rank}: {title}"


def _sentence(feed: GenreFeed, entry: FeedEntry) -> str:
    before = f", from {entry.previous_rank} on the chart before" if entry.previous_rank else ""
    what = {"new": "comes onto", "re": "comes back onto", "top": "rises into the top ten of"}[entry.kind]
    by = f" by {entry.artist}" if entry.artist else ""
    return f"“{entry.title or UNKNOWN_TITLE}”{by} {what} the {feed.name} chart of {entry.date} at {entry.rank}{before}."


def _moment(date: str) -> datetime:
    """The beginning of an entry's day: what a chart says of a day keeps its time, however often the day is read."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC)
