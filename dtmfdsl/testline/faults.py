"""How the test line can misbehave, and which request it strikes."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Fault(StrEnum):
    """How the line can misbehave. What ends in `-before` is not played, what ends in `-after` is."""

    TOO_MANY = "429"
    FAILED_BEFORE = "500-before"
    FAILED_AFTER = "500-after"
    GATEWAY_BEFORE = "503-before"
    GATEWAY_AFTER = "503-after"
    UNAVAILABLE = "503-unavailable"
    """The call is still being set up; not played."""
    CONFLICT = "409"
    """Somebody else is changing the call; not played."""
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    CLOSE_BEFORE = "close-before"
    CLOSE_AFTER = "close-after"
    HALF_STATUS = "half-status"
    """Played; the connection is closed within the status."""
    HALF_ANSWER = "half-answer"
    """Played; the connection is closed within the first header. Some clients take that for a whole answer."""
    NO_ANSWER_BEFORE = "no-answer-before"
    NO_ANSWER_AFTER = "no-answer-after"
    SLOW = "slow"
    """Played at once, and answered rightly but late."""
    REDIRECT = "redirect"
    """A 307 to another path of the line; not played."""
    ECHO = "echo"
    """A 400 whose message repeats the keys; not played."""
    FAILED_ECHO = "503-echo"
    """The documented failure whose message repeats the keys; not played."""

    @property
    def plays(self) -> bool:
        """Whether the keys are heard all the same."""
        return self.endswith("-after") or self in (Fault.HALF_STATUS, Fault.HALF_ANSWER, Fault.SLOW)


@attrs.define
class _Armed:
    """A fault that waits for the next requests, or for those from the `at`-th of each call on."""

    fault: Fault
    at: int | None
    call_id: str | None
    times: int
    struck: bool = False

    def __str__(self) -> str:
        return self.fault if self.at is None else f"{self.fault}@{self.at}"

    def strikes(self, call_id: str, count: int) -> bool:
        ours = self.call_id in (None, call_id)
        return ours and (self.at is None or self.at <= count < self.at + self.times)


class Faults:
    """The faults that were armed, in their order."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault, at: int | None, call_id: str | None, times: int) -> None:
        if times < 1 or (at is not None and at < 1):
            raise ValueError("requests count from 1")
        self._armed.append(_Armed(fault, at, call_id, times))

    def next(self, call_id: str, count: int) -> Fault | None:
        """The fault of a call's request, which is its `count`-th; one without a place is used up."""
        for armed in self._armed:
            if armed.strikes(call_id, count):
                armed.struck = True
                if armed.at is None:
                    armed.times -= 1
                    if not armed.times:
                        self._armed.remove(armed)
                return armed.fault
        return None

    @property
    def missed(self) -> tuple[str, ...]:
        """The faults that never struck, as they are written: `503-after@3`."""
        return tuple(str(armed) for armed in self._armed if not armed.struck)
