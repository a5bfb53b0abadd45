"""Telnyx: a string is played by the command `send_dtmf` of a call. A call is placed with TeXML in the
request.

developers.telnyx.com: api-reference/call-commands/send-dtmf, docs/voice/programmable-voice/receiving-webhooks
and /command-retries; api-reference/texml-rest-commands/create-a-connection-scoped-texml-call and
/fetch-a-call; docs/voice/programmable-voice/texml-verbs/play; and the PyPI package telnyx 4.189. All read in
November 2026. That the end of TeXML hangs up is inferred from its likeness to TwiML. The account id is the
organization id of GET /v2/whoami.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import attrs

from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, not_placed, seen
from dtmfdsl.sending.carriers.carrier import (
    JSON,
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
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome

KEY = "TELNYX_API_KEY"
CONNECTION, ACCOUNT = "TELNYX_CONNECTION_ID", "TELNYX_ACCOUNT_SID"

LONGEST_TEXML = 4000
"""As for TwiML: no page names a limit."""

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
class _Telnyx(Caller):
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

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        connection = escaped(credentials[CONNECTION], "connection id")
        body = {"From": call.caller, "To": call.to, "Texml": texml(call.text, call.stays_ms)}
        url = f"{base_url.rstrip('/')}/v2/texml/calls/{connection}"
        return Request("POST", url, JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"call_sid": id}:
                return created(judged(status, _NOT_PLACED), id)
        return created(judged(status, _NOT_PLACED), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        account, call = escaped(credentials[ACCOUNT], "account sid"), escaped(call_id, "call id")
        url = f"{base_url.rstrip('/')}/v2/texml/Accounts/{account}/Calls/{call}"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"status": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        url = f"{base_url.rstrip('/')}/v2/calls/{escaped(call_id, 'call id')}/actions/hangup"
        return Request("POST", url, JSON, in_json({}))


_NOT_PLACED = not_placed(_REFUSALS) | {404: "there is no such connection"}
_STATES = {
    "queued": CallState.RINGING,
    "initiated": CallState.RINGING,
    "ringing": CallState.RINGING,
    "in-progress": CallState.ANSWERED,
    "completed": CallState.ENDED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "canceled": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
}


def texml(digits: str, stays_ms: int) -> str:
    """A document that plays digits, if there are any, then keeps the call for this time, in milliseconds."""
    play = f'<Play digits="{digits}"/>' if digits else ""
    return f'<Response>{play}<Pause length="{math.ceil(stays_ms / 1000)}"/></Response>'


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
    calling=(CONNECTION, ACCOUNT),
    takes_script=True,
    script_limit=LONGEST_TEXML - len(texml("", 1000 * 10**9)),
    creating_ms=1000 / 30,  # over it, 429 with code 90103
)
