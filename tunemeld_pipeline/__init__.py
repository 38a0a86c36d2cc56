"""TuneMeld: the daily consensus of three music services' editors, as a Dagster project."""
