"""Infobip: a string is played by a POST to a call, and the answer's body tells how that stands.

The PyPI package infobip-api-python-client 6.0, read in November 2026. It has no text on which characters are
taken, nor on what a FAILED action has done.
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
    escaped,
    from_json,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome

KEY, ADDRESS = "INFOBIP_API_KEY", "INFOBIP_BASE_URL"
CONFIGURATION = "INFOBIP_CALLS_CONFIGURATION_ID"

LONGEST_RINGING_S = 60

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check the API key",
    403: "not allowed for this API key",
    404: "there is no such call, or it is not active",
}


@attrs.frozen(kw_only=True)
class _Infobip(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{_calls(base_url)}/{escaped(command.call_id, 'call id')}/send-dtmf"
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

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        body = {
            "endpoint": {"type": "PHONE", "phoneNumber": call.to},
            "from": call.caller,
            "callsConfigurationId": credentials[CONFIGURATION],
            "connectTimeout": min(call.rings_s, LONGEST_RINGING_S),
        } | ({"machineDetection": {"enabled": True}} if call.detect else {})
        return Request("POST", _calls(base_url), JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"id": id}:
                return created(judged(status, not_placed(_REFUSALS)), id)
        return created(judged(status, not_placed(_REFUSALS)), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = f"{_calls(base_url)}/{escaped(call_id, 'call id')}"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"state": "ESTABLISHED", "machineDetection": {"detectionResult": who}}:
                return seen(judged(status, _REFUSALS), who, _STATES)
            case {"state": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        url = f"{_calls(base_url)}/{escaped(call_id, 'call id')}/hangup"
        return Request("POST", url, JSON, in_json({}))


_STATES = {
    "CALLING": CallState.RINGING,
    "RINGING": CallState.RINGING,
    "PRE_ESTABLISHED": CallState.RINGING,
    "ESTABLISHED": CallState.DETECTING,
    "HUMAN": CallState.ANSWERED,
    "MACHINE": CallState.MACHINE,
    "FINISHED": CallState.ENDED,
    "BUSY": CallState.BUSY,
    "NO_ANSWER": CallState.NO_ANSWER,
    "CANCELLED": CallState.NO_ANSWER,
    "REJECTED": CallState.REJECTED,
    "FAILED": CallState.FAILED,
}


def _calls(base_url: str) -> str:
    return f"{base_url.rstrip('/')}/calls/1/calls"


INFOBIP = _Infobip(
    name="infobip",
    dialect="infobip",
    base_url=f"${ADDRESS}",
    address_variable=ADDRESS,
    interval_ms=0,
    variables=(KEY,),
    curl_options=f'-H "Authorization: App ${KEY}"',
    promises="the carrier took the string, and had not failed when it answered",
    calling=(CONFIGURATION,),
    detects=True,
    creating_ms=1000 / 6,
)
