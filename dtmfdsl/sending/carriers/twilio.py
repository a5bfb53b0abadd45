"""Twilio: a string is played by a new TwiML document, which replaces what runs on the call.

twilio.com/docs/voice/api/call-resource, /twiml/play, /twiml/pause, and the error pages 20429, 21220 and
32018; the PyPI package twilio 9.13. Read in November 2026. The end of a document hangs up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from dtmfdsl.sending.carriers.carrier import (
    FORM,
    Carrier,
    Command,
    Credentials,
    Request,
    basic,
    escaped,
    from_json,
    judged,
    seconds_left,
)
from dtmfdsl.sending.outcomes import Kind, Outcome

SID, TOKEN = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"

LONGEST_TWIML = 4000

_REFUSALS = {
    400: "the carrier does not take this value, or the call is not in progress",
    401: "wrong credentials: check account sid and token",
    403: "not allowed for this account",
    404: "there is no such call, or no such account",
}


@attrs.frozen(kw_only=True)
class _Twilio(Carrier):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        account, call = escaped(credentials[SID], "account sid"), escaped(command.call_id, "call id")
        url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account}/Calls/{call}.json"
        form = urlencode({"Twiml": twiml(command.text, command.stays_ms)})
        return Request("POST", url, FORM, form.encode())

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
)
