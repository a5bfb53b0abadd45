"""Twilio: a string is played by a new TwiML document, which replaces what runs on the call.

twilio.com/docs/voice/api/call-resource, /twiml/play, /twiml/pause, and the error pages 20429, 21220 and
32018; the PyPI package twilio 9.13. Read in November 2026. The end of a document hangs up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, not_placed, seen
from dtmfdsl.sending.carriers.carrier import (
    FORM,
    Command,
    Credentials,
    Request,
    basic,
    escaped,
    from_json,
    judged,
    seconds_left,
)
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome

SID, TOKEN = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"

LONGEST_TWIML = 4000

_REFUSALS = {
    400: "the carrier does not take this value, or the call is not in progress",
    401: "wrong credentials: check account sid and token",
    403: "not allowed for this account",
    404: "there is no such call, or no such account",
}


@attrs.frozen(kw_only=True)
class _Twilio(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        form = urlencode({"Twiml": twiml(command.text, command.stays_ms)})
        return Request("POST", _of_call(base_url, credentials, command.call_id), FORM, form.encode())

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[SID], credentials[TOKEN])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        if status == 429:  # documented as never processed
            wait = seconds_left(headers.get("Retry-After", ""))
            return Outcome(Kind.NOT_EXECUTED, "too many requests", wait, too_many=True)
        match from_json(body):
            case {"code": 21220} if status == 400:
                return Outcome(Kind.REFUSED, "the call is not in progress")
        return judged(status, _REFUSALS)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        # `w` is half a second of silence, so that the document does not begin with a <Pause>.
        form = {"To": call.to, "From": call.caller, "Timeout": call.rings_s}
        form["Twiml"] = twiml(call.text or "w", call.stays_ms)
        if call.detect:
            form["MachineDetection"] = "Enable"
        url = f"{_calls(base_url, credentials)}.json"
        return Request("POST", url, FORM, urlencode(form).encode(), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        outcome = judged(status, not_placed(_REFUSALS))
        if status == 429:
            outcome = self.read(status, headers, body, wall_ms)
        match from_json(body):
            case {"sid": id}:
                return created(outcome, id)
        return created(outcome, None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        return Request("GET", _of_call(base_url, credentials, call_id), {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        outcome = self.read(status, headers, body, wall_ms)
        match from_json(body):
            case {"status": "in-progress", "answered_by": str(who)}:
                machine = who.startswith(("machine", "fax"))
                return seen(outcome, "machine" if machine else "person", _STATES)
            case {"status": state}:
                return seen(outcome, state, _STATES)
        return seen(outcome, None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        return Request("POST", _of_call(base_url, credentials, call_id), FORM, b"Status=completed")


_STATES = {
    "queued": CallState.RINGING,
    "initiated": CallState.RINGING,
    "ringing": CallState.RINGING,
    "in-progress": CallState.DETECTING,
    "person": CallState.ANSWERED,
    "machine": CallState.MACHINE,
    "completed": CallState.ENDED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "canceled": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
}


def _calls(base_url: str, credentials: Credentials) -> str:
    account = escaped(credentials[SID], "account sid")
    return f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account}/Calls"


def _of_call(base_url: str, credentials: Credentials, call_id: str) -> str:
    return f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}.json"


def twiml(digits: str, stays_ms: int) -> str:
    """A document that plays digits, then keeps the call for this time, in milliseconds.

    It begins with the keys: a <Pause> in the first place is a wait before the call is answered.
    """
    pause = f'<Pause length="{math.ceil(stays_ms / 1000)}"/>' if stays_ms > 0 else ""
    return f'<Response><Play digits="{digits}"/>{pause}</Response>'


TWILIO = _Twilio(
    name="twilio",
    dialect="twilio-play",
    base_url="https://api.twilio.com",
    interval_ms=1000,
    variables=(SID, TOKEN),
    curl_options=f'-u "${SID}:${TOKEN}"',
    promises="the carrier took the document that presses the keys; the call ends when the document does",
    limit=LONGEST_TWIML - len(twiml("", 1000 * 10**9)),
    replaces="TwiML",
    takes_script=True,
    script_limit=LONGEST_TWIML - len(twiml("", 1000 * 10**9)),
    detects=True,
    creating_ms=1000,  # what comes sooner is queued
)
