"""Tests of `tunemeld_pipeline/logs/`."""
