"""Tests of what `/v1` answers, as pure functions."""
