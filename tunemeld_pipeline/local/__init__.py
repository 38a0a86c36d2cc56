"""The services that run next to the pipeline on this machine: the local `mongod`, the sandbox's process, and where Dagster's UI is.

Code that needs a server calls `ensure_mongod` in `mongod.py` or `sandbox_of` in `sandbox_service.py`. Each finds the running server through
a record in TUNEMELD_HOME, or starts one, detached and under a lock (`processes.py`). `holding.py` keeps a server in the foreground for a
supervisor, `ui.py` notes where Dagster's UI runs, and `credentials.py` has the sandbox's keys.
"""
