"""The external systems, one module each, as Dagster resources over the one settings object.

`bindings` names them all. An asset's call to a service goes through its resource (`spotify`, `apple_music`, `soundcloud` or `youtube`, all
built on `upstream`), which sends it with the client of `upstream/` and reads the answer by the lists of `wire_formats/`; `paging` follows
a playlist's pages. `mongo`, `cache`, `operator` and `observation` give a run its database, its cache, the people it alerts and its time.
"""
