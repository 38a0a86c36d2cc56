"""Tests of `tunemeld_pipeline/older_system/`."""
