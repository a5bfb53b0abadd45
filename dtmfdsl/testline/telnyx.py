"""A stand-in for Telnyx. A command is ignored within 60 s of one with its id."""

from __future__ import annotations

import re

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.telnyx import ACCOUNT, CONNECTION, KEY, LONGEST_TEXML
from dtmfdsl.sending.carriers.telnyx import TELNYX as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.documents import read_document
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_bearer, json_of
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class Telnyx(PlainStandIn):
    """Telnyx: its errors have codes, and the time until a limit ends is in seconds."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        return is_bearer(request, account[KEY])

    def keys(self, request: Incoming) -> str | None:
        match json_of(request):
            case {"digits": str(digits)}:
                return digits
        return None

    def repeat_id(self, request: Incoming) -> str:
        match json_of(request):
            case {"command_id": str(id)}:
                return id
        return ""

    def error(self, status: int, message: str) -> Answer:
        code = {422: "90034", 429: "10011"}.get(status, str(10_000 + status))
        return in_json(status, {"errors": [{"code": code, "title": message}]})

    def too_many(self, request: Incoming, reset_ms: float) -> Answer:
        return super().too_many(request, reset_ms).adding("x-ratelimit-reset", "1")


_VERBS = r'<Play digits="(?P<keys>[^"]*)"\s*/>|<Pause length="(?P<pause>[0-9]+)"\s*/>'


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {"From": str(caller), "To": str(to), "Texml": str(text)} if len(text) <= LONGEST_TEXML:
            document = read_document(text, "Response", _VERBS)
            if document and re.fullmatch(r"\+[0-9]{3,15}", to) and request.path.endswith("/connection-test"):
                return Order(to, caller, text=document.keys, stays_ms=document.stays_ms)
    return None


_DESK = Desk(
    account={CONNECTION: "connection-test", ACCOUNT: "account-test"},
    create=("POST", "/v2/texml/calls/[^/]+"),
    look=("GET", "/v2/texml/Accounts/account-test/Calls/(?P<call>[^/]+)"),
    hang_up=("POST", "/v2/calls/(?P<call>[^/]+)/actions/hangup"),
    order=_order,
    created=lambda call_id: in_json(200, {"call_sid": call_id, "status": "queued"}),
    words={
        CallState.RINGING: "ringing",
        CallState.ANSWERED: "in-progress",
        CallState.ENDED: "completed",
        CallState.BUSY: "busy",
        CallState.NO_ANSWER: "no-answer",
        CallState.REJECTED: "busy",
        CallState.FAILED: "failed",
    },
    state=lambda word: in_json(200, {"status": word}),
    ended=in_json(200, {"data": {"result": "ok"}}),
)

TELNYX = Telnyx(
    carrier=CARRIER,
    account={KEY: "key-test"},
    method="POST",
    path="/v2/calls/(?P<call>[^/]+)/actions/send_dtmf",
    states=("active", "ringing", "ended"),
    playing=("active",),
    inactive=422,
    invalid=422,
    accepted=in_json(200, {"data": {"result": "ok"}}),
    unreadable=in_json(400, {"errors": [{"code": "10015", "title": "Bad request"}]}),
    repeat_ms=60_000,
    desk=_DESK,
)
