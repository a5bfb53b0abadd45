"""A stand-in for a carrier that answers by plain statuses: what such carriers have in common."""

from __future__ import annotations

import base64
import json
import re
from abc import abstractmethod
from urllib.parse import unquote

import attrs

from dtmfdsl.dialects import get_dialect
from dtmfdsl.sending.carriers import Credentials
from dtmfdsl.testline.faults import Fault
from dtmfdsl.testline.server import Answer, Incoming
from dtmfdsl.testline.stand_in import StandIn

JSON = (("Content-Type", "application/json"),)

FAILURES = {
    Fault.FAILED_BEFORE: 500,
    Fault.FAILED_AFTER: 500,
    Fault.GATEWAY_BEFORE: 503,
    Fault.GATEWAY_AFTER: 503,
    Fault.UNAVAILABLE: 503,
    Fault.CONFLICT: 409,
    Fault.ECHO: 400,
    Fault.FAILED_ECHO: 503,
}


@attrs.frozen(kw_only=True)
class PlainStandIn(StandIn):
    """A carrier whose requests have the path `path`, a pattern with a group `call`.

    A call that does not take keys is refused with the status `inactive`, and a wrong value with `invalid`.
    """

    path: str
    inactive: int = 404
    invalid: int = 400

    @abstractmethod
    def knows(self, request: Incoming, account: Credentials) -> bool:
        """Whether a request is of this account."""

    @abstractmethod
    def keys(self, request: Incoming) -> str | None:
        """The string that a request asks for; None if there is none."""

    def error(self, status: int, message: str) -> Answer:
        """An answer of the carrier's shape that refuses, or reports a failure."""
        return in_json(status, {"message": message})

    def call_id(self, request: Incoming) -> str | None:
        found = re.fullmatch(self.path, request.path)
        return unquote(found["call"]) if found else None

    def refusal(self, request: Incoming, account: Credentials) -> Answer | None:
        if not self.knows(request, account):
            return self.error(401, "The credentials are not valid")
        if self.call_id(request) is None:
            return self.error(404, "There is no such resource")
        if request.method != self.method:
            return self.error(405, f"Only {self.method} is allowed here").adding("Allow", self.method)
        return None

    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        if not state:
            return self.error(404, "There is no such call")
        if state not in self.playing:
            return self.error(self.inactive, f"The call is {state}")
        text, dialect = self.keys(request), get_dialect(self.carrier.dialect)
        limit = self.carrier.limit or dialect.limit or len(text or "")
        if not text or set(text) - set(dialect.characters) or len(text) > limit:
            return self.error(self.invalid, "The value is not one that this carrier takes")
        return text

    def too_many(self, request: Incoming, reset_ms: float) -> Answer:
        return self.error(429, "Too many requests")

    def failure(self, request: Incoming, call_id: str, fault: Fault, text: str) -> Answer | None:
        if fault not in FAILURES:
            return None
        return self.error(FAILURES[fault], f"It failed: {text}" if "echo" in fault else "It failed")


def in_json(status: int, body: object) -> Answer:
    """An answer with a body in JSON."""
    return Answer(status, json.dumps(body).encode(), JSON)


def json_of(request: Incoming) -> object:
    """What the body of a request in JSON holds, or None."""
    try:
        return json.loads(request.body or b"")
    except (ValueError, RecursionError):
        return None


def is_basic(request: Incoming, user: str, password: str) -> bool:
    """Whether a request has this user name and password by HTTP's basic authentication."""
    word = base64.b64encode(f"{user}:{password}".encode()).decode()
    return request.header("Authorization") == f"Basic {word}"


def is_bearer(request: Incoming, token: str) -> bool:
    """Whether a request has this token."""
    return request.header("Authorization") == f"Bearer {token}"
