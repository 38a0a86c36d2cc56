"""What each page of the web page says before any script runs: its head, and its content for browsers without scripts.

A module for each kind of page, with pure functions from an answer of `/v1` to words and HTML. `page_views.py` finds the answers, and
`page_head.py` writes what all pages share.
"""
