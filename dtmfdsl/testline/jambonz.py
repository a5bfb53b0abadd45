"""A stand-in for jambonz: one key a request."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.jambonz import ACCOUNT, KEY
from dtmfdsl.sending.carriers.jambonz import JAMBONZ as CARRIER
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
)
