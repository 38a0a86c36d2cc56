"""A genre's feed as Atom and as JSON Feed: valid, read by a feed reader, and true to what the feed says."""

import json
from pathlib import Path

import feedparser
import jsonschema_rs
import pytest
from lxml import etree

from django_backend.v1.feed_formats import FORMATS, atom, json_feed
from tunemeld_pipeline.publishing.v1.feeds import FeedEntry, GenreFeed

ROOT = "https://charts.example"
ATOM_SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[2] / "schemas" / "atom.rng"))
JSON_FEED_SCHEMA = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["version", "title", "items"],
        "additionalProperties": False,
        "properties": {
            "version": {"const": "https://jsonfeed.org/version/1.1"},
            "title": {"type": "string"},
            "home_page_url": {"type": "string", "format": "uri"},
            "feed_url": {"type": "string", "format": "uri"},
            "description": {"type": "string"},
            "language": {"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2})?$"},
            "authors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "properties": {"name": {"type": "string"}, "url": {"type": "string", "format": "uri"}},
                },
            },
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id"],
                    "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
                    "additionalProperties": False,
                    "properties": {
                        "id": {"type": "string", "minLength": 1},
                        "url": {"type": "string", "format": "uri"},
                        "title": {"type": "string"},
                        "content_text": {"type": "string", "minLength": 1},
                        "date_published": {"type": "string", "format": "date-time"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                },
            },
        },
    },
    validate_formats=True,
)


def entry(number: int, **more: object) -> FeedEntry:
    plain = FeedEntry(
        id=f"urn:uuid:00000000-0000-5000-8000-{number:012}",
        date="2026-03-02",
        kind="new",
        rank=number,
        previous_rank=None,
        track_id=f"QZZ9926{number:05}",
        title=f"Song {number}",
        artist=f"Singer {number}",
    )
    return plain.model_copy(update=more)


def feed(*entries: FeedEntry) -> GenreFeed:
    return GenreFeed(
        id="urn:uuid:00000000-0000-5000-8000-000000000000",
        genre="dance",
        name="Dance",
        date="2026-03-02",
        entries=list(entries),
    )


THREE = feed(
    entry(3, title="Été <b>&amp; more</b>", track_id="SoundCloud:9 &?"),
    entry(2, kind="top", previous_rank=15),
    entry(1, kind="re", date="2026-03-01", artist=""),
)


def test_atom_is_valid() -> None:
    ATOM_SCHEMA.assertValid(etree.fromstring(atom(THREE, ROOT).encode()))


def test_json_feed_is_valid() -> None:
    JSON_FEED_SCHEMA.validate(json.loads(json_feed(THREE, ROOT)))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_feed_without_entries_is_valid_and_the_same_each_time(ending: str) -> None:
    write = FORMATS[ending][1]
    text = write(feed(), ROOT)
    assert text == write(feed(), ROOT)
    if ending == "atom":
        ATOM_SCHEMA.assertValid(etree.fromstring(text.encode()))
        assert "<updated>2026-03-02T00:00:00+00:00</updated>" in text
    else:
        JSON_FEED_SCHEMA.validate(json.loads(text))


def test_a_feed_reader_finds_each_entry_with_its_words_and_its_page() -> None:
    read = feedparser.parse(atom(THREE, ROOT))
    assert not read.bozo
    assert (read.version, read.feed.title) == ("atom10", "TuneMeld: new on the Dance chart")
    assert (read.feed.id, read.feed.author) == (THREE.id, "TuneMeld")
    assert {one.rel: one.href for one in read.feed.links} == {
        "alternate": f"{ROOT}/charts/dance",
        "self": f"{ROOT}/feeds/dance.atom",
    }
    assert [(one.id, one.title) for one in read.entries] == [
        (THREE.entries[0].id, "New at 3: Été <b>&amp; more</b> – Singer 3"),
        (THREE.entries[1].id, "In the top ten at 2: Song 2 – Singer 2"),
        (THREE.entries[2].id, "Back at 1: Song 1"),
    ]
    assert read.entries[0].link == f"{ROOT}/charts/dance/2026-03-02?track=SoundCloud%3A9%20%26%3F"
    assert "rises into the top ten of the Dance chart of 2026-03-02 at 2, from 15 on the chart before." in (
        read.entries[1].summary
    )
    assert [one.published_parsed[:3] for one in read.entries] == [(2026, 3, 2), (2026, 3, 2), (2026, 3, 1)]
    assert [one.tags[0].term for one in read.entries] == ["Dance"] * 3


def test_names_are_text_and_no_markup_to_a_reader() -> None:
    read = feedparser.parse(atom(THREE, ROOT), sanitize_html=False)
    assert read.entries[0].title_detail.type == "text/plain"
    assert "&lt;b&gt;&amp;amp; more" in read.entries[0].summary


def test_both_formats_tell_the_same() -> None:
    read, answered = feedparser.parse(atom(THREE, ROOT)), json.loads(json_feed(THREE, ROOT))
    assert [(one.id, one.title, one.link) for one in read.entries] == [
        (one["id"], one["title"], one["url"]) for one in answered["items"]
    ]
    assert answered["items"][1]["date_published"] == "2026-03-02T00:00:00Z"
