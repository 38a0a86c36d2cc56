"""Cloudflare Workers KV over its REST API, kept in memory.

Values with their expiry, the API's envelope and its limits follow Cloudflare's reference. A real write takes up to 60 s to be seen
everywhere; here every read sees the last write.
"""

import base64
import binascii
import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response

from tunemeld_pipeline.local.credentials import CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, CLOUDFLARE_NAMESPACE_ID
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer

SHORTEST_TTL = 60
LONGEST_KEY = 512
LARGEST_VALUE = 25 * 1024 * 1024
MOST_PAIRS = 10_000
LARGEST_BULK = 100 * 1024 * 1024
MOST_KEYS_READ = 100
CALLS, CALLS_SECONDS = 1_200, 300.0
"""Requests in any period of five minutes, for the whole API."""
WRITE_SECONDS = 1.0
"""Between two single writes of the same key; bulk writes are exempt here."""

PREFIX = f"accounts/{CLOUDFLARE_ACCOUNT_ID}/storage/kv/namespaces/{CLOUDFLARE_NAMESPACE_ID}"


class Cloudflare(Upstream):
    """`GET`, `PUT`, `DELETE /values/KEY`, `PUT /bulk`, `POST /bulk/get`, `POST /bulk/delete`.

    Args:
        clock: returns seconds, by which values expire.
    """

    name = "cloudflare"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, tuple[bytes, float | None]] = {}
        self._written: dict[str, float] = {}
        self._calls: deque[float] = deque()

    def is_recorded(self, call: Call) -> bool:  # noqa: ARG002
        return False

    def endpoint(self, call: Call) -> str:
        rest = call.path.removeprefix(PREFIX).strip("/")
        return "values" if rest.startswith("values/") else rest

    def refusal(self, call: Call) -> Response | None:
        if call.headers.get("authorization") != f"Bearer {CLOUDFLARE_API_TOKEN}":
            return self.problem(Problem.UNAUTHORIZED, call)
        now = self._clock()
        while self._calls and self._calls[0] <= now - CALLS_SECONDS:
            self._calls.popleft()
        if len(self._calls) >= CALLS:
            return self.problem(Problem.TOO_MANY, call)
        self._calls.append(now)
        return None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        match problem:
            case Problem.UNAUTHORIZED:
                return _error(401, 10000, "Authentication error")
            case Problem.FORBIDDEN:
                return _error(403, 10000, "Authentication error")
            case Problem.TOO_MANY:
                return _error(429, 971, "Please wait and consider throttling your request speed")
            case Problem.QUOTA:
                return _error(429, 10048, "your account has exceeded the daily limit of writes")
            case Problem.BROKEN:
                return _error(500, 10001, "internal server error")
            case Problem.UNKNOWN:
                return _error(
                    404, 7003, "Could not route to the requested address, perhaps your object identifier is invalid?"
                )

    def bucket(self, call: Call) -> str | None:
        return "cloudflare_writes" if call.method == "PUT" else None

    def answer(self, call: Call) -> Response:
        if not call.path.startswith(f"{PREFIX}/"):
            return self.problem(Problem.UNKNOWN, call)
        rest = call.path.removeprefix(f"{PREFIX}/")
        if rest.startswith("values/"):
            key = unquote(rest.removeprefix("values/"))
            if len(key.encode()) > LONGEST_KEY:
                return _error(414, 10030, f"key of {len(key.encode())} bytes exceeds the limit of {LONGEST_KEY}")
            match call.method:
                case "GET":
                    return self._read(key)
                case "PUT":
                    return self._write(key, call)
                case "DELETE":
                    self._values.pop(key, None)
                    return _result(None)
        try:
            content = json.loads(call.body) if call.body else None
        except ValueError:
            return _error(400, 10012, "could not parse the request's body as JSON")
        match call.method, rest:
            case "PUT", "bulk":
                return self._write_many(content, len(call.body))
            case "POST", "bulk/get":
                return self._read_many(content)
            case "POST", "bulk/delete" if isinstance(content, list):
                for key in content:
                    self._values.pop(str(key), None)
                return _result({"successful_key_count": len(content), "unsuccessful_keys": []})
        return self.problem(Problem.UNKNOWN, call)

    def answer_in_part(self, call: Call) -> Response:
        """Of a bulk write the first half is taken; KV names the keys that are not."""
        if (call.method, call.path) != ("PUT", f"{PREFIX}/bulk"):
            return self.answer(call)
        pairs = json.loads(call.body)
        taken = pairs[: len(pairs) // 2]
        self._write_many(taken, len(call.body))
        left_out = [pair["key"] for pair in pairs[len(taken) :]]
        return _result({"successful_key_count": len(taken), "unsuccessful_keys": left_out})

    def _value(self, key: str) -> bytes | None:
        value, expires = self._values.get(key, (None, None))
        if expires is not None and expires <= self._clock():
            del self._values[key]
            return None
        return value

    def _read(self, key: str) -> Response:
        """The raw bytes, without an envelope; only errors have one."""
        value = self._value(key)
        if value is None:
            return _error(404, 10009, "get: 'key not found'")
        return Response(value, media_type="application/octet-stream")

    def _write(self, key: str, call: Call) -> Response:
        ttl_text = call.query.get("expiration_ttl")
        if ttl_text is not None and (refusal := _ttl_refusal(ttl_text)):
            return refusal
        if len(call.body) > LARGEST_VALUE:
            return _error(413, 10047, f"value length of {len(call.body)} exceeds limit of {LARGEST_VALUE}.")
        now = self._clock()
        if now - self._written.get(key, now - WRITE_SECONDS) < WRITE_SECONDS:
            return self.problem(Problem.TOO_MANY, call)
        self._written[key] = now
        self._values[key] = call.body, now + int(ttl_text) if ttl_text is not None else None
        return _result(None)

    def _write_many(self, pairs: Any, size: int) -> Response:
        """`[{"key", "value", "expiration_ttl"?, "base64"?}]`; all or none."""
        if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
            return _error(400, 10012, "the body is not a list of pairs")
        if len(pairs) > MOST_PAIRS or size > LARGEST_BULK:
            return _error(413, 10021, f"at most {MOST_PAIRS} pairs and {LARGEST_BULK} bytes a bulk write")
        written: dict[str, tuple[bytes, float | None]] = {}
        for pair in pairs:
            key, value, ttl = pair.get("key"), pair.get("value"), pair.get("expiration_ttl")
            if not isinstance(key, str) or not isinstance(value, str) or not 0 < len(key.encode()) <= LONGEST_KEY:
                return _error(400, 10012, "a pair has a key of at most 512 bytes and a value, both text")
            if ttl is not None and (refusal := _ttl_refusal(str(ttl))):
                return refusal
            try:
                raw = base64.b64decode(value, validate=True) if pair.get("base64") else value.encode()
            except (binascii.Error, ValueError):
                return _error(400, 10012, f"the value of {key!r} is not base 64")
            written[key] = raw, self._clock() + int(ttl) if ttl is not None else None
        self._values |= written
        return _result({"successful_key_count": len(written), "unsuccessful_keys": []})

    def _read_many(self, content: Any) -> Response:
        """`{"keys": [at most 100]}` → `result.values`, a missing key's value null; `type: "json"` parses the values."""
        keys = content.get("keys") if isinstance(content, dict) else None
        if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS_READ:
            return _error(400, 10012, f"keys is a list of 1 to {MOST_KEYS_READ} keys")
        values: dict[str, Any] = {}
        for key in keys:
            raw = self._value(str(key))
            text = raw.decode(errors="replace") if raw is not None else None
            values[str(key)] = json.loads(text) if text is not None and content.get("type") == "json" else text
        return _result({"values": values})


def _ttl_refusal(text: str) -> Response | None:
    if text.isdecimal() and int(text) >= SHORTEST_TTL:
        return None
    message = f"Invalid expiration_ttl of {text}. Expiration TTL must be at least {SHORTEST_TTL}."
    return _error(400, 10033, message)


def _result(result: Any) -> Response:
    return json_answer({"success": True, "errors": [], "messages": [], "result": result})


def _error(status: int, code: int, message: str) -> Response:
    body = {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}
    return json_answer(body, status)
