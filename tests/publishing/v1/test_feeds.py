"""What a genre's feeds say, before a request says under which address."""

from tests.publishing.v1.days import day, facts, on
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import years_of
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.reading import LastDays
from tunemeld_pipeline.publishing.v1.feeds import MOST_ENTRIES, GenreFeed, genre_feed

DANCE = load_catalog().genres["dance"]


def feed(*days: ChartDay, known: str = "abcdefghijklmnop") -> GenreFeed:
    last = LastDays(days[::-1], years_of(days), facts(known))
    return genre_feed(DANCE, days[-1].upstream, days[-1].date, last)


def test_each_entry_says_what_came_and_where_it_stands() -> None:
    found = feed(day(0, "a"), day(1, "ba"), day(2, "ab"))
    assert (found.genre, found.name, found.date) == ("dance", "Dance", on(2))
    assert [(one.date, one.kind, one.rank, one.title, one.artist) for one in found.entries] == [
        (on(1), "new", 1, "Song b", "Singer b")
    ]


def test_a_further_day_adds_its_entries_and_changes_none_of_the_others() -> None:
    days = day(0, "abcdefghijkl"), day(1, "mabcdefghijk"), day(2, "mabckdefghij"), day(3, "mabckldefghij")
    before, after = feed(*days[:3]), feed(*days)
    assert [(one.kind, one.track_id) for one in after.entries] == [("re", "l"), ("top", "k"), ("new", "m")]
    assert after.entries[1:] == before.entries
    assert after.id == before.id


def test_the_same_day_again_has_the_same_ids_though_ranks_differ() -> None:
    morning, evening = feed(day(0, "a"), day(1, "ab")), feed(day(0, "a"), day(1, "ba"))
    assert [one.id for one in morning.entries] == [one.id for one in evening.entries]
    assert morning.entries[0].id.startswith("urn:uuid:")


def test_coming_again_is_another_entry() -> None:
    found = feed(day(0, "ab"), day(1, "a"), day(2, "ab"), day(3, "a"), day(4, "ab"))
    assert [one.kind for one in found.entries] == ["re", "re"]
    assert len({one.id for one in found.entries}) == 2


def test_invented_data_never_share_an_id_with_real_ones() -> None:
    invented = feed(day(0, "a"), day(1, "ab"))
    real = feed(*(one.model_copy(update={"upstream": "live"}) for one in (day(0, "a"), day(1, "ab"))))
    assert invented.id != real.id
    assert invented.entries[0].id != real.entries[0].id


def test_a_name_is_one_line() -> None:
    odd = {"b": facts("b")["b"].model_copy(update={"track_name": "two\nlines\x00", "artist_name": " a \u2028 b "})}
    days = day(0, "a"), day(1, "ab")
    (found,) = genre_feed(DANCE, "sandbox", on(1), LastDays(days[::-1], years_of(days), odd)).entries
    assert (found.title, found.artist) == ("two lines", "a b")


def test_a_feed_has_at_most_so_many_entries_and_keeps_the_latest() -> None:
    def whole(after: int) -> ChartDay:
        one = day(after, "")
        return one.model_copy(update={"chart": [f"{after}-{number}" for number in range(150)]})

    found = feed(whole(0), whole(1), whole(2))
    assert len(found.entries) == MOST_ENTRIES
    assert [one.date for one in found.entries[:150]] == [on(2)] * 150


def test_the_first_day_has_no_entries() -> None:
    assert feed(day(0, "abc")).entries == []
