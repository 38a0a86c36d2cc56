"""Tests of the API: one file per endpoint, and one per promise that all of them make."""
