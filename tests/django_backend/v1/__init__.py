"""Tests of the public operations, one file per resource."""
