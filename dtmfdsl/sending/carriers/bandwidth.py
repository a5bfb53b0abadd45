"""Bandwidth v2: a string is played by a new BXML document, which replaces what runs on the call.

dev.bandwidth.com: docs/voice/bxml/sendDtmf and /pause, the account credentials; the PyPI package
bandwidth-sdk 23.3.1. Read in November 2026. The end of a document hangs up. User name and password stop
working on 2 December 2026; the others are good for a token. A new call needs an `answerUrl`, and ends if that
fails; BXML replaces what it answered.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, not_placed, seen
from dtmfdsl.sending.carriers.carrier import (
    ACCESS_TOKEN,
    FORM,
    JSON,
    Command,
    Credentials,
    Grant,
    Request,
    Token,
    basic,
    bearer,
    escaped,
    from_json,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import CallState, Outcome

ACCOUNT, ID, SECRET = "BW_ACCOUNT_ID", "BW_CLIENT_ID", "BW_CLIENT_SECRET"
USER, PASSWORD = "BW_USERNAME", "BW_PASSWORD"
APPLICATION = "BW_VOICE_APPLICATION_ID"

BASE_URL, TOKEN_URL = "https://voice.bandwidth.com", "https://api.bandwidth.com"

RENEWED_MS = 60_000
"""A token is replaced this long before its end."""

LONGEST_BXML = 64 * 1024
LONGEST_VERB = 50
LONGEST_PAUSE_S = 86_400

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check the client id and secret (a user name works until 2 December 2026)",
    403: "not allowed for this account",
    404: "there is no such call, or it is not active",
    405: "the carrier does not take this kind of request",
    409: "the call is not answered yet, or has just ended",
    415: "the carrier does not take this kind of request",
}


class _Grant(Grant):
    """RFC 6749, section 4.4: client credentials."""

    def request(self, base_url: str) -> Request:
        host = TOKEN_URL if base_url == BASE_URL else base_url.rstrip("/")
        return Request("POST", f"{host}/api/v1/oauth2/token", FORM, b"grant_type=client_credentials", True)

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[ID], credentials[SECRET])

    def token(self, status: int, body: bytes, wall_ms: float) -> Token | str:
        match from_json(body):
            case {"access_token": str(value), "expires_in": int(seconds)} if status == 200 and value:
                return Token(value, wall_ms + 1000 * seconds - RENEWED_MS)
        if status in (400, 401, 403):
            return "wrong credentials: check the client id and secret"
        return ""


@attrs.frozen(kw_only=True)
class _Bandwidth(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(command.call_id, 'call id')}/bxml"
        body = bxml(command.text, command.stays_ms).encode()
        return Request("PUT", url, {"Content-Type": "application/xml"}, body)

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        if USER in credentials:
            return basic(credentials[USER], credentials[PASSWORD])
        return bearer(credentials.get(ACCESS_TOKEN, ""))

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)

    def grant(self, credentials: Credentials) -> Grant | None:
        return None if USER in credentials else _Grant()

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        body = {
            "from": call.caller,
            "to": call.to,
            "applicationId": credentials[APPLICATION],
            "answerUrl": call.answer_url,
            "callTimeout": call.rings_s,
        }
        return Request("POST", _calls(base_url, credentials), JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"callId": id}:
                return created(judged(status, not_placed(_REFUSALS)), id)
        return created(judged(status, not_placed(_REFUSALS)), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"state": "disconnected", "answerTime": str(_)}:
                return seen(judged(status, _REFUSALS), "answered and disconnected", _STATES)
            case {"state": "disconnected", "disconnectCause": cause}:
                return seen(judged(status, _REFUSALS), cause if cause in _STATES else "error", _STATES)
            case {"state": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        url = f"{_calls(base_url, credentials)}/{escaped(call_id, 'call id')}"
        return Request("POST", url, JSON, in_json({"state": "completed"}))


# The states, and the causes of a call that was disconnected before it was answered.
_STATES = {
    "queued": CallState.RINGING,
    "initiated": CallState.RINGING,
    "answered": CallState.ANSWERED,
    "answered and disconnected": CallState.ENDED,
    "busy": CallState.BUSY,
    "timeout": CallState.NO_ANSWER,
    "cancel": CallState.NO_ANSWER,
    "rejected": CallState.REJECTED,
    "error": CallState.FAILED,
}


def _calls(base_url: str, credentials: Credentials) -> str:
    return f"{base_url.rstrip('/')}/api/v2/accounts/{escaped(credentials[ACCOUNT], 'account id')}/calls"


def bxml(digits: str, stays_ms: int) -> str:
    """A document that plays digits, then keeps the call for this time, in milliseconds."""
    verbs = [digits[at : at + LONGEST_VERB] for at in range(0, len(digits), LONGEST_VERB)]
    played = "".join(f"<SendDtmf>{verb}</SendDtmf>" for verb in verbs)
    seconds = min(max(stays_ms / 1000, 0.1), LONGEST_PAUSE_S)
    pause = f'<Pause duration="{seconds:g}"/>' if stays_ms > 0 else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Bxml>{played}{pause}</Bxml>'


BANDWIDTH = _Bandwidth(
    name="bandwidth",
    dialect="bandwidth",
    base_url=BASE_URL,
    interval_ms=1000,
    variables=(ACCOUNT, ID, SECRET),
    alternatives=((ACCOUNT, USER, PASSWORD),),
    curl_options='-H "Authorization: Bearer $TOKEN"',
    promises="the carrier took the document that presses the keys; the call ends when the document does",
    calling=(APPLICATION,),
    answer_url=True,
    creating_ms=1000 / 5,
    # Each <SendDtmf> of 50 characters takes 21 more.
    limit=(LONGEST_BXML - len(bxml("", 86_399_900))) // (LONGEST_VERB + 21) * LONGEST_VERB,
)
