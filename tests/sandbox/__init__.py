"""Tests of what lets everything run on one machine."""
