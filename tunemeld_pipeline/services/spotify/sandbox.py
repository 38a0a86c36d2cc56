"""Spotify in the sandbox: the endpoints that are played, and how long its lists are."""

from tunemeld_pipeline.services.spotify.sandbox_gateway import Spotify
from tunemeld_pipeline.services.spotify.sandbox_oembed import SpotifyOembed
from tunemeld_pipeline.services.spotify.sandbox_web_api import SpotifyAccounts, SpotifyWebApi

ROWS = 75
"""Of a list, as the real ones."""

UPSTREAMS = (Spotify, SpotifyWebApi, SpotifyAccounts, SpotifyOembed)
