"""`/v1`: the operations that programs build on, and everything that is made from their one table.

`operations.py` is that table; `urls.py` makes Django's paths from it and `openapi.py` their documentation, so no path is without. A
request becomes an `Asked` (`parameters.py`), a view (one module per group) finds the page that it means, and `answering.py` makes the
answer. What the answers hold is in `tunemeld_pipeline/publishing/v1`.
"""
