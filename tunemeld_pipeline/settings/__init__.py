"""The one settings object: what can be set, where a value comes from, and what a good value is.

Nothing else reads the environment. A value comes from the environment or one `.env`, is judged by `formats.py`, and stands in the
`Settings` of `fields.py` from then on.
"""
