"""Every value of one good answer of every wire format, replaced by each of eight odd ones: the written list says what is lost then."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire_formats.good_answers import LISTS, SINGLE, Listed
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.wire_formats.reading import Format, Irregular, Value, value_at

ODD: tuple[Any, ...] = (None, "", " ", {}, [], 0, 1.5, "1")
TRIED: Counter[str] = Counter()


def places(thing: Any, path: str = "") -> Iterator[tuple[str, list[str | int]]]:
    """Every path below a value, as the lists write it and as the way to it; of a list its first entry."""
    if isinstance(thing, dict):
        for name, inner in thing.items():
            own = f"{path}.{name}" if path else name
            yield own, [name]
            for below, way in places(inner, own):
                yield below, [name, *way]
    elif isinstance(thing, list) and thing:
        yield f"{path}[]", [0]
        for below, way in places(thing[0], f"{path}[]"):
            yield below, [0, *way]


def replaced(thing: Any, way: list[str | int], value: Any) -> Any:
    changed = copy.deepcopy(thing)
    holder = changed
    for step in way[:-1]:
        holder = holder[step]
    holder[way[-1]] = copy.deepcopy(value)
    return changed


def is_below(path: str, place: str) -> bool:
    """Whether a path is a place or something within it."""
    return path == place or path.startswith((f"{place}.", f"{place}["))


def written(value: Value) -> list[str]:
    """A value's paths as the list writes them."""
    return [f"{place}[].{part}" for place in value.places for part in value.parts] or list(value.places)


def need_of(form: Format, path: str) -> str:
    """What the format's list says of a path: a container is needed where something needed is in it."""
    for value in form.needed.values():
        if len(value.places) == 1 and is_below(value.places[0], path):
            return "needed"
    for kind, values in (("one of several", form.needed), ("optional", form.optional)):
        for value in values.values():
            for place in (*value.places, *written(value)):
                if is_below(place, path) or is_below(path, place):
                    return kind
    if any(is_below(kind, path) for kind in form.kinds):
        return "kind"
    for place in form.ignored:
        if is_below(path, place) or is_below(place, path):
            return "ignored"
    return "unlisted"


def in_list(listed: Listed, path: str) -> bool:
    """Whether a path is the list or something in it; Apple Music's rows are next to other values, under numbers."""
    if not isinstance(value_at(listed.body, listed.items), dict):
        return is_below(path, listed.items)
    name = path.removeprefix(f"{listed.items}.").partition(".")[0]
    return path == listed.items or name.isdigit()


def items_of(listed: Listed) -> list[Any]:
    found = value_at(listed.body, listed.items)
    return [found[str(at)] for at in range(len(found)) if str(at) in found] if isinstance(found, dict) else found


def with_item(listed: Listed, item: Any) -> Any:
    body = copy.deepcopy(listed.body)
    found = value_at(body, listed.items)
    found[str(listed.chosen) if isinstance(found, dict) else listed.chosen] = item
    return body


@pytest.mark.parametrize("name", LISTS)
def test_every_value_of_an_answer_is_on_its_list(name: str) -> None:
    listed = LISTS[name]
    for item in items_of(listed):
        assert [path for path, _ in places(item) if need_of(listed.item, path) == "unlisted"] == []
    page = {**listed.body}
    apart = [path for path, _ in places(page) if not in_list(listed, path) and need_of(listed.page, path) == "unlisted"]
    assert apart == []


@pytest.mark.parametrize("name", SINGLE)
def test_every_value_of_a_single_answer_is_on_its_list(name: str) -> None:
    form, body = SINGLE[name]
    assert [path for path, _ in places(body) if need_of(form, path) == "unlisted"] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_value_costs_what_the_list_says(name: str) -> None:
    listed = LISTS[name]
    item, whole = items_of(listed)[listed.chosen], listed.read(listed.body)
    assert not whole.irregular
    others = [one for at, one in enumerate(whole.items) if at != listed.chosen]
    for path, way in places(item):
        need = need_of(listed.item, path)
        for odd in ODD:
            TRIED[f"{name}/{need}"] += 1
            at = f"{path} = {odd!r} ({need})"
            reading = listed.read(with_item(listed, replaced(item, way, odd)))
            kept = len(reading.items) == len(whole.items)
            rest = [one for place, one in enumerate(reading.items) if not kept or place != listed.chosen]
            assert rest == others, at
            if need != "needed":
                assert kept, at
                assert not reading.irregular, at
            elif odd == "1" and isinstance(value_at(item, path), str | int):
                assert kept, at
            else:
                assert not kept, at
                assert [one.position for one in reading.irregular] == [listed.chosen + 1], at
                assert sum(reading.reasons().values()) == 1, at
            if need == "ignored":
                assert reading == whole, at


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_item_that_is_none_costs_only_itself(name: str, odd: Any) -> None:
    listed = LISTS[name]
    whole, reading = listed.read(listed.body), listed.read(with_item(listed, odd))
    assert reading.items == [one for at, one in enumerate(whole.items) if at != listed.chosen]
    assert [one.position for one in reading.irregular] == [listed.chosen + 1]


