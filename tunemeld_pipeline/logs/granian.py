"""What granian, the API's server, prints of itself: all but an advice that does not apply here.

`granian.json` next to this module is its logging configuration; `cli/api.py` hands it over.
"""

import logging
from pathlib import Path

CONFIGURATION = Path(__file__).with_suffix(".json")
ADVICE = "Configuration allows spawning up to"


class WithoutThreadAdvice(logging.Filter):
    """Leaves out the warning of many threads: most of them wait for the database or the shared cache, and the backpressure is set."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is printed."""
        return not record.getMessage().startswith(ADVICE)
