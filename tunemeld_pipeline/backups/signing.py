"""The key with which an installation signs its backups, so that it restores none that somebody else made or changed.

The key is 32 random bytes in hexadecimal in `TUNEMELD_HOME/backup.key`, which only the owner can read. The signature is HMAC-SHA256
(RFC 2104) over the manifest, which has the SHA-256 of every file.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from tunemeld_pipeline.errors import BackupError
from tunemeld_pipeline.private_files import private

KEY_FILE = "backup.key"
KEY_BYTES = 32


def own_key(home: Path) -> bytes:
    """The key of this installation, which is made on first use.

    Raises:
        BackupError: the file cannot be written or read, or holds no key.
    """
    path = home / KEY_FILE
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole = path.with_name(f"{KEY_FILE}.{os.getpid()}")
        if not path.exists():
            with open(whole, "w", opener=private) as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(whole, path)  # which another process may have made meanwhile
            except FileExistsError:
                pass
            finally:
                whole.unlink()
    except OSError as error:
        raise BackupError(
            f"{path}, with whose key backups are signed, cannot be written ({error.strerror}); make room, and make its folder yours"
        ) from error
    return read_key(path)


def read_key(path: Path) -> bytes:
    """The key in a file.

    Raises:
        BackupError: the file is missing, cannot be read, or holds no key.
    """
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError as error:
        raise BackupError(f"{path} is missing; name the {KEY_FILE} of the installation that made the backup") from error
    except (OSError, ValueError) as error:
        raise BackupError(
            f"{path} cannot be read as a key; put back its copy, or name another with --key-file"
        ) from error
    if len(key) != KEY_BYTES:
        raise BackupError(
            f"{path} holds no key of {KEY_BYTES} bytes; put back its copy, or name another with --key-file"
        )
    return key


def key_name(key: bytes) -> str:
    """A name for the key which does not give it away."""
    return hashlib.sha256(b"tunemeld backup key" + key).hexdigest()[:12]


def signature(key: bytes, signed: str) -> str:
    """The signature over a text, in hexadecimal."""
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()


def is_signed(key: bytes, signed: str, claimed: str) -> bool:
    """Whether the signature is that of the text."""
    return hmac.compare_digest(signature(key, signed).encode(), claimed.encode())
