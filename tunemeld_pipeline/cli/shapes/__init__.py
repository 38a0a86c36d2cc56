"""What `--json` prints: the shape of every command's data, from which docs/json/ is written.

One module for each kind of data. The commands build these dictionaries, and mypy compares them; `printed.py` lists which command prints
which, and makes the JSON Schemas. Moments are ISO 8601 in UTC. A later release may add members, and takes none away within a major version.
"""
