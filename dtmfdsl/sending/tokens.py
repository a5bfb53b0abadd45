"""Tokens that a carrier gives for some time: fetched when they are needed, and kept until they end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from dtmfdsl.sending.carriers.carrier import Credentials, Grant, Request, Token
from dtmfdsl.sending.outcomes import Kind, Outcome


class Fetch:
    """Reads the answer to a request for a token, as a carrier reads those to its own."""

    def __init__(self, grant: Grant):
        self.grant = grant
        self.token: Token | None = None

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return self.grant.authentication(request, credentials, wall_ms)

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match self.grant.token(status, body, wall_ms):
            case Token() as token:
                self.token = token
                return Outcome(Kind.ACCEPTED, "accepted")
            case "":
                return Outcome(Kind.NOT_EXECUTED, f"the carrier gave no access token (status {status})")
            case str(reason):
                return Outcome(Kind.REFUSED, reason)


class Tokens:
    """The token of one account, for all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: Token | None = None

    def get(self, grant: Grant, wall_ms: float, fetch: Callable[[Fetch], Outcome]) -> str | Outcome:
        """A token that is good at this time, or why there is none. `fetch` makes the request for it.

        A request for a token holds no keys: whatever becomes of it, none was pressed.
        """
        with self._lock:
            if self._token is None or self._token.until_ms <= wall_ms:
                asked = Fetch(grant)
                outcome = fetch(asked)
                self._token = asked.token
                if self._token is None:
                    if outcome.kind is Kind.UNKNOWN:
                        return Outcome(Kind.NOT_EXECUTED, f"no access token: {outcome.reason}")
                    return outcome
            return self._token.value
