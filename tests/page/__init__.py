"""Tests of the page as a visitor has it: Chromium, the real server with its real policy, real runs behind it."""
