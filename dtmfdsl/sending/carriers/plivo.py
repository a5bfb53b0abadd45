"""Plivo: a string is played by a POST of `digits` to a call.

plivo.com/docs/voice/api/dtmf, and the PyPI package plivo 4.63, whose voice requests are sent again by itself
after a 5xx. Read in November 2026.
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
    basic,
    escaped,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import Outcome

ID, TOKEN = "PLIVO_AUTH_ID", "PLIVO_AUTH_TOKEN"

# Those that the package has exceptions for.
_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check auth id and token",
    403: "not allowed for this account",
    404: "there is no such call, or it is not active",
    405: "the carrier does not take this kind of request",
    409: "another request is changing this call",
    422: "the carrier does not take this value",
}


@attrs.frozen(kw_only=True)
class _Plivo(Carrier):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        account, call = escaped(credentials[ID], "auth id"), escaped(command.call_id, "call id")
        url = f"{base_url.rstrip('/')}/v1/Account/{account}/Call/{call}/DTMF/"
        return Request("POST", url, JSON, in_json({"digits": command.text}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[ID], credentials[TOKEN])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)


PLIVO = _Plivo(
    name="plivo",
    dialect="plivo",
    base_url="https://api.plivo.com",
    interval_ms=0,
    variables=(ID, TOKEN),
    curl_options=f'-u "${ID}:${TOKEN}"',
    promises="the carrier took the string (“digits sent”); nothing reports that its keys were played",
    # 300 requests in 5 seconds, of the whole account. From a page of a compatible product.
    spacing_ms=5000 / 300,
)
