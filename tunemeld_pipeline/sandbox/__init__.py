"""What lets everything run on one machine with no account: a local MongoDB server and the upstream services."""
