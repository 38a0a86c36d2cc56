"""Tests of `tunemeld_pipeline/upstream/`."""