@pytest.mark.parametrize("name", LISTS)
def test_a_value_beside_the_list_costs_no_item(name: str) -> None:
    listed = LISTS[name]
    whole = listed.read(listed.body)
    for path, way in places(listed.body):
        need = need_of(listed.page, path)
        if in_list(listed, path) or need in ("needed", "one of several"):
            continue
        for odd in ODD:
            TRIED[f"{name}/{need}, beside the list"] += 1
            changed = replaced(listed.body, way, odd)
            reading = listed.read(changed)
            assert (reading.items, reading.irregular) == (whole.items, []), f"{path} = {odd!r}"


@pytest.mark.parametrize("name", SINGLE)
def test_a_value_of_a_single_answer_costs_what_the_list_says(name: str) -> None:
    form, body = SINGLE[name]
    whole = form.read(body)
    for path, way in places(body):
        need = need_of(form, path)
        for odd in ODD:
            TRIED[f"{name}/{need}"] += 1
            changed = replaced(body, way, odd)
            if need == "needed" and odd != "1":
                with pytest.raises(Irregular):
                    form.read(changed)
            elif need == "ignored":
                assert form.read(changed) == whole
            else:
                assert form.read(changed).keys() == whole.keys()


def test_where_all_artists_are_nameless_the_row_is_left_out() -> None:
    listed = LISTS["Spotify playlist"]
    item = copy.deepcopy(items_of(listed)[listed.chosen])
    for odd in ("", "\u200b", "&nbsp;", None, 5):
        item["track"]["artists"] = [{"name": odd}, {}, None]
        reading = listed.read(with_item(listed, item))
        assert reading.reasons() == {"no artist": 1}


def test_where_neither_artist_nor_uploader_is_named_the_row_is_left_out() -> None:
    listed = LISTS["SoundCloud playlist"]
    item = items_of(listed)[listed.chosen]
    for publisher in ({"artist": " "}, {"artist": ["Ona Vale"]}, "Ona Vale", None):
        nameless = {**item, "publisher": publisher, "user": {"name": "\u200b"}}
        (reason,) = listed.read(with_item(listed, nameless)).reasons()
        assert reason in ("no artist", "artist unreadable")
        assert (
            listed.read(with_item(listed, {**nameless, "user": {"name": "Ona"}})).items[listed.chosen].described.artist
            == "Ona"
        )


def test_what_is_no_song_is_left_out_by_its_kind() -> None:
    listed = LISTS["Spotify playlist"]
    item = items_of(listed)[listed.chosen]
    for track, reason in (
        ({"type": "episode"}, "podcast episode"),
        ({"episode": True}, "podcast episode"),
        ({"is_local": True}, "a listener's own file"),
        ({"uri": "spotify:episode:4rOoJ6Egrf8K2IrywzwOMk"}, "podcast episode"),
        ({"uri": "spotify:local:Ona+Vale::Glass+Rivers:188"}, "a listener's own file"),
    ):
        reading = listed.read(with_item(listed, {**item, "track": {**item["track"], **track}}))
        assert reading.reasons() == {reason: 1}
        assert len(reading.items) == len(listed.read(listed.body).items) - 1


def test_a_result_that_is_not_found_costs_only_itself_and_all_of_them_are_an_answer() -> None:
    listed = LISTS["Spotify search"]
    gone = {"data": {"__typename": "NotFound"}}
    reading = listed.read(with_item(listed, gone))
    assert (reading.reasons(), len(reading.items)) == ({"not found": 1}, len(items_of(listed)) - 1)
    assert listed.read({"tracks": {"items": [gone, {"data": None}, None]}}).items == []


@pytest.mark.parametrize("name", [name for name in LISTS if "playlist" not in name])
def test_an_answer_of_which_nothing_has_the_format_is_refused(name: str) -> None:
    listed = LISTS[name]
    body = copy.deepcopy(listed.body)
    value_at(body, listed.items)[:] = [{"other": 1}, {"other": 2}, 5]
    with pytest.raises(Irregular, match="none of 3 items can be read"):
        listed.read(body)


ONLY = {
    "Spotify search": ["data", "name"],
    "Spotify tracks by id": ["id"],
    "Spotify album": ["track", "uri"],
    "Spotify Web API search": ["artists"],
    "YouTube search": ["snippet", "title"],
    "YouTube videos": ["id"],
}


@pytest.mark.parametrize("name", ONLY)
@pytest.mark.parametrize("odd", [None, "", "\u200b", 1.5, ["x"]], ids=repr)
def test_the_only_item_of_an_answer_is_left_out_and_counted(name: str, odd: Any) -> None:
    listed = LISTS[name]
    body = copy.deepcopy(listed.body)
    value_at(body, listed.items)[:] = [replaced(items_of(listed)[listed.chosen], ONLY[name], odd)]
    reading = listed.read(body)
    assert (reading.items, sum(reading.reasons().values())) == ([], 1)


@pytest.mark.parametrize(
    ("name", "path", "way"),
    [
        ("Spotify playlist", "limit", ["limit"]),
        ("SoundCloud playlist", "tracks.nextOffset", ["tracks", "nextOffset"]),
        ("Apple Music playlist", "album_details.thumb", ["album_details", "thumb"]),
    ],
)
def test_an_odd_value_beside_the_rows_is_counted(name: str, path: str, way: list[str | int]) -> None:
    service = {"Sp": "Spotify", "So": "SoundCloud", "Ap": "AppleMusic"}[name[:2]]
    body = replaced(LISTS[name].body, way, ["odd"])
    assert parse_playlist(service, json.dumps(body)).unreadable == {path: 1}
