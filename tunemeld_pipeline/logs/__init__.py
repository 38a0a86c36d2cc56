"""The one log: what a line says, where lines are kept, and how they are read again.

A process calls `setup.py` once; its lines then pass redaction in `lines.py` and land in a file of `files.py`; `reading.py` merges the
files of all processes. `measuring.py` counts and times the parts of a step for lines and metadata.
"""
