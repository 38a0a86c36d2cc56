"""Several machines, tried for real: Postgres, pgbouncer, Redis and MongoDB in folders of their own, a daemon, and workers on two hosts.

`__main__.py` plays the chapters and prints what was measured. `servers.py` starts the servers, `hosts.py` the daemon and the workers,
`stage.py` both together, and `chapters.py` has what must hold.
"""
