"""The limits beyond which something is wrong, each defined once for checks, alarms, commands and `/health`."""

from collections.abc import Mapping
from datetime import date, timedelta

CHART_TOO_OLD = timedelta(hours=36)
"""A chart older than this is degraded: one missed daily run shows, a run a few hours late does not. The page has the same limit."""

CHART_ABANDONED = timedelta(hours=48)
"""A chart older than this has failed: two daily runs were missed."""

LEAST_FREE_BYTES = 1_000_000_000
"""With less than this the disk counts as full: a day's documents, logs and Dagster records need a tenth of it."""

LEAST_MATCHED_OF_USUAL = 0.5
"""A matched share below half of its own median is not just a quiet week: a change once cut it from 99 % to 1 %, unnoticed for days."""

LEAST_ROWS_OF_USUAL = 0.5
"""A list with under half of its usual rows has collapsed, or is read wrongly; one of a hundred rows once came back with none, unnoticed."""

LEAST_READABLE_ROWS = 0.5
"""With fewer of its rows readable, a list's format has changed."""

LEAST_FILLED_ROWS = 0.9
"""With fewer rows that have what their source declares to give, the source has changed: a title may still be read where a length is not."""

LIST_TOO_OLD = timedelta(days=14)
"""What a list was this long ago says nothing about it now: lists change once a week. A shrunken one is then taken as it is, and rows that
no read has shown since are gone."""

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

PROBE_SECONDS = 5.0
"""Between two questions to a running part. A question takes a few milliseconds of processor time."""

PROBE_ANSWER_SECONDS = 10.0
"""How long a part may take to answer: a machine with nine times as much to do as it can answers `/health/live` within one."""

HUNG_SECONDS = 45.0
HUNG_MISSES = 4
"""A part hangs once it has missed this many questions in a row, over at least this time; both, so that a supervisor that was itself
stopped for a while judges by what it sees afterwards. With the time of an answer this is a minute from the moment when a part hangs."""

STOPPED_SECONDS = 15.0
"""A process that was stopped (SIGSTOP) for this long waits for nobody; a person who looks at one for longer uses a debugger."""

BEAT_SECONDS = 150.0
"""Dagster's daemon writes a heartbeat every 30 s, but needs up to 90 s until the first one on a busy machine."""

THREAD_BEAT_SECONDS = 900.0
"""One thread of the daemon may wait for a look of a minute, and for several in a row; all of them together may not."""

PULSE_SECONDS = 30.0
"""A worker of the API touches its mark every five seconds."""

START_SECONDS = 600.0
"""A part that is not ready by then hangs as it starts. A database that recovers much data on a slow disk takes minutes."""

DATABASE_SECONDS = 8.0
"""How long what watches may wait for the database: one that does not answer has to be reported within a minute."""

DAEMON_SILENT = timedelta(minutes=3)
"""Without a sign of the daemon for this long nothing is scheduled. It gives one every 30 s, and is back within two minutes when it is
restarted because it hung."""

WORKER_BEAT_SECONDS = 15.0
WORKER_SILENT = timedelta(seconds=60)
"""A worker that was not heard of for this long does no runs: it was killed, or its machine cannot reach the database."""

DAEMON_FORGOTTEN = timedelta(days=14)
"""A daemon that has been silent for this long was given up on purpose: another installation runs the pipeline, or cron does."""
