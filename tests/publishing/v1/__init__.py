"""Tests of `tunemeld_pipeline/publishing/v1/`: the answers as pure functions; `tests/django_backend/v1/` asks for them over HTTP."""
