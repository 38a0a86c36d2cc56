"""The one log: what a line says, where lines are kept, and how they are read back.

A process calls `setup.py` once. Each of its lines then gets its fields, is redacted and rendered in `lines.py`, and lands in the process's
own file (`files.py`). `reading.py` merges the files of all processes for `tunemeld logs`. `measuring.py` counts and times the parts of a
step, for its lines and for Dagster's metadata.
"""
