"""Makes the replica set and TuneMeld's user in a MongoDB that is new, and does nothing in one that has them.

It speaks as a member of the set, whose key it has: a server without users takes orders from nobody else over the network.
"""

import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

USER = "tunemeld"
ROLES = ["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor"]
ALREADY_INITIALIZED = 23
SECONDS = 120


def main() -> None:
    """Waits for the server, and makes what is missing."""
    password = _secret("mongodb_password")
    if _knows_us(password):
        return
    # Members know one another as this user, with the key as its password.
    member = {"username": "__system", "password": _secret("mongodb_key"), "authSource": "local"}
    with _client(SECONDS, **member) as client:
        try:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": "mongodb:27017"}]})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise
        until = time.monotonic() + SECONDS
        while not client.admin.command("hello")["isWritablePrimary"]:
            if time.monotonic() > until:
                raise TimeoutError("the replica set has no primary")
            time.sleep(0.2)
        client.admin.command("createUser", USER, pwd=password, roles=ROLES)


def _knows_us(password: str) -> bool:
    with _client(5, username=USER, password=password) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        return True


def _client(seconds: int, **who: str) -> "MongoClient[dict[str, Any]]":
    return MongoClient("mongodb", 27017, directConnection=True, serverSelectionTimeoutMS=seconds * 1000, **who)


def _secret(name: str) -> str:
    return Path("/run/secrets", name).read_text("utf-8").strip()


main()
