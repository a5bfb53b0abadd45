"""A stand-in for Bandwidth v1: what it accepts, what it refuses, and in which words.

The errors are those of Bandwidth's ap-docs, errors.md (March 2020).
"""

from __future__ import annotations

import base64
import json
import math
import re
from urllib.parse import quote, unquote

import attrs

from dtmfdsl.dialects import get_dialect
from dtmfdsl.sending.carriers import BANDWIDTH_V1 as CARRIER
from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.bandwidth_v1 import SECRET, TOKEN, USER_ID
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.faults import Fault
from dtmfdsl.testline.server import Answer, Incoming
from dtmfdsl.testline.stand_in import StandIn

_DIALECT = get_dialect(CARRIER.dialect)
_WRITABLE = re.compile(f"[{re.escape(_DIALECT.characters)}]+")


@attrs.frozen(kw_only=True)
class BandwidthV1(StandIn):
    """Bandwidth v1. The reset of its limit can be in seconds too, because its page is unclear."""

    reset_in_seconds: bool = False

    def call_id(self, request: Incoming) -> str | None:
        ids = _ids(request)
        return ids and ids[1]

    def knows(self, request: Incoming, account: Credentials) -> bool:
        return _knows(account, request.header("Authorization"))

    def refusal(self, request: Incoming, account: Credentials) -> Answer | None:
        if not self.knows(request, account):
            # The category is documented, the code is not; nor are those of 405 and 415 below.
            message = "The credentials are not valid"
            answer = _error(request, 401, "authentication", "authentication-failed", message)
            return answer.adding("WWW-Authenticate", 'Basic realm="test line"')
        ids = _ids(request)
        if ids is None:
            message = "The requested resource could not be found."
            return _error(request, 404, "not-found", "resource-not-found", message)
        if request.method != self.method:
            message = "Only POST is allowed here"
            return _error(request, 405, "bad-request", "method-not-allowed", message).adding("Allow", "POST")
        if ids[0] != account[USER_ID]:
            message = f"User `{account[USER_ID]}` does not have permission to access user `{ids[0]}`"
            return _error(request, 401, "authorization", "user-access-denied", message)
        return None

    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        if not state:
            message = f"The call `{call_id}` could not be found"
            return _error(request, 404, "not-found", "call-not-found", message)
        if state not in self.playing:
            message = f"Unable to update call `{call_id}`. Invalid call state `{state}`"
            return _error(request, 403, "forbidden", "call-invalid-state", message)
        if request.header("Content-Type").partition(";")[0].strip().lower() != "application/json":
            message = "The content type must be application/json"
            return _error(request, 415, "bad-request", "unsupported-media-type", message)
        text = _value(request.body)
        # The answer does not repeat a wrong value.
        if text is None:
            message = "The body must be a JSON object with the one property `dtmfOut`, a string"
        elif _DIALECT.limit is not None and len(text) > _DIALECT.limit:
            message = f"{_VALUE} exceeds the limit of `{_DIALECT.limit}`"
        elif not _WRITABLE.fullmatch(text):
            message = f"{_VALUE} must match `[A-D0-9#*,wW]+`"
        else:
            return text
        return _error(request, 400, "bad-request", "validation-error", message)

    def too_many(self, request: Incoming, reset_ms: float) -> Answer:
        """The one error that the documentation shows without a message."""
        reset = str(math.ceil(reset_ms / 1000 if self.reset_in_seconds else reset_ms))
        code = "rate-limit-reached"
        answer = _error(request, 429, "too-many-requests", code, None, rateLimitResetTime=reset)
        return answer.adding("X-RateLimit-Reset", reset)

    def failure(self, request: Incoming, call_id: str, fault: Fault, text: str) -> Answer | None:
        if fault not in _FAILURES:
            return None
        status, category, code, message = _FAILURES[fault]
        return _error(request, status, category, code, message.format(call_id=call_id, text=text))


