"""What is read of each service's answers: per wire format one written list of needed, optional and ignored values.

`spotify`, `apple_music`, `soundcloud`, `youtube` and `oembed` hold the lists. `reading` reads an answer by its list: each value passes a
reader of `received`, and an item becomes a row, or is left out and counted by reason. `reference` writes the lists to
`docs/wire-formats.md`.
"""
