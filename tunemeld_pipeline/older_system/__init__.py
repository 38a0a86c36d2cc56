"""Taking over an installation of the older system: its database and its environment files."""
