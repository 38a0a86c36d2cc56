"""Translates MongoDB's errors into ours, without the addresses and documents that PyMongo's own messages print.

Every other module of this package reads and writes inside this translation.
"""

from collections.abc import Generator
from contextlib import contextmanager

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)

from tunemeld_pipeline.errors import DatabaseUnavailable, StoreError

UNREACHABLE = "MongoDB cannot be reached; start it, or check MONGODB_URL"


@contextmanager
def translated_errors() -> Generator[None]:
    """Raises PyMongo's errors as ours, without the addresses and documents that theirs print."""
    try:
        yield
    except InvalidURI:
        raise
    except (ConnectionFailure, ConfigurationError) as error:  # the latter if a mongodb+srv:// name is unknown
        raise DatabaseUnavailable(UNREACHABLE) from error
    except DocumentTooLarge as error:
        raise StoreError(
            "a document is larger than MongoDB's 16 MB; nothing was written, and the old document stays"
        ) from error
    except OperationFailure as error:
        if error.code in (18, 8000):
            raise StoreError("MongoDB refused the user or password in MONGODB_URL; check both") from error
        if error.code in (91, 189, 10107, 11600, 13435):  # shutting down, stepped down, not primary
            raise DatabaseUnavailable("MongoDB is changing its primary; try again in a moment") from error
        raise StoreError(f"MongoDB refused an operation (code {error.code}); its log says why") from error
    except PyMongoError as error:
        raise StoreError(f"MongoDB: {type(error).__name__}; look at the server's log") from error
