"""A stand-in for Asterisk's REST interface, ARI."""

from __future__ import annotations

from urllib.parse import parse_qs

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.asterisk import ASTERISK as CARRIER
from dtmfdsl.sending.carriers.asterisk import PASSWORD, USER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_basic
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class Asterisk(PlainStandIn):
    """Asterisk: the keys are in a query or in a form. What it does not know in a string, it skips."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        return is_basic(request, account[USER], account[PASSWORD])

    def keys(self, request: Incoming) -> str | None:
        form = (request.body or b"").decode(errors="replace")
        (keys, *_) = parse_qs(form).get("dtmf", []) + parse_qs(request.query).get("dtmf", []) + [""]
        return "".join(key for key in keys if key in "0123456789*#ABCDabcdwW")

    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        if state in ("down", "ringing"):
            return self.error(412, "Channel in invalid state")
        return super().text(request, call_id, state)


_DESK = Desk(  # it takes no orders, and ends channels
    create=("POST", "/ari/channels"),
    look=("GET", "/ari/channels/(?P<call>[^/]+)"),
    hang_up=("DELETE", "/ari/channels/(?P<call>[^/]+)"),
    order=lambda request: None,
    created=lambda call_id: Answer(200),
    words={CallState.ANSWERED: "Up"},
    state=lambda word: in_json(200, {"state": word}),
    ended=Answer(204),
)

ASTERISK = Asterisk(
    carrier=CARRIER,
    account={USER: "user-test", PASSWORD: "password-test"},
    method="POST",
    path="/ari/channels/(?P<call>[^/]+)/dtmf",
    states=("up", "outside", "ringing", "down"),
    playing=("up",),
    inactive=409,
    accepted=Answer(204),
    unreadable=in_json(400, {"message": "Bad request"}),
    desk=_DESK,
)
