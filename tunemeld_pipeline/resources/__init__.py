"""The external systems, one module each, as Dagster resources over the one settings object."""
