"""What an earlier release left on a machine, and what this release makes of it."""
