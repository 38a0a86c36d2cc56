"""What the commands do above the pipeline: start and plan runs, back up, roll back, judge an installation.

A command in `cli/` calls one function here and prints what it returns. Only `runs.py` and `run_records.py` know Dagster.
"""
