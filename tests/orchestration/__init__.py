"""Tests of `tunemeld_pipeline/orchestration/`."""
