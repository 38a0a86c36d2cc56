"""What the exit status of `tunemeld` means; `tunemeld --help` and docs/cli.md use the same words.

This module has the numbers, each with its meaning. Each command's help says which of them it uses, and `failures.py` turns an error into
one.
"""

OK = 0
"""All is fine."""

FAILED = 1
"""Something did not work; what was there before is untouched, and the message says what to do."""

USAGE = 2
"""The command line or the settings cannot be used; nothing was started."""

DEGRADED = 3
"""Done, but something that you should know of is not as it should be."""

INTERRUPTED = 130
"""Ctrl-C ended it: 128 + SIGINT, as a shell says it."""

READER_GONE = 141
"""What read the output has ended before all was said, such as `head`: 128 + SIGPIPE, as a shell says it."""
