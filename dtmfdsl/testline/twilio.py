"""A stand-in for Twilio: a new document replaces the one before, and the call ends with its end."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import attrs

from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.sending.carriers.twilio import LONGEST_TWIML, SID, TOKEN
from dtmfdsl.sending.carriers.twilio import TWILIO as CARRIER
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.desk import Desk, Order
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
        text = _form(request).get("Twiml", "")
        if len(text) > LONGEST_TWIML or "<Response><Play" not in text:
            return None
        return read_document(text, "Response", _VERBS)

    def error(self, status: int, message: str) -> Answer:
        code = {400: 21220 if message.startswith("The call is") else 32018}.get(status, 20_000 + status)
        return in_json(status, {"code": code, "message": message, "status": status})


def _form(request: Incoming) -> dict[str, str]:
    form = parse_qs((request.body or b"").decode(errors="replace"))
    return {name: values[0] for name, values in form.items()}


def _order(request: Incoming) -> Order | None:
    form, document = _form(request), TWILIO.document(request)
    if not document or not re.fullmatch(r"\+[0-9]{3,15}", form.get("To", "")) or "From" not in form:
        return None
    keys = "" if document.keys == "w" else document.keys
    detect = form.get("MachineDetection") == "Enable"
    rings_s = float(form.get("Timeout", "60"))
    return Order(form["To"], form["From"], rings_s, keys, document.stays_ms, detect)


def _state(word: str) -> Answer:
    state, _, who = word.partition(" ")
    return in_json(200, {"status": state, "answered_by": who or None})


_CALLS = "/2010-04-01/Accounts/ACtest/Calls"

_DESK = Desk(
    create=("POST", rf"{_CALLS}\.json"),
    look=("GET", rf"{_CALLS}/(?P<call>[^/]+)\.json"),
    hang_up=("POST", rf"{_CALLS}/(?P<call>[^/]+)\.json"),
    order=_order,
    created=lambda call_id: in_json(201, {"sid": call_id, "status": "queued"}),
    words={
        CallState.RINGING: "ringing",
        CallState.DETECTING: "in-progress",
        CallState.ANSWERED: "in-progress",
        CallState.MACHINE: "in-progress machine_start",
        CallState.ENDED: "completed",
        CallState.BUSY: "busy",
        CallState.NO_ANSWER: "no-answer",
        CallState.REJECTED: "busy",
        CallState.FAILED: "failed",
    },
    state=_state,
    ended=in_json(200, {"status": "completed"}),
    hangs_up=lambda request: _form(request).get("Status") == "completed",
)

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
    desk=_DESK,
)
