"""The HTTP API and the web page: a read-only view of the collections. Nothing here writes, and nothing here imports Dagster.

A request reaches `serving.py`, which answers a rendered path at once with what `worker.py` holds; `caching.py` gives the answer its form,
its tags and its caching headers. Everything else goes through Django: `urls.py`, `views.py` for data, `page_views.py` for the page,
`requests.py` for what is asked, `refusals.py` for what is refused. `process.py` keeps what a process has one of.
"""
