"""How one request can end, and how a whole delivery can."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Kind(StrEnum):
    """What is known of a chunk after its request."""

    ACCEPTED = "accepted"
    """The carrier took it; its keys play now."""
    REFUSED = "refused"
    """The carrier will not play it, and asking again would not help."""
    NOT_EXECUTED = "not executed"
    """It certainly did not play, and may be sent again."""
    UNKNOWN = "unknown"
    """Its keys may or may not have been pressed."""


@attrs.frozen
class Outcome:
    """How a request ended. `reason` is in our own plain words: the server's may echo the keys.

    `too_many`: the server asks for fewer requests. `retry_after_ms` is the time that it asks to wait before
    this request is repeated, in milliseconds, if it names one. A `final` one is not repeated, even where the
    carrier knows repeats by their ids.
    """

    kind: Kind
    reason: str
    retry_after_ms: int | None = None
    too_many: bool = False
    final: bool = False


UNANSWERED = Outcome(Kind.UNKNOWN, "interrupted during the request", final=True)
"""The outcome of a request whose answer was not waited for."""


class Status(StrEnum):
    """How the delivery of a call stands, or ended."""

    PLANNED = "would be sent"
    """Nothing was tried yet."""
    UNDER_WAY = "under way"
    COMPLETE = "all accepted"
    INCOMPLETE = "not all sent"
    UNKNOWN = "unknown"
    INTERRUPTED = "interrupted"
    NOT_SENT = "not sent"
    """There was nothing that could be sent."""
    BUSY = "busy"
    NO_ANSWER = "no answer"
    REJECTED = "rejected"
    FAILED = "failed"
    """The call did not come about, for another reason."""
    MACHINE = "machine"
    """A machine answered, and the call was hung up."""
    DROPPED = "dropped"
    """The call was over before it was certain that all had played."""


class CallState(StrEnum):
    """How a call stands, as its carrier reports it."""

    RINGING = "ringing"
    DETECTING = "detecting"
    """Answered. Whether by a machine is not known yet."""
    ANSWERED = "answered"
    MACHINE = "machine"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    REJECTED = "rejected"
    FAILED = "failed"
    ENDED = "over"
    """It was answered, and is over."""
    GONE = "not live"
    """There is no such call: it is over, or it was just created."""


@attrs.frozen
class Created(Outcome):
    """How the creation of a call ended. If it was accepted, this is the carrier's id of the call."""

    call_id: str = ""


@attrs.frozen
class Seen(Outcome):
    """How a look at a call ended. If it was accepted, the call stands so; None is a state without a name."""

    state: CallState | None = None
