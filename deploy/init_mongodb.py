"""Makes the replica set and TuneMeld's user in a MongoDB that is new, and does nothing in one that has them.

It runs in the network of the server: only from there does a server without users take orders without a password.
"""

import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

USER = "tunemeld"
ROLES = ["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor"]
ALREADY_INITIALIZED = 23
SECONDS = 120


def main() -> None:
    """Waits for the server, and makes what is missing."""
    password = Path("/run/secrets/mongodb_password").read_text("utf-8").strip()
    if _knows_us(password):
        return
    with MongoClient("127.0.0.1", 27017, directConnection=True, serverSelectionTimeoutMS=SECONDS * 1000) as client:
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
    with MongoClient(
        "127.0.0.1", 27017, directConnection=True, username=USER, password=password, serverSelectionTimeoutMS=5_000
    ) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        return True


main()
