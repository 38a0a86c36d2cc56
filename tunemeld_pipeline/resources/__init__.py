"""The external systems, one module each, as Dagster resources over the one settings object.

`bindings` names them all. An asset's call to a service goes through `clients`, which opens the service's own client for as long as the run.
`mongo`, `cache`, `operator` and `observation` give a run its database, its cache, the people it alerts and its time.
"""
