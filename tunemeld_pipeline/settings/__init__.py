"""The one settings object: what can be set, where a value comes from, and what a good value is.

`fields.py` lists every setting with its default. Nothing else reads the environment. `sources.py` finds a value in the process or in one
`.env`; it is judged by `formats.py` alone and by `rules.py` with the others, and stands in the `Settings` of `settings.py` from then on.
"""
