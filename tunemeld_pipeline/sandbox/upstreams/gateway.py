"""The gateway in front of Spotify's, Apple Music's and SoundCloud's scrapers: keys, quotas and errors.

The three share this because one gateway sells them; their data are in their own modules. Bodies and headers follow captured responses,
except `Retry-After`, which none of them had.
"""

from collections.abc import Mapping

from starlette.responses import Response

from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.sandbox.quotas import Allowance, Period
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer

INVALID_KEY = "Invalid API key. Go to https://docs.rapidapi.com/docs/keys for more info."


class GatewayUpstream(Upstream):
    """A service behind the gateway; a subclass adds its name and its answers."""

    period = Period.MONTH

    def refusal(self, call: Call) -> Response | None:
        if call.headers.get("x-rapidapi-key") != SANDBOX_KEY:
            return self.problem(Problem.UNAUTHORIZED, call)
        if not call.headers.get("x-rapidapi-host"):
            return json_answer({"message": "The host you've provided is invalid. Send it as X-RapidAPI-Host."}, 400)
        return None

    def problem(self, problem: Problem, call: Call) -> Response:
        match problem:
            case Problem.UNAUTHORIZED:
                return json_answer({"message": INVALID_KEY}, 401)
            case Problem.FORBIDDEN:
                return json_answer({"message": "You are not subscribed to this API."}, 403)
            case Problem.TOO_MANY:
                message = "You have exceeded the rate limit per minute for your plan, BASIC, by the API provider"
                return json_answer({"message": message}, 429)
            case Problem.QUOTA:
                period = "DAILY" if self.period is Period.DAY else "MONTHLY"
                message = (
                    f"You have exceeded the {period} quota for Requests on your current plan, BASIC. "
                    f"Upgrade your plan at https://rapidapi.com/sandbox/{self.name}"
                )
                return json_answer({"message": message}, 429)
            case Problem.BROKEN:
                return json_answer({"message": "Internal server error"}, 500)
            case Problem.UNKNOWN:
                return json_answer({"message": f"Endpoint '/{call.path}' does not exist"}, 404)

    def bucket(self, call: Call) -> str | None:  # noqa: ARG002
        return self.name

    def quota_headers(self, allowance: Allowance) -> Mapping[str, str]:
        self.period = allowance.period
        return {
            "x-ratelimit-requests-limit": str(allowance.limit),
            "x-ratelimit-requests-remaining": str(max(0, allowance.left)),
            "x-ratelimit-requests-reset": str(allowance.resets_in),
        }
