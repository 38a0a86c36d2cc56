"""Runs several programs as one: starts them, watches them, restarts the ones that crash or hang, and ends them together.

A command describes its programs as parts (`parts.py`) and hands them to the `Supervisor` (`supervisor.py`). That checks their ports
(`ports.py`), starts each part as its own session (`sessions.py`) once the parts that it needs are ready, asks again and again whether it
still works (`probes.py`), merges their output into one log (`output.py`), and reports to systemd (`notify.py`). If the supervisor itself
is killed, `warden.py` ends the sessions.
"""
