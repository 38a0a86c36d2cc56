"""Tests of `tunemeld_pipeline/publishing/`."""
