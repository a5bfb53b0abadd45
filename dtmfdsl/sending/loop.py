"""Drives one delivery in an event loop, whose waits are the loop's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Send, Sleep
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import UNANSWERED, Outcome
from dtmfdsl.sending.sender import Sender, Watcher, waiting

AwaitPerson: TypeAlias = Callable[[str, float], Awaitable[object]]
"""Called with a cue and the milliseconds left for it; what it returns is awaited, at most for that time."""


async def drive(
    delivery: Delivery,
    send: Callable[[Send], Awaitable[None]],
    *,
    clock: Clock,
    watcher: Watcher,
    ask: AwaitPerson | None,
) -> None:
    """Drives a delivery to its end. `send` makes the request of an action, and records how it ended."""
    try:
        while not isinstance(action := delivery.next(clock.now_ms()), Done):
            match action:
                case Send():
                    await send(action)
                case AwaitCue() if ask:
                    left = action.until_ms - clock.now_ms()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(ask(action.cue, left), clock.seconds(left))
                    delivery.cue_over(clock.now_ms())
                case Sleep() | AwaitCue():  # without `ask`, a cue is a pause
                    await asyncio.sleep(clock.seconds(waiting(action, clock, watcher)))
    except asyncio.CancelledError:
        delivery.interrupt()
        raise


async def send_in_thread(
    action: Send,
    *,
    sender: Sender,
    delivery: Delivery,
    call_id: str,
    journal: Journal | None,
    watcher: Watcher,
) -> None:
    """Makes the request of an action in a thread.

    A cancellation during a request waits for the answer and records it, and so do further ones: the thread
    of the request cannot be stopped, and the keys that it presses must be recorded.
    """
    clock = sender.clock
    cancelled = False

    def request() -> tuple[Outcome | None, float]:
        # A request that is cancelled before a thread is free is not made.
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
