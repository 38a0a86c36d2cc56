"""The software-defined assets, one module each; nothing but Dagster glue over the plain modules next to this package.

A run of one genre goes through four of them: `raw_playlists` fetches the services' lists, `track_playlist` makes the consensus,
`view_counts_playlists` adds today's counts, and `historical_track_views` keeps the readings and publishes. `steps` turns errors and
findings into Dagster's, and `partitions` has the genres.
"""
