"""Tests of what is read of the services' answers."""
