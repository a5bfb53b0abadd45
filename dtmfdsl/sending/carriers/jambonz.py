"""jambonz: a key is played by a PUT of `dtmf` to a call, one at a time.

jambonz/jambonz-api-server, lib/routes/api/accounts.js, and jambonz/jambonz-feature-server (November 2026).
The server sends a SIP INFO with one digit, ignores its errors, and does nothing for a call that is not in a
stable state: its answer is 202 in any case.
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
    in_json,
    judged,
    under,
)
from dtmfdsl.sending.outcomes import Outcome

ACCOUNT, KEY, ADDRESS = "JAMBONZ_ACCOUNT_SID", "JAMBONZ_API_KEY", "JAMBONZ_BASE_URL"

_REFUSALS = {
    400: "the server does not take this value",
    401: "wrong credentials: check the API key",
    403: "not allowed for this API key",
    404: "there is no such call, or no such account",
    422: "the call has ended",
}


@attrs.frozen(kw_only=True)
class _Jambonz(Carrier):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        account, call = escaped(credentials[ACCOUNT], "account sid"), escaped(command.call_id, "call id")
        url = f"{under(base_url, '/v1')}/Accounts/{account}/Calls/{call}"
        return Request("PUT", url, JSON, in_json({"dtmf": {"digit": command.text, "duration": TONE_MS}}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return bearer(credentials[KEY])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)


TONE_MS = 250
"""The server's own default."""

JAMBONZ = _Jambonz(
    name="jambonz",
    dialect="jambonz",
    base_url=f"${ADDRESS}",
    address_variable=ADDRESS,
    interval_ms=0,
    variables=(ACCOUNT, KEY),
    curl_options=f'-H "Authorization: Bearer ${KEY}"',
    promises="nothing but that the server knows the call: it does not report whether a key was sent",
)
