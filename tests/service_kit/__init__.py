"""Tests of `tunemeld_pipeline/service_kit/`."""
