"""From when on something is no longer as it should be: each limit once, for checks, alarms, commands and `/health`."""

from datetime import timedelta

CHART_TOO_OLD = timedelta(hours=36)
"""A chart older than this is degraded: one missed daily run shows, a run that is a few hours late does not. The page has the same."""

CHART_ABANDONED = timedelta(hours=48)
"""A chart older than this counts as failed: two daily runs did not come."""

LEAST_FREE_BYTES = 1_000_000_000
"""Below this the disk counts as full: a day's documents, logs and Dagster's records need a tenth of it."""

LEAST_COVERAGE = {"Youtube": 0.5, "Spotify": 0.5}
"""Per source, the share of a chart that has to be counted."""

LEAST_MATCHED_OF_USUAL = 0.5
"""A matched share under half of its own median is no quiet week: a change once dropped it from 99 % to 1 %, unnoticed for days."""
