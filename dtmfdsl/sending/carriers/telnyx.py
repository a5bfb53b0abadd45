"""Telnyx: a string is played by the command `send_dtmf` of a call.

developers.telnyx.com: api-reference/call-commands/send-dtmf, docs/voice/programmable-voice/receiving-webhooks
and /command-retries; and the PyPI package telnyx 4.189. All read in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from dtmfdsl.sending.carriers.carrier import (
    JSON,
    Carrier,
    Command,
    Credentials,
    Request,
    bearer,
    escaped,
    from_json,
    in_json,
    judged,
    seconds_left,
)
from dtmfdsl.sending.outcomes import Kind, Outcome

KEY = "TELNYX_API_KEY"

# The pages name 422 and the codes; 401 to 404 are those of the package's exceptions.
_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check the API key",
    403: "not allowed for this API key",
    404: "there is no such call",
    422: "the carrier does not take this value, or the call is not active",
}
_CODES = {
    "90034": "the call is not answered yet",
    "90018": "the call has ended",
}


@attrs.frozen(kw_only=True)
class _Telnyx(Carrier):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        call = escaped(command.call_id, "call id")
        url = f"{base_url.rstrip('/')}/v2/calls/{call}/actions/send_dtmf"
        return Request("POST", url, JSON, in_json({"digits": command.text, "command_id": command.id}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return bearer(credentials[KEY])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"errors": [{"code": str(code)}, *_]} if status == 422 and code in _CODES:
                return Outcome(Kind.REFUSED, _CODES[code])
        # Seconds that are left, and not a time.
        return judged(status, _REFUSALS, seconds_left(headers.get("X-RateLimit-Reset", "")))


TELNYX = _Telnyx(
    name="telnyx",
    dialect="telnyx",
    base_url="https://api.telnyx.com",
    interval_ms=0,
    variables=(KEY,),
    curl_options=f'-H "Authorization: Bearer ${KEY}"',
    promises="the carrier took the command; no event reports that its keys were played",
    # A command is ignored for 60 s after one with its id. The last repeat begins in the first half of that,
    # so that it arrives in time even if connecting is slow.
    repeat_ms=30_000,
)
