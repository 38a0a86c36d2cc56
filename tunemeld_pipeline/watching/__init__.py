"""What counts as wrong, since when it is so, and who hears of it.

Facts of runs and documents go into `alarms.py`, which judges them; `incidents.py` opens and closes an incident for each finding;
`delivery.py` sends what is due.
"""
