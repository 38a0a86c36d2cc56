"""Which database the settings mean, opened.

What belongs here: the server's address, and a store for as long as somebody needs one. What does not: what is kept there
(`store.py`) and how a local server is found or started (`local/mongod.py`).
"""

from collections.abc import Generator
from contextlib import contextmanager

from tunemeld_pipeline.local.mongod import ensure_mongod
from tunemeld_pipeline.settings.fields import Settings
from tunemeld_pipeline.storage.store import Store, connect


def mongodb_url(settings: Settings) -> str:
    """The server's address: MONGODB_URL, else the local server, which is found or started.

    Raises:
        LocalServerError: there is no local server and none can be started.
    """
    if settings.mongodb_url is not None:
        return settings.mongodb_url.get_secret_value()
    return ensure_mongod(settings.home)


@contextmanager
def open_store(settings: Settings, *, prepare: bool = True) -> Generator[Store]:
    """The collections of this world, with one client; what is missing of them and their indexes is created, unless only read."""
    with connect(mongodb_url(settings)) as client:
        store = Store(client[settings.database_name], settings.etl_batch_size)
        if prepare:
            store.prepare()
        yield store
