"""Decides what is wrong, keeps it as incidents, and informs the operator.

The alarm sensor passes facts about runs, charts, checks, quotas and unreadable documents (`stored_documents.py`) to `judging.py`, which
judges them; `alarms.py` has what an operator reads about each alarm. `incidents.py` opens or closes an incident for each finding, by the
rules of `incident_life.py`, and sends the messages that are due through `delivery.py`. `run_failures.py` says why a run failed.
"""
