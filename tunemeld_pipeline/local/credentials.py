"""The keys that the sandbox's upstreams accept.

What belongs here: these fixed values, for the settings of a sandbox run and for tests. What does not: any key of a real
service; nothing here opens anything.
"""

RAPIDAPI_KEY = "sandbox"
YOUTUBE_API_KEY = "sandbox"
SPOTIFY_CLIENT_ID = "sandbox"
SPOTIFY_CLIENT_SECRET = "sandbox"  # noqa: S105
SPOTIFY_ACCESS_TOKEN = "sandbox-access-token"  # noqa: S105
"""What the sandbox's token endpoint gives out."""
CLOUDFLARE_ACCOUNT_ID = "sandbox"
CLOUDFLARE_NAMESPACE_ID = "sandbox"
CLOUDFLARE_API_TOKEN = "sandbox"  # noqa: S105
