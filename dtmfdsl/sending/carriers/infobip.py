"""Infobip: a string is played by a POST to a call, and the answer's body tells how that stands.

The PyPI package infobip-api-python-client 6.0, read in November 2026. It has no text on which characters are
taken, nor on what a FAILED action has done.
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
    escaped,
    from_json,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import Kind, Outcome

KEY, ADDRESS = "INFOBIP_API_KEY", "INFOBIP_BASE_URL"

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check the API key",
    403: "not allowed for this API key",
    404: "there is no such call, or it is not active",
}


@attrs.frozen(kw_only=True)
class _Infobip(Carrier):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        call = escaped(command.call_id, "call id")
        url = f"{base_url.rstrip('/')}/calls/1/calls/{call}/send-dtmf"
        return Request("POST", url, JSON, in_json({"dtmf": command.text}), needs_body=True)

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return {"Authorization": f"App {credentials[KEY]}"}

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        outcome = judged(status, _REFUSALS)
        if outcome.kind is not Kind.ACCEPTED:
            return outcome
        match from_json(body):
            case {"status": "PENDING" | "IN_PROGRESS" | "COMPLETED"}:
                return outcome
            case {"status": "FAILED"}:
                return Outcome(Kind.UNKNOWN, "the carrier failed: it is unknown which keys were played")
        return Outcome(Kind.UNKNOWN, "the answer does not tell whether the keys are played")


INFOBIP = _Infobip(
    name="infobip",
    dialect="infobip",
    base_url=f"${ADDRESS}",
    address_variable=ADDRESS,
    interval_ms=0,
    variables=(KEY,),
    curl_options=f'-H "Authorization: App ${KEY}"',
    promises="the carrier took the string, and had not failed when it answered",
)
