"""Tests of `tunemeld_pipeline/resources/`."""
