"""The HTTP API: a window on the collections. Nothing here writes, and nothing here imports Dagster."""
