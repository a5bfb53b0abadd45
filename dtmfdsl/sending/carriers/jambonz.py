"""jambonz: a key is played by a PUT of `dtmf` to a call, one at a time.

jambonz/jambonz-api-server, lib/routes/api/accounts.js, and jambonz/jambonz-feature-server (November 2026).
The server sends a SIP INFO with one digit, ignores its errors, and does nothing for a call that is not in a
stable state: its answer is 202 in any case. A call is placed by POST with an application whose `app_json`
keeps the line; 480 is its answer if no server is free, before it asks for a call. A hang-up is an update of
`call_status`, and of an unanswered call to `no-answer`; a DELETE would remove the record alone.
"""

from __future__ import annotations

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
    under,
)
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome, Seen

ACCOUNT, KEY, ADDRESS = "JAMBONZ_ACCOUNT_SID", "JAMBONZ_API_KEY", "JAMBONZ_BASE_URL"
APPLICATION = "JAMBONZ_APPLICATION_SID"

_REFUSALS = {
    400: "the server does not take this value",
    401: "wrong credentials: check the API key",
    403: "not allowed for this API key",
    404: "there is no such call, or no such account",
    422: "the call has ended",
}


@attrs.frozen(kw_only=True)
class _Jambonz(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(command.call_id, 'call id')}"
        return Request("PUT", url, JSON, in_json({"dtmf": {"digit": command.text, "duration": TONE_MS}}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return bearer(credentials[KEY])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        body = {
            "application_sid": credentials[APPLICATION],
            "from": call.caller,
            "to": {"type": "phone", "number": call.to},
            "timeout": call.rings_s,
        }
        return Request("POST", _calls(base_url, credentials), JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        if status == 480:
            return Outcome(Kind.NOT_EXECUTED, "no feature server is free")
        match from_json(body):
            case {"sid": id}:
                return created(judged(status, not_placed(_REFUSALS)), id)
        return created(judged(status, not_placed(_REFUSALS)), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        if status == 404:  # its record is gone, or not there yet
            return Seen(Kind.ACCEPTED, CallState.GONE, state=CallState.GONE)
        match from_json(body):
            case {"call_status": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}"
        return Request("PUT", url, JSON, in_json({"call_status": "completed" if answered else "no-answer"}))


_STATES = {
    "trying": CallState.RINGING,
    "ringing": CallState.RINGING,
    "early-media": CallState.RINGING,
    "queued": CallState.RINGING,
    "in-progress": CallState.ANSWERED,
    "completed": CallState.ENDED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
}


def _calls(base_url: str, credentials: Credentials) -> str:
    return f"{under(base_url, '/v1')}/Accounts/{escaped(credentials[ACCOUNT], 'account sid')}/Calls"


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
    calling=(APPLICATION,),
    plus="as written",
)
