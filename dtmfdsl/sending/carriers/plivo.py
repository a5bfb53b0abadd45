"""Plivo: a string is played by a POST of `digits` to a call.

plivo.com/docs/voice/api/dtmf, and the PyPI package plivo 4.63, whose voice requests are sent again by itself
after a 5xx. Read in November 2026. A new call needs an `answer_url`. Its answer has a request_uuid, which is
the call's id, too; until the call is live, there is only the request. How a live call stands is from a page
of a compatible product, and of one that is over nothing is reported there.
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
    basic,
    escaped,
    from_json,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome, Seen

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
class _Plivo(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{_account(base_url, credentials)}/Call/{escaped(command.call_id, 'call id')}/DTMF/"
        return Request("POST", url, JSON, in_json({"digits": command.text}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[ID], credentials[TOKEN])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        body = {
            "from": call.caller,
            "to": call.to,
            "answer_url": call.answer_url,
            "ring_timeout": call.rings_s,
        }
        url = f"{_account(base_url, credentials)}/Call/"
        return Request("POST", url, JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"request_uuid": id}:
                return created(judged(status, not_placed(_REFUSALS)), id)
        return created(judged(status, not_placed(_REFUSALS)), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = f"{_account(base_url, credentials)}/Call/{escaped(call_id, 'call id')}/?status=live"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        if status == 404:
            return Seen(Kind.ACCEPTED, CallState.GONE, state=CallState.GONE)
        match from_json(body):
            case {"call_status": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        kind, call = "Call" if answered else "Request", escaped(call_id, "call id")
        return Request("DELETE", f"{_account(base_url, credentials)}/{kind}/{call}/", {}, b"")


_STATES = {
    "queued": CallState.RINGING,
    "ringing": CallState.RINGING,
    "in-progress": CallState.ANSWERED,
}


def _account(base_url: str, credentials: Credentials) -> str:
    return f"{base_url.rstrip('/')}/v1/Account/{escaped(credentials[ID], 'auth id')}"


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
    answer_url=True,
)
