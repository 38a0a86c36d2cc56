"""TuneMeld: the daily consensus of music services' editors, as a Dagster project."""
