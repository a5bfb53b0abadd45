"""What a stand-in is: a carrier's side of the wire, for the test line to play."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import attrs

from dtmfdsl.sending.carriers import Carrier, Credentials
from dtmfdsl.testline.faults import Fault
from dtmfdsl.testline.server import Answer, Incoming

NOWHERE = "https://test-line.invalid"
"""The line's address in an account that holds one, until it has one."""


@attrs.frozen(kw_only=True)
class StandIn(ABC):
    """All that is particular to a carrier, seen from its own side.

    Strings are played by requests of one `method`. A call can have these `states`; in a `playing` state it
    takes keys, and an unknown call is in the first of those. One that has ended by itself is `ended`.

    A request is ignored for `repeat_ms` after one with its id was taken. With `fails_again`, that is not so
    if the first was answered with a 5xx.
    """

    carrier: Carrier
    account: Mapping[str, str]
    """Invented credentials by the names of the carrier's variables. They are good for a test line only."""
    method: str
    states: tuple[str, ...]
    playing: tuple[str, ...]
    accepted: Answer
    """The answer to a request that is played."""
    unreadable: Answer
    """The answer to what is not HTTP."""
    ended: str = ""
    repeat_ms: float = 0
    fails_again: bool = False

    @abstractmethod
    def call_id(self, request: Incoming) -> str | None:
        """The call that a request is for, or None if its path is not a call's."""

    @abstractmethod
    def refusal(self, request: Incoming, account: Credentials) -> Answer | None:
        """The answer to a request of another account or for no call; None for any other request."""

    @abstractmethod
    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        """The string that a request plays, or the answer that refuses it. `state` is "" for no such call."""

    @abstractmethod
    def too_many(self, request: Incoming, reset_ms: float) -> Answer:
        """The answer to a request above the limit, which ends at `reset_ms`, milliseconds since the epoch."""

    @abstractmethod
    def failure(self, request: Incoming, call_id: str, fault: Fault, text: str) -> Answer | None:
        """The carrier's own answer for a fault; None if the fault is not an answer.

        `text` is what the request would have played, for an answer that repeats it.
        """

    def repeat_id(self, request: Incoming) -> str:
        """The id by which a repeat of a request is known, or ""."""
        return ""

    def stays_ms(self, request: Incoming) -> float | None:
        """How long the call stays after the string of a request, in milliseconds; None if it does not end.

        Such a request replaces what the one before has not played.
        """
        return None
