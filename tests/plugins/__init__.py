"""Tests of `tunemeld_pipeline/plugins/`."""
