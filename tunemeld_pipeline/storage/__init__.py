"""The only code that touches MongoDB's collections.

A caller opens a `Store` through `connection.py` and asks one of its parts for one thing by name (`store.charts.chart(…)`,
`store.lookups.looked_up(…)`). That part reads or writes through the shared `Handle` (one client, one session), converts documents to the
models of `charts/` and back (`encoding.py`), and raises the driver's errors as ours (`errors.py`). A run's rows enter through
`playlists.py`, and become a chart in `charts.py` and readings in `histories.py`; if newer documents exist, they go to `observations.py`.
`layout.py` is the table of collections and indexes, `shapes.py` that of their documents' shapes, from which `validators.py` makes
what MongoDB checks. A document that cannot be read is left out by itself; `quarantine.py` finds it and puts it aside before a run replaces
it. `budgets.py` says who may spend what of the upstreams' quotas.
"""
