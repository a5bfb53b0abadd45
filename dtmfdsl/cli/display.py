"""What a delivery looks like while it runs: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.text import Text

from dtmfdsl.cli.streams import tell, write_error
from dtmfdsl.notation import write_duration
from dtmfdsl.printable import printable
from dtmfdsl.sending import Delivery, Kind, Outcome, Placing, Plan, Send, Watcher
from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.interrupts import ignore_interrupts
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.sending.placing import Create, HangUp, Look
from dtmfdsl.timing import Bounds, starts

if sys.platform != "win32":
    import termios

TICK_SECONDS = 0.1


def seconds(ms: float) -> str:
    """A time to the tenth of a second: `3.5s`."""
    return write_duration(max(round(ms / 100) * 100, 0))


class Lines(Watcher):
    """A line for each event, on standard error."""

    def __init__(self, plan: Plan, clock: Clock, *, resumed: bool):
        self.plan = plan
        self.clock = clock
        self.resumed = resumed
        self.tick = TICK_SECONDS / clock.seconds(1)
        self.shown_until = -1.0
        self.call = ""
        self.looking = False

    def begun(self, delivery: Delivery | Placing) -> None:
        if self.resumed:
            number, total = delivery.index + 1, len(self.plan.steps)
            # A string in doubt may have been left out: it is not known that all was sent.
            over = delivery.all_accepted
            tell("nothing is left to send" if over else f"going on at string {number} of {total}")

    def over(self, delivery: Delivery | Placing) -> None:
        ignore_interrupts()

    def sending(self, action: Send) -> None:
        again = f", attempt {action.attempt}" if action.attempt > 1 else ""
        tell(f"{self._number(action)} sending {action.step.shown}{again}")

    def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None:
        playing = action.step.playing
        bounds = dict.fromkeys((seconds(playing.earliest_ms), seconds(playing.latest_ms)))
        plays = f", plays for {' to '.join(bounds)}"
        tell(f"{self._number(action)} {outcome.reason}{plays if outcome.kind is Kind.ACCEPTED else ''}")

    def called(self, action: Create | Look | HangUp, outcome: Outcome) -> None:
        self.looking = not isinstance(action, HangUp) and outcome.reason != CallState.ANSWERED
        what = f"hanging up: {outcome.reason}" if isinstance(action, HangUp) else outcome.reason
        if what != self.call:
            self.call = what
            self.tell_call(what)

    def tell_call(self, what: str) -> None:
        """Shows how the call stands now."""
        tell(what)

    def waiting(self, until_ms: float, now_ms: float) -> None:
        if self.looking:
            return
        if until_ms != self.shown_until:
            self.shown_until = until_ms
            tell(f"waiting {seconds(until_ms - now_ms)}")

    def ask(self, cue: str, left_ms: float) -> None:
        """Waits until Enter is pressed or the time is over, and shows the time that is left."""
        with suppress(termios.error):  # an Enter from before the cue is not an answer to it
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
        terminal = sys.stdin.fileno()
        end = self.clock.now_ms() + left_ms
        self.cue(cue, left_ms)
        while (left := end - self.clock.now_ms()) > 0:
            self.count_down(cue, left)
            pause = self.clock.seconds(min(left, self.tick))
            if select.select([terminal], [], [], pause)[0]:
                if _typed(terminal):
                    return
                select.select([], [], [], pause)  # Ctrl-D, or the terminal is gone: the time goes on

    def cue(self, cue: str, limit_ms: float) -> None:
        """Shows what to listen for."""
        tell(f"press Enter when you hear “{cue}” (at most {seconds(limit_ms)})")

    def count_down(self, cue: str, left_ms: float) -> None:
        """Shows how much time is left for it."""

    def _number(self, action: Send) -> str:
        return f"{action.index + 1}/{len(self.plan.steps)}"


def _typed(terminal: int) -> bytes:
    """The line that was typed; nothing after Ctrl-D or when the terminal is gone."""
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""


class _Unbreakable:
    """Standard error by way of `write_error`: it goes nowhere once it cannot be written."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)

    def write(self, text: str) -> int:
        write_error(text)
        return len(text)

    def flush(self) -> None:
        """Nothing: `write_error` flushes."""


class Moving(Lines):
    """One line that moves: keys light up when they should be sounding, and waits count down."""

    def __init__(self, plan: Plan, clock: Clock, live: Live, *, resumed: bool):
        super().__init__(plan, clock, resumed=resumed)
        self.live = live
        self.tick_ms = self.tick
        self.current: Send | None = None
        self.began: float | None = None
        self.times: tuple[Bounds, ...] = ()

    def sending(self, action: Send) -> None:
        self.current, self.began = action, None
        self.times = starts(action.step.chunk.text, self.plan.dialect)
        self._draw(Text("sending"), 0)

    def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None:
        if outcome.kind is Kind.ACCEPTED:
            self.began = now_ms
        else:
            self.current = None
            self.live.console.print(Text(printable(f"{self._number(action)} {outcome.reason}"), "yellow"))

    def waiting(self, until_ms: float, now_ms: float) -> None:
        last = self.current is not None and self.current.index + 1 == len(self.plan.steps)
        over = last and self.began is not None
        self._draw(Text(f"{'over' if over else 'next'} in {seconds(until_ms - now_ms)}", "dim"), now_ms)

    def tell_call(self, what: str) -> None:
        self.live.console.print(Text(printable(what), "dim"))

    def cue(self, cue: str, limit_ms: float) -> None:
        """Nothing: the countdown shows it."""

    def count_down(self, cue: str, left_ms: float) -> None:
        self.live.update(
            Text.assemble(
                ("Enter", "bold"), f" when you hear “{printable(cue)}”  ", (seconds(left_ms), "dim")
            ),
            refresh=True,
        )

    def _draw(self, end: Text, now_ms: float) -> None:
        if self.current is None:
            self.live.update(end, refresh=True)
            return
        line = Text(f"{self._number(self.current)}  ", "dim")
        elapsed = -1.0 if self.began is None else now_ms - self.began
        for character, start, stop in zip(
            self.current.step.chunk.shown, self.times, self.times[1:], strict=False
        ):
            sure = stop.latest_ms <= elapsed
            sounding = start.earliest_ms <= elapsed and not sure
            line.append(character, "green" if sure else "bold reverse" if sounding else "dim")
        labels = printable(", ".join(self.current.step.labels))
        self.live.update(Text.assemble(line, "  ", end, f"  {labels}" if labels else ""), refresh=True)


@contextmanager
def display(plan: Plan, clock: Clock, *, plain: bool, resumed: bool) -> Iterator[Lines]:
    """A display that fits where standard error goes."""
    console = Console(file=cast(TextIO, _Unbreakable())) if sys.stderr else Console(stderr=True)
    if plain or not console.is_terminal or console.is_dumb_terminal:
        yield Lines(plan, clock, resumed=resumed)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield Moving(plan, clock, live, resumed=resumed)
