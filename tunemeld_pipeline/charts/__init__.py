"""The domain, in pure functions and plain values: which rows are one recording, the consensus, its counts and its memory.

`playlists.py` reads a service's body into rows, `matching/` groups rows into recordings, and `identity.py` gives each recording its id.
`consensus.py` and `ranking.py` make the chart; `counting.py` and `history.py` add its counts, `movement.py` its memory of the days before,
and `past_charts.py` puts an old one together again. `documents.py`, `chart_days.py`, `source_states.py` and `incident.py` have the shapes
of what is stored. Nothing here reads a database, calls a service, or knows Dagster or Django.
"""
