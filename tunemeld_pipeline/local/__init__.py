"""What runs beside the pipeline on this machine: the local `mongod`, the sandbox's process, and where Dagster's UI is.

Whatever needs one of them first starts it, detached and under a lock, through `mongod.py` or `sandbox_service.py`; records in
TUNEMELD_HOME say where each one listens.
"""
