"""A stand-in for jambonz: one key a request."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.jambonz import ACCOUNT, APPLICATION, KEY
from dtmfdsl.sending.carriers.jambonz import JAMBONZ as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_bearer, json_of
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class Jambonz(PlainStandIn):
    """jambonz: the account is in the path."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        own = f"/v1/Accounts/{account[ACCOUNT]}/"
        return is_bearer(request, account[KEY]) and request.path.startswith(own)

    def keys(self, request: Incoming) -> str | None:
        match json_of(request):
            case {"dtmf": {"digit": str(digit)}}:
                return digit
        return None

    def error(self, status: int, message: str) -> Answer:
        return in_json(status, {"msg": message})


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {
            "application_sid": "application-test",
            "from": str(caller),
            "to": {"type": "phone", "number": str(to)},
            "timeout": int(seconds),
        }:
            return Order(to, caller, seconds)
    return None


_CALLS = "/v1/Accounts/account-test/Calls"

_DESK = Desk(
    account={APPLICATION: "application-test"},
    create=("POST", _CALLS),
    look=("GET", f"{_CALLS}/(?P<call>[^/]+)"),
    hang_up=("PUT", f"{_CALLS}/(?P<call>[^/]+)"),
    order=_order,
    created=lambda call_id: in_json(201, {"sid": call_id}),
    words={
        CallState.RINGING: "ringing",
        CallState.ANSWERED: "in-progress",
        CallState.ENDED: "completed",
        CallState.BUSY: "busy",
        CallState.NO_ANSWER: "no-answer",
        CallState.REJECTED: "failed",
        CallState.FAILED: "failed",
    },
    state=lambda word: in_json(200, {"call_status": word}),
    ended=Answer(202),
    hangs_up=lambda request: json_of(request) in ({"call_status": "completed"}, {"call_status": "no-answer"}),
)

JAMBONZ = Jambonz(
    carrier=CARRIER,
    account={ACCOUNT: "account-test", KEY: "key-test"},
    method="PUT",
    path="/v1/Accounts/[^/]+/Calls/(?P<call>[^/]+)",
    states=("in-progress", "completed"),
    playing=("in-progress",),
    inactive=422,
    accepted=Answer(202),
    unreadable=in_json(400, {"msg": "Bad request"}),
    desk=_DESK,
)
