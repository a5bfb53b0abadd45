"""The clock of the sender and the test line, in milliseconds."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Milliseconds that never go back, and those of the wall clock since the epoch, which servers refer to.

    `seconds` converts its milliseconds to real seconds.
    """

    def now_ms(self) -> float: ...
    def wall_ms(self) -> float: ...
    def seconds(self, ms: float) -> float: ...
    def sleep_ms(self, ms: float) -> None: ...


class Faster:
    """A clock that runs `speed` times as fast as another."""

    def __init__(self, clock: Clock, speed: float):
        self.clock = clock
        self.speed = speed

    def now_ms(self) -> float:
        return self.clock.now_ms() * self.speed

    def wall_ms(self) -> float:
        return self.clock.wall_ms()

    def seconds(self, ms: float) -> float:
        return self.clock.seconds(ms / self.speed)

    def sleep_ms(self, ms: float) -> None:
        self.clock.sleep_ms(ms / self.speed)


class RealClock:
    """The machine's own clocks; `speed` times as fast, to keep step with a test line."""

    def __init__(self, speed: float = 1.0):
        self.speed = speed

    def now_ms(self) -> float:
        return time.monotonic() * 1000 * self.speed

    def wall_ms(self) -> float:
        return time.time() * 1000

    def seconds(self, ms: float) -> float:
        return max(ms, 0) / 1000 / self.speed

    def sleep_ms(self, ms: float) -> None:
        time.sleep(self.seconds(ms))
