"""The limits beyond which something is wrong, each defined once for checks, alarms, commands and `/health`."""

from collections.abc import Mapping
from datetime import date, timedelta

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

BACKUP_TOO_OLD = timedelta(hours=36)
"""A newest backup in BACKUP_DIR older than this means that a daily one is missing."""

MONGODB_SUPPORT_ENDS: Mapping[int, date] = {
    4: date(2024, 2, 29),
    5: date(2024, 10, 31),
    6: date(2025, 7, 31),
    7: date(2027, 8, 31),
    8: date(2029, 10, 31),
}
"""Per major version of MongoDB, the last day with fixes for security: https://www.mongodb.com/legal/support-policy/lifecycles."""
