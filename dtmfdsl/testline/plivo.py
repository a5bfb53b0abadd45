"""A stand-in for Plivo."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.plivo import ID, TOKEN
from dtmfdsl.sending.carriers.plivo import PLIVO as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_basic, json_of
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class Plivo(PlainStandIn):
    """Plivo: the account is in the path, too."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        own = f"/v1/Account/{account[ID]}/"
        return is_basic(request, account[ID], account[TOKEN]) and request.path.startswith(own)

    def keys(self, request: Incoming) -> str | None:
        match json_of(request):
            case {"digits": str(digits)}:
                return digits
        return None

    def error(self, status: int, message: str) -> Answer:
        return in_json(status, {"api_id": "test", "error": message})


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {"from": str(caller), "to": str(to), "answer_url": str(url), "ring_timeout": int(seconds)} if (
            url.startswith("https://")
        ):
            return Order(to, caller, seconds)
    return None


_ACCOUNT = "/v1/Account/MATEST"

_DESK = Desk(
    create=("POST", f"{_ACCOUNT}/Call/"),
    look=("GET", f"{_ACCOUNT}/Call/(?P<call>[^/]+)/"),
    hang_up=("DELETE", f"{_ACCOUNT}/(?:Call|Request)/(?P<call>[^/]+)/"),
    order=_order,
    created=lambda call_id: in_json(
        201, {"request_uuid": call_id, "message": "call fired", "api_id": "test"}
    ),
    words={
        CallState.RINGING: "ringing",
        CallState.ANSWERED: "in-progress",
    },
    state=lambda word: in_json(200, {"call_status": word, "api_id": "test"}),
    ended=Answer(204),
)

PLIVO = Plivo(
    carrier=CARRIER,
    account={ID: "MATEST", TOKEN: "token-test"},
    method="POST",
    path="/v1/Account/[^/]+/Call/(?P<call>[^/]+)/DTMF/",
    states=("in-progress", "ringing", "ended"),
    playing=("in-progress",),
    accepted=in_json(202, {"api_id": "test", "message": "digits sent"}),
    unreadable=in_json(400, {"api_id": "test", "error": "Bad request"}),
    desk=_DESK,
)
