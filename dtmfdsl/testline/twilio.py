"""A stand-in for Twilio: a new document replaces the one before, and the call ends with its end."""

from __future__ import annotations

from urllib.parse import parse_qs

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.twilio import LONGEST_TWIML, SID, TOKEN
from dtmfdsl.sending.carriers.twilio import TWILIO as CARRIER
from dtmfdsl.testline.documents import Document, read_document
from dtmfdsl.testline.plain import PlainStandIn, in_json, is_basic
from dtmfdsl.testline.server import Answer, Incoming

_VERBS = r'<Play digits="(?P<keys>[^"]*)"\s*/>|<Pause length="(?P<pause>[0-9]+)"\s*/>'


@attrs.frozen(kw_only=True)
class Twilio(PlainStandIn):
    """Twilio: the account is in the path, errors have a code, and a document at most 4,000 characters."""

    def knows(self, request: Incoming, account: Credentials) -> bool:
        own = f"/2010-04-01/Accounts/{account[SID]}/"
        return is_basic(request, account[SID], account[TOKEN]) and request.path.startswith(own)

    def keys(self, request: Incoming) -> str | None:
        document = self.document(request)
        return document.keys if document else None

    def stays_ms(self, request: Incoming) -> float | None:
        document = self.document(request)
        return document.stays_ms if document else None

    def document(self, request: Incoming) -> Document | None:
        """The document of a request, if it begins with keys."""
        form = parse_qs((request.body or b"").decode(errors="replace"))
        (text, *_) = form.get("Twiml", [""])
        if len(text) > LONGEST_TWIML or "<Response><Play" not in text:
            return None
        return read_document(text, "Response", _VERBS)

    def error(self, status: int, message: str) -> Answer:
        code = {400: 21220 if message.startswith("The call is") else 32018}.get(status, 20_000 + status)
        return in_json(status, {"code": code, "message": message, "status": status})


TWILIO = Twilio(
    carrier=CARRIER,
    account={SID: "ACtest", TOKEN: "token-test"},
    method="POST",
    path=r"/2010-04-01/Accounts/[^/]+/Calls/(?P<call>[^/]+)\.json",
    states=("in-progress", "ringing", "completed"),
    playing=("in-progress",),
    ended="completed",
    inactive=400,
    accepted=in_json(200, {"status": "in-progress"}),
    unreadable=in_json(400, {"code": 20001, "message": "Bad request", "status": 400}),
)
