"""Tests of `tunemeld_pipeline/services/`."""
