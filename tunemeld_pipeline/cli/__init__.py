"""The `tunemeld` command, a module for each group of commands.

`main.py` puts them together with the global options of `tree.py`. A command loads its settings through `context.py`, calls one function of
`operations/`, `local/` or `supervision/`, and prints the outcome with `terminal.py`, or as JSON of a shape in `shapes/`. `failures.py`
turns an error into a message and one of the statuses in `exits.py`. Each command imports what it needs when it runs, since
`tunemeld --help` must not wait for Dagster.
"""
