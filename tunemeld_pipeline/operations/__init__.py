"""What the commands do above the pipeline: start and plan runs, roll back, judge an installation.

A command in `cli/` calls one function here and prints what it returns. `runs.py` starts a run and reads its outcome, `run_plan.py`
estimates its calls; `run_tables.py` and `run_records.py` read what Dagster has recorded (`recorded.py`), from its tables and through it.
Only `runs.py` and `run_records.py` know Dagster; `dagster_config.py` says where its records are. `workers.py` judges the workers of all
machines, whose signs of life `worker_beats.py` notes. `rollback.py`, `match_review.py` and `document_check.py` work on stored data, and
`health.py`, `api_health.py`, `prerequisites.py`, `info.py` and `debug_bundle.py` describe an installation.
"""
