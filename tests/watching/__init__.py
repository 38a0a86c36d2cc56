"""Tests of `tunemeld_pipeline/watching/`."""
