"""Every setting: what it means, where its value comes from, and which values are valid.

Nothing else reads the environment. A command or a service calls `load_settings` in `sources.py`, which collects values from overrides,
process variables and one `.env`. `formats.py` judges each value, `rules.py` judges them together, and the result is one frozen `Settings`
object (`settings.py`, with its fields in `fields.py`) that is passed to everything else. `named_files.py` checks the files that settings
name, and `reference.py` writes `.env.example` and docs/settings.md.
"""
