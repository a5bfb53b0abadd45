"""An event loop for tests in which waiting takes no time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Time(asyncio.SelectorEventLoop):
    """An event loop in which a wait is over at once, and its time has passed. It is its own clock."""

    def __init__(self) -> None:
        super().__init__()
        self.ms = 1_000.0
        select = self._selector.select  # type: ignore[attr-defined]

        def pass_time(timeout: float | None) -> Any:
            self.ms += max((timeout or 0) * 1000, 1e-6)  # or a wait for less than a float holds never ends
            return select(0)

        self._selector.select = pass_time  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.ms / 1000

    def now_ms(self) -> float:
        return self.ms

    def wall_ms(self) -> float:
        return self.ms

    def seconds(self, ms: float) -> float:
        return max(ms, 0) / 1000

    def sleep_ms(self, ms: float) -> None:
        raise AssertionError("nothing in an event loop may block it")


def run(main: Callable[[Time], Coroutine[Any, Any, T]]) -> T:
    loop = Time()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()
