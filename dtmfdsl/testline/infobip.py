"""A stand-in for Infobip. Its answers tell in their body how the action stands."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.infobip import CONFIGURATION, KEY
from dtmfdsl.sending.carriers.infobip import INFOBIP as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.faults import Fault
from dtmfdsl.testline.plain import PlainStandIn, in_json, json_of
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class Infobip(PlainStandIn):
    """Infobip: in the place of a 500 it answers with 200, and a body that reports the failure."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        return request.header("Authorization") == f"App {account[KEY]}"

    def keys(self, request: Incoming) -> str | None:
        match json_of(request):
            case {"dtmf": str(digits)}:
                return digits
        return None

    def error(self, status: int, message: str) -> Answer:
        return in_json(status, {"requestError": {"serviceException": {"text": message}}})

    def failure(self, request: Incoming, call_id: str, fault: Fault, text: str) -> Answer | None:
        keys = request.path.endswith("/send-dtmf")
        if keys and fault in (Fault.FAILED_BEFORE, Fault.FAILED_AFTER):
            return in_json(200, {"status": "FAILED"})
        return super().failure(request, call_id, fault, text)


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {
            "endpoint": {"type": "PHONE", "phoneNumber": str(to)},
            "from": str(caller),
            "callsConfigurationId": "configuration-test",
            "connectTimeout": int(seconds),
            **more,
        } if seconds <= 60:
            return Order(to, caller, seconds, detect="machineDetection" in more)
    return None


def _state(word: str) -> Answer:
    state, _, who = word.partition(" ")
    return in_json(200, {"state": state, **({"machineDetection": {"detectionResult": who}} if who else {})})


_CALLS = "/calls/1/calls"

_DESK = Desk(
    account={CONFIGURATION: "configuration-test"},
    create=("POST", _CALLS),
    look=("GET", f"{_CALLS}/(?P<call>[^/]+)"),
    hang_up=("POST", f"{_CALLS}/(?P<call>[^/]+)/hangup"),
    order=_order,
    created=lambda call_id: in_json(201, {"id": call_id, "state": "CALLING"}),
    words={
        CallState.RINGING: "RINGING",
        CallState.ANSWERED: "ESTABLISHED HUMAN",
        CallState.MACHINE: "ESTABLISHED MACHINE",
        CallState.ENDED: "FINISHED",
        CallState.BUSY: "BUSY",
        CallState.NO_ANSWER: "NO_ANSWER",
        CallState.REJECTED: "REJECTED",
        CallState.FAILED: "FAILED",
    },
    state=_state,
    ended=in_json(200, {"status": "PENDING"}),
)

INFOBIP = Infobip(
    carrier=CARRIER,
    account={KEY: "key-test"},
    method="POST",
    path="/calls/1/calls/(?P<call>[^/]+)/send-dtmf",
    states=("ESTABLISHED", "RINGING", "FINISHED"),
    playing=("ESTABLISHED",),
    accepted=in_json(200, {"status": "PENDING"}),
    unreadable=in_json(400, {"requestError": {"serviceException": {"text": "Bad request"}}}),
    desk=_DESK,
)
