"""The answer of an endpoint that issues OAuth's tokens (RFC 6749, 5.1)."""

from tunemeld_pipeline.wire_formats.reading import Format, Value
from tunemeld_pipeline.wire_formats.received import length_in_ms, text_of

TOKEN = Format(
    name="OAuth token",
    needed={
        "token": Value("access_token", text_of, "token"),
        "lasts": Value("expires_in", length_in_ms, "life time"),
    },
    ignored=("refresh_token", "scope", "token_type"),
)
