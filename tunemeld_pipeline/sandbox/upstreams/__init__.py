"""The upstream services as the sandbox plays them, one module per family of services.

What belongs here: wire formats, that is parameters, paging, bodies and errors. What does not: what is true in the invented
world (`world.py`), and what happens to a request before a service sees it (`app.py`).
"""
