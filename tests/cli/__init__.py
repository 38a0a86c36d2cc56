"""Tests of the `tunemeld` command."""
