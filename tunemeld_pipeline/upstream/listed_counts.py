"""Counts that come with a service's own list: they take no key and no call, and are known of its rows alone.

A service that counts so has a client of its own in its folder, of the class here.
"""

from collections.abc import Callable

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.counting import Counts, listed_counts
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.upstream.counts import Charted, Counted
from tunemeld_pipeline.upstream.service_client import CountClient


class ListedCounts(CountClient):
    """The counts on today's list."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {}

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """None: it calls nothing."""
        return []

    def count(self, charted: Charted) -> Counted:
        """The counts that the list shows."""
        return Counted(counts_on_list(self.key, charted))


def counts_on_list(service: str, charted: Charted) -> Counts:
    """What the service's own list shows; none where it was read on another day, whose counts those are."""
    read_at = charted.read_at.get(service, charted.at)
    return listed_counts(service, charted.lists) if utc_day(read_at) == utc_day(charted.at) else Counts()
