"""Dagster's parts other than the assets: jobs, schedules, sensors, checks, and the logger of runs.

The daily schedule requests one run per genre (`schedules.py`), and another a backup (`backups.py`). As a run works, `run_logger.py` puts
Dagster's lines into our log, and after each write `checks.py` examines the result. Two sensors look at the records of all runs:
`lost_runs.py` ends runs whose process is gone, and `alarm_sensor.py` passes the facts that `findings.py` reads to `watching/`, which sends
the alarms; `day_report.py` says elsewhere how the day ended. Once a week `pruning.py` removes old records, which Dagster keeps through
`sqlite_storage.py`. Of several machines, `worker_launcher.py` hands whole runs to workers, which run `worker_app.py`.
"""
