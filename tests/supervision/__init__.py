"""Supervising programs, tested with real ones."""
