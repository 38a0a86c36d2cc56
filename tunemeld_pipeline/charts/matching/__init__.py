"""Are two rows the same recording? Pure functions over rows: no network, no database, no clock.

Read it in this order: `rows` (what comes in), `folding`, `artists`, `versions`, `titles` (what a row says), `judge` (the
decision), `group` (many rows), `overrides` (the operator's hand), `videos` (YouTube), `evaluate` (how good it is).
"""
