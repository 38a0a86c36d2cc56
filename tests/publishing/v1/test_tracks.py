"""A recording's answer: what a withheld service gave is not in it."""

import json
from datetime import UTC, datetime

from tests.documents import isrc, recording
from tests.storage.acts import put_recordings
from tunemeld_pipeline.charts.withholding import Withholding
from tunemeld_pipeline.publishing.v1.tracks import track_content
from tunemeld_pipeline.storage.store import Store

IDS = ("SoundCloud:1", "Spotify:2")
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def former_ids(store: Store) -> list[str]:
    with store.for_visitors() as view:
        content = track_content(view, isrc(1), AT)
    assert content is not None
    found: list[str] = json.loads(content.body)["former_ids"]
    return found


def test_the_ids_of_a_withheld_service_are_left_out(store: Store) -> None:
    provisional = [
        recording(number).model_copy(update={"track_id": one, "isrc": None}) for number, one in enumerate(IDS)
    ]
    put_recordings(store, provisional)
    put_recordings(store, [recording(1).model_copy(update={"ids": [*IDS]})])
    assert former_ids(store) == [*IDS]
    store.withholdings.put(Withholding(kind="service", key="SoundCloud", ids=[], reason="terms", withheld_at=AT))
    assert former_ids(store) == ["Spotify:2"]
