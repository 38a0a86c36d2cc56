"""Several programs as one: started, watched, started again, and ended together."""
