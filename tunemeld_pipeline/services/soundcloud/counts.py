"""SoundCloud's plays: they come with its lists, and take no call."""

from tunemeld_pipeline.upstream.listed_counts import ListedCounts


class SoundCloudCounts(ListedCounts):
    """The plays on SoundCloud's list."""
