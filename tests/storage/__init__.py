"""Tests of `tunemeld_pipeline/storage/`."""
