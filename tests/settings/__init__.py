"""Tests of `tunemeld_pipeline/settings/`."""
