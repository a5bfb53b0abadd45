"""A stand-in for Vonage. It takes one fixed token, as a program has that makes its own."""

from __future__ import annotations

import re

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.vonage import JWT
from dtmfdsl.sending.carriers.vonage import VONAGE as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_bearer, json_of
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class Vonage(PlainStandIn):
    """Vonage: its errors have a type, a title and a detail."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        return is_bearer(request, account[JWT])

    def keys(self, request: Incoming) -> str | None:
        match json_of(request):
            case {"digits": str(digits)}:
                return digits
        return None

    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        if request.header("Content-Type") != "application/json":
            return self.error(415, "The content type must be application/json")
        return super().text(request, call_id, state)

    def error(self, status: int, message: str) -> Answer:
        return in_json(status, {"type": "test", "error_title": message})


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {
            "to": [{"type": "phone", "number": str(to), **more}],
            "from": {"type": "phone", "number": str(caller)},
            "ncco": [*actions],
            "ringing_timer": int(rings_s),
            **rest,
        } if re.fullmatch(r"[1-9][0-9]{6,14}", to) and rings_s <= 120:
            waits = [_wait_s(action) for action in actions]
            keys = str(more.get("dtmfAnswer", ""))
            detect = "machine_detection" in rest
            if re.fullmatch("[0-9*#p]*", keys) and all(0 < wait <= 7200 for wait in waits):
                # The waits begin with the answer, and hold the keys.
                return Order(to, caller, rings_s, keys, sum(waits) * 1000 - _plays_ms(keys), detect)
    return None


def _wait_s(action: object) -> int:
    match action:
        case {"action": "wait", "timeout": int(seconds)}:
            return seconds
    return 0


def _plays_ms(keys: str) -> float:
    return sum(500 if key == "p" else 200 for key in keys)


_DESK = Desk(
    create=("POST", "/v1/calls"),
    look=("GET", "/v1/calls/(?P<call>[^/]+)"),
    hang_up=("PUT", "/v1/calls/(?P<call>[^/]+)"),
    order=_order,
    created=lambda call_id: in_json(201, {"uuid": call_id, "status": "started"}),
    words={
        CallState.RINGING: "ringing",
        CallState.ANSWERED: "answered",
        CallState.MACHINE: "machine",
        CallState.ENDED: "completed",
        CallState.BUSY: "busy",
        CallState.NO_ANSWER: "unanswered",
        CallState.REJECTED: "rejected",
        CallState.FAILED: "failed",
    },
    state=lambda word: in_json(200, {"status": word}),
    ended=Answer(204),
    hangs_up=lambda request: json_of(request) == {"action": "hangup"},
)

VONAGE = Vonage(
    carrier=CARRIER,
    account={JWT: "jwt.of.test"},
    method="PUT",
    path="/v1/calls/(?P<call>[^/]+)/dtmf",
    states=("answered", "ringing", "completed"),
    playing=("answered",),
    accepted=in_json(200, {"message": "DTMF sent", "uuid": "test"}),
    unreadable=in_json(400, {"type": "test", "error_title": "Bad request"}),
    desk=_DESK,
)
