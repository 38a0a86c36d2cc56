"""Tests of `tunemeld_pipeline/charts/`."""
