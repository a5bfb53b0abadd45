"""A stand-in for Azure Communication Services. It knows a repeat by its id, unless the first one failed."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from hashlib import sha256

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.azure import AZURE as CARRIER
from dtmfdsl.sending.carriers.azure import CONNECTION, WORDS
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.plain import PlainStandIn, in_json, json_of
from dtmfdsl.testline.server import Answer, Incoming
from dtmfdsl.testline.stand_in import NOWHERE

_KEYS = {word: key for key, word in WORDS.items()}


@attrs.frozen(kw_only=True)
class Azure(PlainStandIn):
    """Azure: requests are signed by the key of the connection string, and name a participant."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        key = b64decode(account[CONNECTION].partition("accesskey=")[2])
        digest = b64encode(sha256(request.body or b"").digest()).decode()
        date, host = request.header("x-ms-date"), request.header("Host")
        signed = f"{request.method}\n{request.target}\n{date};{host};{digest}"
        signature = b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()
        scheme = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
        return (
            request.header("x-ms-content-sha256") == digest
            and request.header("Authorization") == f"{scheme}{signature}"
        )

    def keys(self, request: Incoming) -> str | None:
        match json_of(request):
            case {"tones": [*tones], "targetParticipant": {"phoneNumber": {"value": str(number)}}} if (
                re.fullmatch(r"\+[0-9]+", number) and all(tone in _KEYS for tone in tones)
            ):
                return "".join(_KEYS[tone] for tone in tones)
        return None

    def repeat_id(self, request: Incoming) -> str:
        return f"{request.header('Repeatability-Request-ID')} {request.header('Repeatability-First-Sent')}"

    def error(self, status: int, message: str) -> Answer:
        return in_json(status, {"error": {"code": str(status), "message": message}})


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {
            "targets": [{"phoneNumber": {"value": str(to)}}],
            "sourceCallerIdNumber": {"value": str(caller)},
            "callbackUri": str(url),
        } if url.startswith("https://"):
            return Order(to, caller)
    return None


_CALLS = "/calling/callConnections"

_DESK = Desk(
    create=("POST", _CALLS),
    look=("GET", f"{_CALLS}/(?P<call>[^/:]+)"),
    hang_up=("POST", f"{_CALLS}/(?P<call>[^/:]+):terminate"),
    order=_order,
    created=lambda call_id: in_json(201, {"callConnectionId": call_id, "callConnectionState": "connecting"}),
    words={
        CallState.RINGING: "connecting",
        CallState.ANSWERED: "connected",
        CallState.ENDED: "disconnected",
        CallState.BUSY: "disconnected",
        CallState.NO_ANSWER: "disconnected",
        CallState.REJECTED: "disconnected",
        CallState.FAILED: "disconnected",
    },
    state=lambda word: in_json(200, {"callConnectionState": word}),
    ended=Answer(204),
)

AZURE = Azure(
    carrier=CARRIER,
    account={CONNECTION: f"endpoint={NOWHERE};accesskey={b64encode(b'key-test').decode()}"},
    method="POST",
    path="/calling/callConnections/(?P<call>[^/]+):sendDtmfTones",
    states=("connected", "connecting", "disconnected"),
    playing=("connected",),
    accepted=in_json(202, {}),
    unreadable=in_json(400, {"error": {"code": "400", "message": "Bad request"}}),
    desk=_DESK,
    repeat_ms=300_000,
    fails_again=True,
)
