"""`python -m chaos.served PORT`: the API as `tunemeld start` runs it, under a supervisor that notices workers which hang."""

import sys

from tunemeld_pipeline.cli.parts import api_server
from tunemeld_pipeline.settings.sources import load_settings
from tunemeld_pipeline.supervision.output import Output
from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.supervisor import Supervisor

WORKERS = 2


def main() -> int:
    """Serves until SIGTERM."""
    part = api_server(load_settings(), Port(int(sys.argv[1])), workers=WORKERS)
    return Supervisor([part], Output(sys.stdout.fileno(), [part.name], colour=False)).run()


if __name__ == "__main__":
    sys.exit(main())
