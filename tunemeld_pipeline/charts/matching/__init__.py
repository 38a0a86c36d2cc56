"""Are two rows the same recording? Pure functions over rows: no network, no database, no clock.

A row (`rows`) is folded (`folding`, `wording`), split into artists (`artists`) and taken apart into title, version and subtitles (`titles`,
with `versions` and `treatments`). `judge` decides about two rows, `group` turns many rows into recordings, and `overrides` holds what the
operator has decided. `videos` does the same for YouTube's search results, and `evaluate` measures how often the judgement is right.
"""
