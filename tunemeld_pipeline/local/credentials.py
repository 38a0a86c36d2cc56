"""The fixed keys that the sandbox's upstreams accept, for the settings of a sandbox run and for tests.

No key here opens anything real.
"""

SANDBOX_KEY = "sandbox"
"""Every key, client and secret that a folder's settings hold."""
CLOUDFLARE_ACCOUNT_ID = "sandbox"
CLOUDFLARE_NAMESPACE_ID = "sandbox"
CLOUDFLARE_API_TOKEN = "sandbox"  # noqa: S105
