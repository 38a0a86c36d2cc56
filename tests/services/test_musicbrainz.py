"""ISRCs by words in MusicBrainz, over real HTTP to the sandbox: a search, and the recording that it found."""

import pytest

from tests.services.conftest import Opener
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.errors import QuotaExhausted, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.deezer.api import DeezerClient
from tunemeld_pipeline.services.musicbrainz.search import MusicBrainzClient, read_hits, read_isrc
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.upstream.client import Answer


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    body = open_client(DeezerClient).playlist(dance.playlist("Deezer")).data_json
    wanted = [row.described for row in parse_playlist("Deezer", body, "deezer.api").rows if row.described.isrc][:5]
    musicbrainz = open_client(MusicBrainzClient)
    faults.reset_requests()
    found = {}
    for row in wanted:
        hits = musicbrainz.search(row.title, row.artist)
        assert all(hit.isrc is None and hit.duration_ms for hit in hits)
        found[row.isrc] = set(musicbrainz.isrcs([hit.track_id for hit in hits]).values())
    assert any(isrc in isrcs for isrc, isrcs in found.items())
    made = faults.requests()["musicbrainz"]
    assert made["search"] == len(wanted)
    assert musicbrainz.quota_left() == {"musicbrainz": 1_000 - sum(made.values())}
    assert musicbrainz.isrcs(["no-such-id"]) == {}


def test_what_is_asked_for_stands_in_quotation_marks_and_says_who_asks(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    server = play(answer({"recordings": []}))
    live = settings.model_copy(
        update={"upstreams": Upstreams.LIVE, "musicbrainz_base_url": server.url, "musicbrainz_rate_limit": 1_000.0}
    )
    assert open_client(MusicBrainzClient, live).search('The "Best" \\ Song', "Ona Vale") == []
    (asked,) = server.requests
    words = "recording%3A%22The++Best++++Song%22+AND+artist%3A%22Ona+Vale%22"
    assert asked.target == f"/recording?query={words}&limit=10&fmt=json"
    assert settings.upstream_contact in asked.headers["user-agent"]


def test_a_recording_without_what_it_is_made_of_is_left_out_and_isrcs_are_read_as_they_are_written() -> None:
    known = {"id": "a", "title": "Song", "artist-credit": [{"name": "Ona"}, {"name": "Vale"}], "length": 200_000}
    hits = read_hits(
        Answer("", {"recordings": [known, {**known, "id": "b", "isrcs": [{"id": "QZZ992600001"}]}, {"id": "c"}]})
    )
    assert [(one.track_id, one.artist_name, one.isrc) for one in hits.items] == [
        ("a", "Ona, Vale", None),
        ("b", "Ona, Vale", "QZZ992600001"),
    ]
    assert [one.reason for one in hits.irregular] == ["no title"]
    assert read_isrc(Answer("", {"id": "a", "isrcs": ["QZZ992600002", "QZZ992600003"]})).items == ["QZZ992600002"]
    assert read_isrc(Answer("", {"id": "a", "isrcs": []})).items == [None]


def test_that_it_is_busy_is_no_answer(open_client: Opener, faults: Faults) -> None:
    faults.add("musicbrainz", "429", times=None)
    with pytest.raises(UpstreamUnavailable, match="answered 503"):
        open_client(MusicBrainzClient).search("Song", "Ona Vale")


def test_a_budget_of_nothing_asks_nobody(open_client: Opener, settings: Settings, faults: Faults) -> None:
    none = settings.model_copy(update={"musicbrainz_daily_budget": 0})
    with pytest.raises(QuotaExhausted, match=r"daily budget of 0 \(MUSICBRAINZ_DAILY_BUDGET\)"):
        open_client(MusicBrainzClient, none).search("Song", "Ona Vale")
    assert "musicbrainz" not in faults.requests()
