"""The upstream services played over HTTP on this machine, so that everything runs without an account.

A request reaches the ASGI application in `app.py`, which counts it, applies ordered faults (`faults.py`), checks the key and takes its cost
from a quota (`quotas.py`). The upstream it names (`upstreams/`) then answers in that service's format, with data from the invented world
(`world.py`, with `names.py` and `identifiers.py`) or from recorded playlists (`replay.py`). `serve.py` runs all of it as a process.
"""
