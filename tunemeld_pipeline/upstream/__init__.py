"""Asking the upstream services: over HTTP, within a budget, and in a sensible order.

A call goes through `client.py`, which waits, retries and pays; `quotas.py` is the table of quotas, which `storage/budgets.py` spends;
`fetching.py`, `lookups.py` and `counts.py` decide what is asked and when to stop. How one service is asked is in `resources/`.
"""
