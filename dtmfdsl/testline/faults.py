"""How the test line can misbehave, and at which request."""

from __future__ import annotations

from enum import StrEnum

import attrs

from dtmfdsl.testline.desk import Operation


class Fault(StrEnum):
    """How the line can misbehave. At `-before` the keys are not played, at `-after` they are."""

    TOO_MANY = "429"
    FAILED_BEFORE = "500-before"
    FAILED_AFTER = "500-after"
    GATEWAY_BEFORE = "503-before"
    GATEWAY_AFTER = "503-after"
    UNAVAILABLE = "503-unavailable"
    """The call is still being set up; not played."""
    CONFLICT = "409"
    """Another request is changing the call; not played."""
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    CLOSE_BEFORE = "close-before"
    CLOSE_AFTER = "close-after"
    HALF_STATUS = "half-status"
    """Played; the connection is closed within the status."""
    HALF_ANSWER = "half-answer"
    """Played; the connection is closed within the first header. Some clients take this for a whole answer."""
    NO_ANSWER_BEFORE = "no-answer-before"
    NO_ANSWER_AFTER = "no-answer-after"
    SLOW = "slow"
    """Played at once; the right answer comes late."""
    REDIRECT = "redirect"
    """A 307 to another path of the line; not played."""
    ECHO = "echo"
    """A 400 whose message repeats the keys; not played."""
    FAILED_ECHO = "503-echo"
    """The documented failure whose message repeats the keys; not played."""

    @property
    def plays(self) -> bool:
        """Whether the keys are heard."""
        return self.endswith("-after") or self in (Fault.HALF_STATUS, Fault.HALF_ANSWER, Fault.SLOW)


@attrs.define
class _Armed:
    """A fault for the next `times` requests, or for those of each call from its `at`-th on."""

    fault: Fault
    at: int | None
    call_id: str | None
    times: int
    on: Operation
    struck: bool = False

    def strikes(self, call_id: str, count: int, on: Operation) -> bool:
        """Whether it strikes a call's `count`-th request. One without a place is used up by that."""
        if on is not self.on:
            return False
        left = self.times > 0 if self.at is None else self.at <= count < self.at + self.times
        if not left or self.call_id not in (None, call_id):
            return False
        self.struck = True
        if self.at is None:
            self.times -= 1
        return True


class Faults:
    """The faults that were armed, in their order."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault, at: int | None, call_id: str | None, times: int, on: Operation) -> None:
        if times < 1 or (at is not None and at < 1):
            raise ValueError("requests count from 1")
        self._armed.append(_Armed(fault, at, call_id, times, on))

    def next(self, call_id: str, count: int, on: Operation = Operation.KEYS) -> Fault | None:
        """The fault that strikes a call's `count`-th request of this kind, if one does."""
        return next((each.fault for each in self._armed if each.strikes(call_id, count, on)), None)

    @property
    def missed(self) -> tuple[str, ...]:
        """The faults that never struck, as they are written: `503-after@3`."""
        missed = (each for each in self._armed if not each.struck)
        return tuple(
            each.fault
            + ("" if each.on is Operation.KEYS else f"@{each.on}")
            + (f"@{each.at}" if each.at else "")
            for each in missed
        )
