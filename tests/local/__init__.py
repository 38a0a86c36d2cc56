"""Tests of `tunemeld_pipeline/local/`."""
