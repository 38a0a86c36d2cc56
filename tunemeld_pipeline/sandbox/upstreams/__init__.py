"""The upstream services as the sandbox plays them, one module per service.

`app.py` passes each request that gets past faults, keys and quotas to one of these modules as a `Call` (`wire.py`); the module looks up
recordings in the invented world (`world.py`) and returns them in its service's wire format: parameters, paging, bodies and errors.
`gateway.py` has what the three scraped services share.
"""
