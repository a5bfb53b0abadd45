"""The row of calls: how late a key's request is when 300 calls are placed, looked at and played at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Finding, Row

from dtmfdsl.sending import (
    Delivery,
    Fleet,
    Job,
    NewCall,
    Outcome,
    Placing,
    RealClock,
    Sender,
    make_session,
    run_fleet,
)
from dtmfdsl.sending.delivery import AwaitCue, Done, Send, Sleep
from dtmfdsl.sending.front import plan_call
from dtmfdsl.sending.placing import Ask, Terms
from dtmfdsl.testline import STAND_INS

CALLS = 300
WORKERS = 32
SCRIPT = "wait 1s; press 1; wait 1s; press 2; wait 1500ms; press 3; wait 1s; press 4; wait 1200ms; press 5"


@contextmanager
def callee() -> Iterator[str]:
    """The address of a line that answers."""
    script = str(Path(__file__).with_name("callee.py"))
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


class Watched(Placing):
    """Knows when what it asks for was due."""

    due_ms = 0.0

    def next(self, now_ms: float) -> Ask | Sleep | AwaitCue | Done:
        action = super().next(now_ms)
        if isinstance(action, Sleep):
            self.due_ms = action.until_ms
        return action


def lateness() -> tuple[float, int]:
    """The 99th percentile of how late a key's request begins, in milliseconds, and how many began."""
    stand_in, clock = STAND_INS["jambonz"], RealClock()
    assert stand_in.desk
    plan = plan_call(SCRIPT, carrier="jambonz")
    new = NewCall(to="+15550100", caller="+15550199")
    late: list[float] = []
    with callee() as base_url, make_session(base_url, WORKERS) as session:
        account = stand_in.carrier.credentials(stand_in.account)
        account.update(stand_in.desk.account)
        sender = Sender(account, stand_in.carrier, base_url=base_url, session=session, clock=clock)
        calls = [Watched(Delivery(plan, interval_ms=0), Terms(), new=new) for _ in range(CALLS)]

        def post(job: Job) -> Outcome:
            if isinstance(job.action, Send):
                late.append(clock.now_ms() - calls[job.number].due_ms)
            return sender.send("", job.action, None)

        run_fleet(Fleet(calls, interval_ms=0), post, clock, workers=WORKERS)
    late.sort()
    return late[len(late) * 99 // 100], len(late)


def rows() -> Iterator[Row]:
    def find() -> Finding:
        p99, count = lateness()
        whole = count == CALLS * 5
        note = f"{count:,} keys were requested on {CALLS} placed calls."
        return Finding(f"{p99:.1f} ms", p99 <= 20 and whole, note)

    yield Row(f"lateness of keys on {CALLS} placed calls, 99th percentile", "≤ 20 ms", find)
