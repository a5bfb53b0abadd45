"""Drives one delivery in an event loop: waits are the loop's, and each request has a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from dtmfdsl.sending.delivery import AwaitCue, Delivery, Send, Sleep
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import UNANSWERED, Outcome
from dtmfdsl.sending.placing import Ask, Create, HangUp, Look, Placing
from dtmfdsl.sending.sender import Sender, Watcher, report

AwaitPerson: TypeAlias = Callable[[str, float], Awaitable[object]]
"""Called with a cue and the milliseconds left for it; what it returns is awaited, at most for that time."""


async def drive(
    sender: Sender,
    delivery: Delivery | Placing,
    call_id: str,
    *,
    journal: Journal | None,
    watcher: Watcher,
    ask: AwaitPerson | None,
) -> None:
    """Drives a delivery, or a call that is placed, to its end.

    A cancellation ends it, and is raised when what was placed is hung up. During a request it waits for the
    answer and records it, and so do further ones: the thread of the request cannot be stopped, and the keys
    that it presses must be recorded.
    """
    clock = sender.clock
    cancelled: asyncio.CancelledError | None = None
    while not delivery.finished:
        try:
            action = delivery.next(clock.now_ms())
            match action:
                case AwaitCue() if ask:
                    left = action.until_ms - clock.now_ms()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(ask(action.cue, left), clock.seconds(left))
                    delivery.cue_over(clock.now_ms())
                case Sleep() | AwaitCue():  # without `ask`, a cue is a pause
                    await asyncio.sleep(clock.seconds(sender.waiting(action, watcher)))
                case Send() | Create() | Look() | HangUp():
                    await _ask(sender, delivery, action, call_id, journal, watcher)
        except asyncio.CancelledError as error:
            cancelled = error
            delivery.interrupt()
    if cancelled:
        raise cancelled


async def _ask(
    sender: Sender,
    delivery: Delivery | Placing,
    action: Ask,
    call_id: str,
    journal: Journal | None,
    watcher: Watcher,
) -> None:
    clock = sender.clock
    cancelled = False

    def request() -> tuple[Outcome | None, float]:
        # A request that is cancelled before a thread is free is not made.
        began = clock.now_ms()
        return None if cancelled else sender.send(call_id, action, journal), began

    if isinstance(action, Send):
        watcher.sending(action)
    # A future, because an event loop that ends cancels every task.
    answer = asyncio.get_running_loop().run_in_executor(None, request)
    while not answer.done():
        try:
            await asyncio.wait([answer])
        except asyncio.CancelledError:
            cancelled = True
    now = clock.now_ms()
    if error := answer.exception():
        delivery.record(UNANSWERED, now, now)
        raise error
    outcome, sent = answer.result()
    if outcome:
        delivery.record(outcome, sent, now)
        report(watcher, action, outcome, now)
    if cancelled:
        raise asyncio.CancelledError
