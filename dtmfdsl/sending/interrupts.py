"""Keeps Ctrl-C from coming between two steps that belong together."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dtmfdsl.sending.outcomes import Outcome

_ENDINGS = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
_SIGNALS = [signal.SIGINT, *_ENDINGS]


@contextmanager
def on_interrupt(hear: Callable[[], None]) -> Iterator[None]:
    """Calls `hear` at a signal that would raise KeyboardInterrupt.

    Only in the main thread, and only if Python's own handler is set, as `asyncio.run` does: any other handler
    belongs to the program that calls us.
    """
    ours = [number for number in _SIGNALS if signal.getsignal(number) is signal.default_int_handler]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    for number in ours:
        signal.signal(number, lambda number, frame: hear())
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def ending_is_interrupt() -> Iterator[None]:
    """Makes `kill`, `timeout` and a terminal that goes away interrupt as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _ENDINGS:
        if before[number] is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_interrupts() -> None:
    """Ignores interrupts from now on: the status is known and only has to be reported."""
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                # Not our own function: the interpreter removes those before it ends.
                signal.signal(number, signal.SIG_IGN)


class Answered(KeyboardInterrupt):
    """An interrupt when the status of the answer is known, and with it the outcome."""

    def __init__(self, outcome: Outcome):
        super().__init__()
        self.outcome = outcome


class Patience:
    """Keeps the first interrupt for later, and gives up waiting for an answer at the second."""

    def __init__(self) -> None:
        self.interrupts = 0
        self._waiting = False

    def hear(self) -> None:
        self.interrupts += 1
        if self.interrupts > 1 and self._waiting:
            self._waiting = False
            raise KeyboardInterrupt

    def wait(self, answer: Callable[[], Outcome], otherwise: Outcome) -> Outcome:
        """The outcome; at the second interrupt what is known of it by then, or else `otherwise`."""
        try:
            try:
                self._waiting = True
                return answer()
            finally:
                self._waiting = False
        except Answered as interrupt:
            return interrupt.outcome
        except KeyboardInterrupt:
            return otherwise
