"""What a stand-in is: a carrier's side of the wire, for the test line to play."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import attrs

from dtmfdsl.sending.carriers import Carrier, Credentials
from dtmfdsl.testline.faults import Fault
from dtmfdsl.testline.server import Answer, Incoming


@attrs.frozen(kw_only=True)
class StandIn(ABC):
    """All that is particular to a carrier, seen from its own side.

    Calls are played by requests of one `method`. `states` are those that a call can have; in `playing` ones
    it takes keys, and the first of them is that of a call of which nothing is known.
    """

    carrier: Carrier
    account: Mapping[str, str]
    """Made-up credentials by the names of the carrier's variables. They open nothing but a test line."""
    method: str
    states: tuple[str, ...]
    playing: tuple[str, ...]
    unreadable: Answer
    """The answer to what is no HTTP."""

    @abstractmethod
    def call_id(self, request: Incoming) -> str | None:
        """The call that a request is about, or None for a path that is no call's."""

    @abstractmethod
    def refusal(self, request: Incoming, account: Credentials) -> Answer | None:
        """The answer to a request that is not of this account, or is for no call; None for any other."""

    @abstractmethod
    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        """The string that a request plays, or the answer that refuses it. `state` is "" for no such call."""

    @abstractmethod
    def accepted(self) -> Answer:
        """The answer to a request that is played."""

    @abstractmethod
    def too_many(self, request: Incoming, reset_ms: float) -> Answer:
        """The answer within the limit, which ends at `reset_ms`, in milliseconds since the epoch."""

    @abstractmethod
    def failure(self, request: Incoming, call_id: str, fault: Fault, text: str) -> Answer | None:
        """The carrier's own answer to a request that fails like this; None if the fault is not an answer.

        `text` is what the request would have played, to be repeated where the carrier does so.
        """