_VALUE = "The `dtmf` resource property `dtmfOut`"
_BACKEND = (500, "backend", "internal-error", "There was a backend error")
_GATEWAY = (503, "unavailable", "gateway-unavailable", "The gateway `test` is temporarily unavailable")
_SETTING_UP = "The call `{call_id}` is being initialized and cannot be modified now"
_CHANGING = "The call `{call_id}` could not be updated because another update was is progress"
_NOT_SENT = "DTMF digits `{text}` could not be sent for call `{call_id}`"
_FAILURES = {
    Fault.FAILED_BEFORE: _BACKEND,
    Fault.FAILED_AFTER: _BACKEND,
    Fault.GATEWAY_BEFORE: _GATEWAY,
    Fault.GATEWAY_AFTER: _GATEWAY,
    Fault.UNAVAILABLE: (503, "unavailable", "call-unavailable", _SETTING_UP),
    Fault.CONFLICT: (409, "conflict", "call-update-conflict", _CHANGING),
    Fault.ECHO: (400, "bad-request", "validation-error", f"{_VALUE} must not be `{{text}}`"),
    Fault.FAILED_ECHO: (503, "unavailable", "send-dtmf-failure", _NOT_SENT),
}


def _ids(request: Incoming) -> tuple[str, str] | None:
    """The user id and the call id of the only known path, decoded after the path is split."""
    match [unquote(segment) for segment in request.path.split("/")]:
        case ["", "v1", "users", user_id, "calls", call_id, "dtmf"] if user_id and call_id:
            return user_id, call_id
    return None


def _knows(account: Credentials, authorization: str) -> bool:
    scheme, _, word = authorization.partition(" ")
    try:
        given = base64.b64decode(word, validate=True)
    except ValueError:
        return False
    return scheme.lower() == "basic" and given == f"{account[TOKEN]}:{account[SECRET]}".encode()


def _error(
    request: Incoming | None, status: int, category: str, code: str, message: str | None, **details: str
) -> Answer:
    """An answer of the documented shape."""
    if request:
        details["requestMethod"] = request.method
        details["remoteAddress"] = request.address
        details["requestPath"] = request.path.removeprefix("/v1/")
    error: dict[str, object] = {"category": category, "code": code}
    if message is not None:
        error["message"] = message
    error["details"] = [{"name": name, "value": value} for name, value in details.items()]
    return Answer(status, json.dumps(error).encode(), (("Content-Type", "application/json"),))


def _value(body: bytes | None) -> str | None:
    """The text in a body that is an object of exactly one `dtmfOut`, or None."""
    try:
        pairs = json.loads(body or b"", object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    match pairs:
        case _Pairs([("dtmfOut", str(text))]):
            return text
    return None


class _Pairs:
    """A JSON object as it is written, in which a name can be there twice."""

    __match_args__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, object]]):
        self.pairs = pairs


def _order(request: Incoming) -> Order | None:
    match _json(request.body):
        case {"from": str(caller), "to": str(to), "callTimeout": str(seconds)} if _E164.fullmatch(to):
            return Order(to, caller, rings_s=float(seconds))
    return None


def _json(body: bytes | None) -> object:
    try:
        return json.loads(body or b"")
    except (ValueError, RecursionError):
        return None


def _state(word: str) -> Answer:
    """There is no word for busy or no answer. The time of an answer tells them apart."""
    state, _, active = word.partition(" ")
    times = {"activeTime": "2020-03-01T10:00:00Z"} if active else {}
    return Answer(200, json.dumps({"state": state, **times}).encode(), _JSON)


_E164 = re.compile(r"\+[0-9]{3,15}")
_JSON = (("Content-Type", "application/json"),)
_CALLS = "/v1/users/u-test/calls"

_DESK = Desk(
    create=("POST", _CALLS),
    look=("GET", f"{_CALLS}/(?P<call>[^/]+)"),
    hang_up=("POST", f"{_CALLS}/(?P<call>[^/]+)"),
    order=_order,
    created=lambda call_id: Answer(
        201, headers=(("Location", f"https://h.invalid{_CALLS}/{quote(call_id, safe='')}"),)
    ),
    words={
        CallState.RINGING: "started",
        CallState.ANSWERED: "active active",
        CallState.ENDED: "completed active",
        CallState.BUSY: "completed",
        CallState.NO_ANSWER: "completed",
        CallState.REJECTED: "rejected",
        CallState.FAILED: "completed",
    },
    state=_state,
    ended=Answer(200),
    hangs_up=lambda request: _json(request.body) == {"state": "completed"},
)

BANDWIDTH_V1 = BandwidthV1(
    carrier=CARRIER,
    account={USER_ID: "u-test", TOKEN: "t-test", SECRET: "s-test"},
    method="POST",
    states=("started", "rejected", "active", "completed", "transferring"),
    playing=("active", "transferring"),
    accepted=Answer(200),
    unreadable=_error(None, 400, "bad-request", "validation-error", "Bad parameters"),
    desk=_DESK,
)
