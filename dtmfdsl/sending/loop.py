"""Drives one delivery in an event loop: waits are the loop's, and each request has a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Send, Sleep
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import UNANSWERED, Outcome
from dtmfdsl.sending.sender import Sender, Watcher

AwaitPerson: TypeAlias = Callable[[str, float], Awaitable[object]]
"""Called with a cue and the milliseconds left for it; what it returns is awaited for that time at most."""


async def drive(
    sender: Sender,
    delivery: Delivery,
    call_id: str,
    *,
    journal: Journal | None,
    watcher: Watcher,
    ask: AwaitPerson | None,
) -> None:
    """Drives a delivery to its end.

    A cancellation while a request is under way waits for its answer and records it, however often it is
    repeated: the request's thread cannot be stopped, and what it presses must not be forgotten.
    """
    clock = sender.clock
    try:
        while not isinstance(action := delivery.next(clock.now_ms()), Done):
            match action:
                case Send():
                    await _send(sender, delivery, action, call_id, journal, watcher)
                case AwaitCue() if ask:
                    left = action.until_ms - clock.now_ms()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(ask(action.cue, left), clock.seconds(left))
                    delivery.cue_over(clock.now_ms())
                case Sleep() | AwaitCue():  # nobody to be asked: a cue is a pause
                    now = clock.now_ms()
                    watcher.waiting(action.until_ms, now)
                    left = action.until_ms - now
                    await asyncio.sleep(clock.seconds(min(left, watcher.tick_ms or left)))
    except asyncio.CancelledError:
        delivery.interrupt()
        raise


async def _send(
    sender: Sender, delivery: Delivery, action: Send, call_id: str, journal: Journal | None, watcher: Watcher
) -> None:
    clock = sender.clock
    cancelled = False

    def request() -> tuple[Outcome | None, float]:
        # One that was cancelled before a thread was free is not made at all.
        began = clock.now_ms()
        return None if cancelled else sender.send(call_id, action, journal), began

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
        watcher.ended(action, outcome, now)
    if cancelled:
        raise asyncio.CancelledError
