"""The stages that the pipeline can be run in: their names, their assets in order, and the names of their jobs.

The jobs themselves are in `orchestration/schedules.py`.
"""

from enum import StrEnum

_ASSETS = ("raw_playlists", "track_playlist", "view_counts_playlists", "historical_track_views")


class Stage(StrEnum):
    """A part of the pipeline; `aggregate` is an older name for `transform`."""

    EXTRACT = "extract"
    TRANSFORM = "transform"
    AGGREGATE = "aggregate"
    VIEW_COUNT = "view_count"
    FULL = "full"

    @property
    def assets(self) -> tuple[str, ...]:
        """Its assets, in the order in which they run."""
        match self:
            case Stage.EXTRACT:
                return _ASSETS[:1]
            case Stage.TRANSFORM | Stage.AGGREGATE:
                return _ASSETS[1:2]
            case Stage.VIEW_COUNT:
                return _ASSETS[2:]
            case Stage.FULL:
                return _ASSETS

    @property
    def job(self) -> str:
        """The name of Dagster's job for it."""
        match self:
            case Stage.FULL:
                return "daily_refresh"
            case Stage.AGGREGATE:
                return Stage.TRANSFORM.value
            case _:
                return self.value
