"""Bandwidth v1: a string is played by a POST of `dtmfOut` to a call.

The resource and its errors: Bandwidth's ap-docs, methods/calls/postCallsCallIdDTMF.md, postCalls.md,
getCallsCallId.md, postCallsCallId.md, errors.md and rateLimits/resourceRateLimits.md (March 2020). Every 2xx
is taken as accepted: the page names no status, and the official clients were tested with 200, 201 and 202.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

import attrs

from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, not_placed, seen
from dtmfdsl.sending.carriers.carrier import (
    JSON,
    LONGEST_WAIT_MS,
    Command,
    Credentials,
    Request,
    basic,
    escaped,
    from_json,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome

USER_ID, TOKEN, SECRET = "BANDWIDTH_USER_ID", "BANDWIDTH_API_TOKEN", "BANDWIDTH_API_SECRET"

_EPOCH_MS_DIGITS = 12

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check user id, token and secret",
    403: "not allowed: the call is not active, or not this user's",
    404: "there is no such call, or no such user",
    409: "another request is changing this call",
    415: "the carrier does not take this kind of request",
}
_REFUSAL_CODES = {
    "call-invalid-state": "the call is not active",
    "call-id-not-found": "there is no such call for this user",
    "call-not-found": "there is no such call",
    "user-not-found": "there is no such user",
    "call-unavailable": "the call is still being set up: try again in a moment",
}


@attrs.frozen(kw_only=True)
class _BandwidthV1(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(command.call_id, 'call id')}/dtmf"
        return Request("POST", url, JSON, in_json({"dtmfOut": command.text}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[TOKEN], credentials[SECRET])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        code = _code(body)
        if code in _REFUSAL_CODES and status in (403, 404, 503):
            return Outcome(Kind.REFUSED, _REFUSAL_CODES[code])
        return _read(status, headers, wall_ms, _REFUSALS)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        body = {"from": call.caller, "to": call.to, "callTimeout": str(call.rings_s)}
        return Request("POST", _calls(base_url, credentials), JSON, in_json(body))

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        _, found, id = headers.get("Location", "").rpartition("/calls/")
        outcome = _read(status, headers, wall_ms, not_placed(_REFUSALS))
        return created(outcome, unquote(id) if found else None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        outcome = self.read(status, headers, body, wall_ms)
        match from_json(body):
            case {"state": "completed", "activeTime": str(_)}:
                return seen(outcome, "active and completed", _STATES)
            case {"state": state}:
                return seen(outcome, state, _STATES)
        return seen(outcome, None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}"
        return Request("POST", url, JSON, in_json({"state": "completed"}))


# There is no word for busy. `activeTime` is when the call was answered.
_STATES = {
    "started": CallState.RINGING,
    "active": CallState.ANSWERED,
    "transferring": CallState.ANSWERED,
    "rejected": CallState.REJECTED,
    "completed": CallState.NO_ANSWER,
    "active and completed": CallState.ENDED,
}


def _calls(base_url: str, credentials: Credentials) -> str:
    return f"{base_url.rstrip('/')}/v1/users/{escaped(credentials[USER_ID], 'user id')}/calls"


def _read(status: int, headers: Mapping[str, str], wall_ms: float, refusals: Mapping[int, str]) -> Outcome:
    """The outcome that a status means whatever the body holds, in the words of `refusals`."""
    if status == 429:  # documented as not executed
        wait = _retry_after(headers.get("X-RateLimit-Reset", ""), wall_ms)
        return Outcome(Kind.NOT_EXECUTED, "too many requests", wait, too_many=True)
    if 400 <= status < 500 and status != 408:
        return Outcome(Kind.REFUSED, refusals.get(status, f"the carrier refuses (status {status})"))
    return judged(status, {})


def _code(body: bytes) -> str:
    """The code in a body of the documented shape, or "". The message may echo keys: it is not read."""
    match from_json(body):
        case {"code": str(code)}:
            return code
    return ""


def _retry_after(written: str, wall_ms: float) -> int | None:
    """The milliseconds until a reset.

    The page's text has seconds since the epoch, its example milliseconds.
    """
    if not re.fullmatch("[0-9]{1,16}", written):
        return None
    reset = int(written) * (1 if len(written) >= _EPOCH_MS_DIGITS else 1000)
    # The two clocks may differ: a time that is past is now, and a wait is never for hours.
    return int(min(max(reset - wall_ms, 0), LONGEST_WAIT_MS))


BANDWIDTH_V1 = _BandwidthV1(
    name="bandwidth-v1",
    dialect="bandwidth-v1",
    base_url="https://api.catapult.inetwork.com",
    interval_ms=1000,
    variables=(USER_ID, TOKEN, SECRET),
    curl_options=f'-u "${TOKEN}:${SECRET}"',
    promises="the carrier took the string; it does not report whether its keys were played",
)
