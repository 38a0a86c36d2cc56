"""Tests of `tunemeld_pipeline/backups/`."""
