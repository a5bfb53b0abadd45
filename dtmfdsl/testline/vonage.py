"""A stand-in for Vonage. It takes one fixed token, as a program has that makes its own."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.vonage import JWT
from dtmfdsl.sending.carriers.vonage import VONAGE as CARRIER
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


VONAGE = Vonage(
    carrier=CARRIER,
    account={JWT: "jwt.of.test"},
    method="PUT",
    path="/v1/calls/(?P<call>[^/]+)/dtmf",
    states=("answered", "ringing", "completed"),
    playing=("answered",),
    accepted=in_json(200, {"message": "DTMF sent", "uuid": "test"}),
    unreadable=in_json(400, {"type": "test", "error_title": "Bad request"}),
)
