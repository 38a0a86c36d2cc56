"""A store whose commands are noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]


class Commands(CommandListener):
    """Notes the reads that are sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Json]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.seen.append((event.command_name, dict(event.command)))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@contextmanager
def listened_to(url: str, database: str) -> Iterator[tuple[Store, list[tuple[str, Json]]]]:
    commands = Commands()
    with MongoClient[Json](url, tz_aware=True, event_listeners=[commands]) as client:
        client.admin.command("ping")
        commands.seen.clear()
        yield Store(client[database]), commands.seen
