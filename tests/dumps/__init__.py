"""Tests of `tunemeld_pipeline/dumps/`."""
