"""How Apple Music words a recording, in the sandbox's answers."""

from collections.abc import Sequence

from tunemeld_pipeline.sandbox.world import Artist, Recording


def track_name(recording: Recording) -> str:
    """A track's name in Apple's wording: "Song (feat. Guest) [Somebody Remix]", or in round brackets where there is no guest."""
    name = recording.title
    if recording.featured:
        name += f" (feat. {' & '.join(artist.name for artist in recording.featured)})"
        return f"{name} [{recording.version}]" if recording.version else name
    return f"{name} ({recording.version})" if recording.version else name


def duration(milliseconds: int) -> str:
    """A duration as this service writes it, for example "3m 54s"."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}m {seconds}s"


def artists_line(artists: Sequence[Artist]) -> str:
    """The names, two joined by "&", more by commas and "&"."""
    *others, last = (artist.name for artist in artists)
    return f"{', '.join(others)} & {last}" if others else last
