"""Moves an installation of the older system to this one: its database and its environment files.

`takeover.py` goes through the old collections in batches. `documents.py` turns each old document into this release's model, and one
transaction exchanges the batch. `environment.py` reads the old `.env` files and writes a single new one. `tunemeld db init` and
`tunemeld config migrate-env` call them.
"""
