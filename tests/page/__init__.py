"""Tests of the page as a visitor sees it: in Chromium, on the real server with its real policy, with data from real runs."""
