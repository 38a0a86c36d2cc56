"""`python -m tunemeld_pipeline.orchestration.guarded_ui webserver|dev …`: Dagster's own programs, with the UI behind `local/own_pages.py`.

`webserver` is `dagster-webserver`, and `dev` is `dagster dev`, which starts this program for its UI. All other arguments are theirs.
"""

import sys
from typing import Any

from dagster_webserver import app
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from tunemeld_pipeline.local.own_pages import OwnPages
from tunemeld_pipeline.settings.sources import load_settings

UNGUARDED = ["-m", "dagster_webserver"]
GUARDED = ["-m", "tunemeld_pipeline.orchestration.guarded_ui", "webserver"]


class GuardedWebserver(DagsterWebserver):  # type: ignore[type-arg]
    """Dagster's UI with our layer as the outermost."""

    def build_middleware(self) -> list[Middleware]:
        """Ours, then Dagster's."""
        url = load_settings().dagster_ui_url
        return [Middleware(OwnPages, addresses=[url] if url else []), *super().build_middleware()]


def webserver() -> None:
    """Becomes `dagster-webserver`."""
    from dagster_webserver.cli import main

    vars(app)["DagsterWebserver"] = GuardedWebserver
    main()  # type: ignore[no-untyped-call]


def dev() -> None:
    """Becomes `dagster dev`, which names the program of its UI itself.

    Raises:
        RuntimeError: it names another one.
    """
    from dagster._cli import dev as command

    begin = vars(command)["open_ipc_subprocess"]

    def begin_guarded(words: list[str], **options: Any) -> Any:
        if words[1:3] == UNGUARDED:
            return begin([words[0], *GUARDED, *words[3:]], **options)
        if any("webserver" in word for word in words):
            raise RuntimeError(f"dagster dev starts its UI in another way, unguarded: {words}")
        return begin(words, **options)

    vars(command)["open_ipc_subprocess"] = begin_guarded
    command.dev_command()


if __name__ == "__main__":
    {"webserver": webserver, "dev": dev}[sys.argv.pop(1)]()
