"""The only code that touches collections.

A caller opens a `Store` through `connection.py` and asks one of its parts for one thing by name (`store.charts.chart(…)`,
`store.lookups.looked_up(…)`). It gets documents of `charts/documents.py` back, and the driver's errors as those of `errors.py`. All parts
share one `Handle`: one client, one session. `layout.py` is the table of collections and indexes, `observations.py` the place of older
observations, and `budgets.py` says who may spend what of the upstreams' quotas.
"""
