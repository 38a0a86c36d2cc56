"""ISRCs by words on Deezer, over real HTTP to the sandbox: a search, and the track that it found."""

import pytest

from tests.services.conftest import DAY, Opener
from tests.wire import Play, answer
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.errors import QuotaExhausted, UpstreamUnavailable
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.deezer.api import DeezerClient
from tunemeld_pipeline.services.deezer.search import DeezerSearchClient
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings


def test_it_works(open_client: Opener, faults: Faults, dance: Genre) -> None:
    rows = parse_playlist(
        "Deezer", open_client(DeezerClient).playlist(dance.playlist("Deezer")).data_json, "deezer.api"
    ).rows
    wanted = next(row for row in rows if row.described.isrc)
    deezer = open_client(DeezerSearchClient)
    faults.reset_requests()

    hits = deezer.search(wanted.described.title, wanted.described.artist)
    hit = next(one for one in hits if one.track_id == wanted.service_track_id)
    assert (hit.name, hit.isrc, hit.duration_ms) == (
        wanted.described.title,
        None,
        wanted.described.duration_ms,
    )
    assert deezer.isrcs([hit.track_id, "999999999999"]) == {hit.track_id: wanted.described.isrc}
    assert faults.requests() == {"deezer": {"search": 1, "track": 2}}
    assert deezer.quota_left() == {"deezer_search": 1_000 - 3}


def test_what_is_asked_for_stands_in_quotation_marks_and_ends_none(
    open_client: Opener, settings: Settings, play: Play
) -> None:
    server = play(answer({"data": [], "total": 0}))
    live = settings.model_copy(
        update={"upstreams": Upstreams.LIVE, "deezer_base_url": server.url, "deezer_rate_limit": 1_000.0}
    )
    assert open_client(DeezerSearchClient, live).search('The "Best" Song', "Ona Vale") == []
    (asked,) = server.requests
    assert asked.target.startswith("/search?q=artist%3A%22Ona+Vale%22+track%3A%22The++Best++Song%22&")


@pytest.mark.parametrize("fault", ["429", "500"])
def test_that_it_is_busy_is_no_answer(open_client: Opener, faults: Faults, fault: str) -> None:
    faults.add("deezer", fault, times=None)
    with pytest.raises(UpstreamUnavailable, match="Deezer: it"):
        open_client(DeezerSearchClient).search("Song", "Ona Vale")


def test_a_budget_of_nothing_asks_nobody(open_client: Opener, settings: Settings, faults: Faults) -> None:
    none = settings.model_copy(update={"deezer_search_daily_budget": 0})
    with pytest.raises(QuotaExhausted, match=r"daily budget of 0 \(DEEZER_SEARCH_DAILY_BUDGET\)"):
        open_client(DeezerSearchClient, none, as_of=DAY).search("Song", "Ona Vale")
    assert "deezer" not in faults.requests()
