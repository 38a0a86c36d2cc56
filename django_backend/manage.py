"""The entry point of Django's own commands, for example `python -m django_backend.manage check --deploy`.

`tunemeld api start` starts the API.
"""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_backend.settings")
    execute_from_command_line(sys.argv)
