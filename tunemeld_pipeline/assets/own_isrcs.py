"""ISRCs that lists leave out and the tracks of their services have: looked up before rows are matched, since an ISRC is strong evidence.

Which services have them so is what their clients say; `upstream/track_lookups.py` asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tunemeld_pipeline.charts.documents import RawPlaylist
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import degrading
from tunemeld_pipeline.plugins.reading import source_of
from tunemeld_pipeline.plugins.registry import slug_of
from tunemeld_pipeline.resources.clients import ClientsResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.settings.configured import lacking
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.service_client import TrackClient, begin_step, client_of
from tunemeld_pipeline.upstream.track_lookups import look_up_isrcs_by_id


@dataclass
class OwnIsrcs:
    """What a step has looked up at the services of its lists: the ISRCs by the rows' keys, who was asked, and what is lacking and why."""

    isrcs: dict[str, str] = field(default_factory=dict)
    asked: list[TrackClient] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def own_isrcs(
    store: Store,
    clients: ClientsResource,
    raws: Sequence[RawPlaylist],
    parsed: Mapping[str, Listing],
    observation: ObservationResource,
) -> OwnIsrcs:
    """The ISRCs of rows without one, for lists whose services have them at their tracks. That a service fails costs only these."""
    own = OwnIsrcs()
    for raw in raws:
        rows = (
            [row for row in parsed[raw.service_name].rows if not row.described.isrc]
            if raw.service_name in parsed
            else []
        )
        if not rows:
            continue
        source = source_of(raw.service_name, raw.source, raw.format)
        if not issubclass(client_of(source), TrackClient) or lacking(observation.settings, source):
            continue
        client = clients.of(source)
        assert isinstance(client, TrackClient)  # noqa: S101
        begin_step(store, raw.genre_name, client)
        found, report = look_up_isrcs_by_id(store, client, rows, observation.as_of)
        own.isrcs |= found
        own.asked.append(client)
        slug = slug_of(raw.service_name)
        own.counts |= {f"own_isrcs/{slug}/known": report.known, f"own_isrcs/{slug}/asked": report.asked}
        if error := degrading(report.error, observation.upstream):
            own.lacking[f"{raw.service_name} ISRCs"] = error.explained
    return own
