"""What the canary says of a list that is as it was, and of one that is not."""

from dataclasses import replace

import pytest

from tests.documents import MONDAY
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.source_states import Look
from tunemeld_pipeline.plugins.contract import Gives, Source
from tunemeld_pipeline.upstream.looks import unlike

URL = "https://lists.example/one"


def row(position: int, *, plays: int | None = 5, isrc: str | None = None) -> PlaylistRow:
    described = Row(f"Song {position}", "Ona Vale", 200_000, isrc, key=f"Spotify:{position}")
    return PlaylistRow("Spotify", position, str(position), "", described, play_count=plays)


def listing(rows: int = 20, lacking: int = 0, name: str | None = "Hits") -> Listing:
    found = [row(position, plays=None if position <= lacking else 5) for position in range(1, rows + 1)]
    return Listing(found, rows, [], name=name)


def source(**gives: bool | tuple[str, ...]) -> Source:
    return Source("spotify.page", lambda pages, body: listing(), "nowhere:Client", gives=Gives(**gives))  # type: ignore[arg-type]


PLAYS = source(plays=True)
BEFORE = Look(at=MONDAY, url=URL, name="Hits", rows=40)


def test_it_works() -> None:
    assert unlike(PLAYS, listing(), None) == unlike(PLAYS, listing(), BEFORE) == []


def test_another_title_and_far_fewer_rows_than_at_the_last_look_are_said() -> None:
    assert unlike(PLAYS, listing(19, name="Old Hits"), BEFORE) == [
        "its title is 'Old Hits', and was 'Hits'",
        "it has 19 rows, and had 40 at the last look",
    ]
    # A source that says nothing of its title, or was never looked at, is like any.
    assert unlike(PLAYS, listing(name=None), BEFORE) == []
    assert unlike(PLAYS, listing(), BEFORE.model_copy(update={"name": None, "rows": None})) == []


@pytest.mark.parametrize(("lacking", "said"), [(2, []), (3, ["only 17 of 20 rows have plays"])])
def test_what_a_source_declares_is_there_in_nine_rows_of_ten(lacking: int, said: list[str]) -> None:
    assert unlike(PLAYS, listing(lacking=lacking), None) == said
    assert unlike(source(), listing(lacking=lacking), None) == []


def test_what_many_rows_lack_is_not_missed() -> None:
    scarce = source(isrc=True, seldom=("isrc",))
    assert unlike(scarce, listing(), None) == []
    assert unlike(replace(scarce, gives=Gives(isrc=True)), listing(), None) == ["only 0 of 20 rows have an ISRC"]
