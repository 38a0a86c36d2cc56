"""Calling the upstream services: over HTTP, within a budget, and in a sensible order.

`fetching.py`, `lookups.py` and `counts.py` decide which calls to make and when to stop; `resources/` knows each service's paths. Every
call goes through `client.py`, which waits, retries and pays; `quotas.py` is the table of quotas, which `storage/budgets.py` spends;
`headers.py` and `failures.py` read how it ended. `answers.py` has the values that come back, and `left_out.py` the sums of what could not
be read.
"""
