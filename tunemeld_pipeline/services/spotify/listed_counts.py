"""Spotify's plays as its public page shows them, of the rows of its own list; where the gateway's key is set, `counts.py` counts more."""

from tunemeld_pipeline.upstream.listed_counts import ListedCounts


class SpotifyListCounts(ListedCounts):
    """The plays on Spotify's list."""
