"""The day everything breaks, played on purpose: the whole system under load, random troubles from a seed, and an audit afterwards.

`__main__.py` runs the day. `stage.py` starts the system (`served.py` the API), `schedule.py` orders refreshes from `runner.py`,
`load.py` plays the visitors, `troubles.py` breaks things, and `audit.py` checks every promise at the end.
"""
