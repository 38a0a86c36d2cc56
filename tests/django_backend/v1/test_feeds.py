"""`/feeds/{genre}.atom` and `.json`: what is new on a chart, for feed readers."""

import json

import feedparser
import pytest
from lxml import etree

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, WEDNESDAY, Api, refresh, serving
from tests.django_backend.v1.test_feed_formats import ATOM_SCHEMA, JSON_FEED_SCHEMA
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect

SATURDAY = "2025-11-22"
"""The day after the Friday on which the lists change."""

TYPES = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json"}


@pytest.mark.parametrize("ending", TYPES)
def test_it_works(api: Api, ending: str) -> None:
    answer = api.ask(f"/feeds/{GENRE}.{ending}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TYPES[ending])
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert api.url in answer.text


def test_both_are_valid_and_tell_what_the_changes_of_the_day_say(api: Api) -> None:
    answered = api.ask(f"/feeds/{GENRE}.json").json()
    JSON_FEED_SCHEMA.validate(answered)
    text = api.ask(f"/feeds/{GENRE}.atom").content
    ATOM_SCHEMA.assertValid(etree.fromstring(text))
    read = feedparser.parse(text)
    assert not read.bozo
    assert [one.id for one in read.entries] == [one["id"] for one in answered["items"]]
    changes = api.ask(f"/v1/charts/{GENRE}/changes").json()
    risen = [row for row in changes["climbed"] if row["rank"] <= 10 < row["previous_rank"]]
    expected = sorted(row["rank"] for row in [*changes["new"], *risen])
    assert [int(one["title"].partition(":")[0].rpartition(" ")[2]) for one in answered["items"]] == expected
    assert {one["date_published"] for one in answered["items"]} <= {f"{WEDNESDAY}T00:00:00Z"}


@pytest.mark.parametrize("ending", TYPES)
def test_what_is_current_already_is_not_sent_again(api: Api, ending: str) -> None:
    path = f"/feeds/{GENRE}.{ending}"
    first = api.ask(path)
    assert api.ask(path, If_None_Match=first.headers["ETag"]).status_code == 304
    assert api.ask(path, If_Modified_Since=first.headers["Last-Modified"]).status_code == 304


def test_addresses_are_those_of_the_host_that_was_asked(api: Api) -> None:
    here, there = (api.ask(f"/feeds/{GENRE}.json", Host=host).json() for host in ("localhost", "tunemeld.example"))
    assert here["feed_url"] == f"http://localhost/feeds/{GENRE}.json"
    assert there["home_page_url"] == f"http://tunemeld.example/charts/{GENRE}"
    assert [one["id"] for one in here["items"]] == [one["id"] for one in there["items"]]


def test_an_unknown_genre_and_one_without_a_chart_are_problems(api: Api) -> None:
    for genre, kind in (("polka", "unknown-genre"), (EMPTY_GENRE, "no-data-yet")):
        answer = api.ask(f"/feeds/{genre}.atom")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["type"] == f"/docs#{kind}"


@pytest.mark.slow
def test_after_a_days_change_a_reader_finds_exactly_the_new_entries(api_settings: Settings, mongod_url: str) -> None:
    own = api_settings.model_copy(update={"mongodb_database": "feeds_test"})
    with connect(mongod_url) as client:
        client.drop_database(own.database_name)
        refresh(own, WEDNESDAY)
        try:
            with serving(own) as running:
                seen = feedparser.parse(running.ask(f"/feeds/{GENRE}.atom").content)
                version = running.ask("/v1/genres").json()
                refresh(own, SATURDAY)
                assert running.becomes("/v1/genres", lambda answer: answer.json() != version)
                read = feedparser.parse(running.ask(f"/feeds/{GENRE}.atom").content)
                changes = running.ask(f"/v1/charts/{GENRE}/changes").json()
                answered = json.loads(running.ask(f"/feeds/{GENRE}.json").content)
        finally:
            client.drop_database(own.database_name)
    risen = [row for row in changes["climbed"] if row["rank"] <= 10 < row["previous_rank"]]
    fresh = [one for one in read.entries if one.id not in {old.id for old in seen.entries}]
    assert changes["new"]
    assert len(fresh) == len(changes["new"]) + len(risen)
    assert {one.published[:10] for one in fresh} == {SATURDAY}
    assert [one.id for one in read.entries][len(fresh) :] == [one.id for one in seen.entries]
    assert [one["id"] for one in answered["items"]] == [one.id for one in read.entries]
