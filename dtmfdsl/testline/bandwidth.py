"""A stand-in for Bandwidth v2: tokens, and documents that replace each other."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.bandwidth import ACCOUNT, APPLICATION, ID, LONGEST_BXML, SECRET
from dtmfdsl.sending.carriers.bandwidth import BANDWIDTH as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
from dtmfdsl.testline.documents import Document, read_document
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_basic, is_bearer, json_of
from dtmfdsl.testline.server import Answer, Incoming

_TOKEN = "token-test"  # noqa: S105 - good for a test line only
_VERBS = r'<SendDtmf>(?P<keys>[^<]{1,50})</SendDtmf>|<Pause duration="(?P<pause>[0-9.]+)"\s*/>'


@attrs.frozen(kw_only=True)
class Bandwidth(PlainStandIn):
    """Bandwidth v2: the account is in the path, and client id and secret are good for a token alone."""

    def refusal(self, request: Incoming, account: Credentials) -> Answer | None:
        """The answer to a request that is not for a call: for a token, it is one."""
        if request.path != "/api/v1/oauth2/token":
            return super().refusal(request, account)
        if not is_basic(request, account[ID], account[SECRET]):
            return in_json(401, {"error": "invalid_client"})
        if request.body != b"grant_type=client_credentials":
            return in_json(400, {"error": "unsupported_grant_type"})
        return in_json(200, {"access_token": _TOKEN, "token_type": "Bearer", "expires_in": 3600})

    def knows(self, request: Incoming, account: Credentials) -> bool:
        return is_bearer(request, _TOKEN) and request.path.startswith(f"/api/v2/accounts/{account[ACCOUNT]}/")

    def keys(self, request: Incoming) -> str | None:
        document = self.document(request)
        return document.keys if document else None

    def stays_ms(self, request: Incoming) -> float | None:
        document = self.document(request)
        return document.stays_ms if document else None

    def document(self, request: Incoming) -> Document | None:
        """The document of a request."""
        body = request.body or b""
        if len(body) > LONGEST_BXML or request.header("Content-Type") != "application/xml":
            return None
        return read_document(body.decode(errors="replace"), "Bxml", _VERBS)

    def error(self, status: int, message: str) -> Answer:
        return in_json(status, {"type": "test", "description": message, "id": "test"})


def _order(request: Incoming) -> Order | None:
    match json_of(request):
        case {
            "from": str(caller),
            "to": str(to),
            "applicationId": "application-test",
            "answerUrl": str(url),
            "callTimeout": int(seconds),
        } if to.startswith("+") and url.startswith("https://"):
            return Order(to, caller, rings_s=seconds)
    return None


def _state(word: str) -> Answer:
    """A call that is over has a cause, and the time of its answer if there was one."""
    state, _, more = word.partition(" ")
    details = {"answered": {"answerTime": "2026-11-25T10:00:00Z", "disconnectCause": "hangup"}}
    return in_json(200, {"state": state, **details.get(more, {"disconnectCause": more} if more else {})})


_CALLS = "/api/v2/accounts/account-test/calls"

_DESK = Desk(
    account={APPLICATION: "application-test"},
    create=("POST", _CALLS),
    look=("GET", f"{_CALLS}/(?P<call>[^/]+)"),
    hang_up=("POST", f"{_CALLS}/(?P<call>[^/]+)"),
    order=_order,
    created=lambda call_id: in_json(201, {"callId": call_id, "state": "initiated"}),
    words={
        CallState.RINGING: "initiated",
        CallState.ANSWERED: "answered",
        CallState.ENDED: "disconnected answered",
        CallState.BUSY: "disconnected busy",
        CallState.NO_ANSWER: "disconnected timeout",
        CallState.REJECTED: "disconnected rejected",
        CallState.FAILED: "disconnected error",
    },
    state=_state,
    ended=Answer(200),
    hangs_up=lambda request: json_of(request) == {"state": "completed"},
)

BANDWIDTH = Bandwidth(
    carrier=CARRIER,
    account={ACCOUNT: "account-test", ID: "client-test", SECRET: "secret-test"},
    method="PUT",
    path="/api/v2/accounts/[^/]+/calls/(?P<call>[^/]+)/bxml",
    states=("answered", "initiated", "disconnected"),
    playing=("answered",),
    ended="disconnected",
    accepted=Answer(204),
    unreadable=in_json(400, {"type": "test", "description": "Bad request", "id": "test"}),
    desk=_DESK,
)
