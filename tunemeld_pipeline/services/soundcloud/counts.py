"""SoundCloud's plays: they come with its lists, and take no call."""

from collections.abc import Callable

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.counting import listed_counts
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.upstream.counts import Charted, Counted
from tunemeld_pipeline.upstream.service_client import CountClient


class SoundCloudCounts(CountClient):
    """The plays on today's list."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {}

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """None: it calls nothing."""
        return []

    def count(self, charted: Charted) -> Counted:
        """The plays that the list names."""
        return Counted(listed_counts(self.key, charted.lists))
