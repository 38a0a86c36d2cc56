"""Tests of `tunemeld_pipeline/assets/`."""
