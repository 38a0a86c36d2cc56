"""The domain, in pure functions and plain values: which rows are one recording, the consensus, its counts and its memory.

A row of a service's body becomes a `playlists.Row`, `matching/` groups rows into recordings, `consensus.py` and `ranking.py` make
the chart, `counting.py` and `history.py` add what was counted, `movement.py` and `past_charts.py` what was before. Nothing here reads a
database, asks a service, or knows Dagster or Django.
"""
