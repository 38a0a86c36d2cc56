"""What Dagster knows beside the assets: jobs, schedules, sensors, checks, and the logger of runs.

The schedule asks for a run per genre; the checks look at what the run wrote; the sensors end lost runs and feed the alarms with the facts
that `findings.py` reads from Dagster's records.
"""
