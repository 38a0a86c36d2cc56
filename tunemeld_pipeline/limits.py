"""The limits beyond which something is wrong, each defined once for checks, alarms, commands and `/health`."""

from datetime import timedelta

CHART_TOO_OLD = timedelta(hours=36)
"""A chart older than this is degraded: one missed daily run shows, a run a few hours late does not. The page has the same limit."""

CHART_ABANDONED = timedelta(hours=48)
"""A chart older than this has failed: two daily runs were missed."""

LEAST_FREE_BYTES = 1_000_000_000
"""With less than this the disk counts as full: a day's documents, logs and Dagster records need a tenth of it."""

LEAST_COVERAGE = {"Youtube": 0.5, "Spotify": 0.5}
"""Per source, the share of a chart's tracks that must have a count."""

LEAST_MATCHED_OF_USUAL = 0.5
"""A matched share below half of its own median is not just a quiet week: a change once cut it from 99 % to 1 %, unnoticed for days."""
