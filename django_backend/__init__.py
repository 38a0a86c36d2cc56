"""The HTTP API and the web page: a read-only view of the collections. Nothing here writes, and nothing here imports Dagster."""
