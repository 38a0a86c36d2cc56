"""Tests of `tunemeld_pipeline/operations/`."""
