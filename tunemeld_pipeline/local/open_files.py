"""How many files and sockets this process, and all that it starts, may have open."""

import resource
from contextlib import suppress


def open_files(wanted: int) -> int:
    """Raises the soft limit to `wanted`, or as far as the hard limit allows; the limit that holds then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # macOS names a hard limit without end, and refuses more than the kernel's own.
        with suppress(ValueError, OSError):
            resource.setrlimit(
                resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
            )
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else soft
