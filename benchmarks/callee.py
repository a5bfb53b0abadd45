"""A test line of jambonz, in a process of its own, that answers calls; it prints its address."""

from __future__ import annotations

import signal

from dtmfdsl.testline import STAND_INS, Callee, TestLine

if __name__ == "__main__":
    with TestLine(stand_in=STAND_INS["jambonz"], callee=Callee(rings_ms=3_500)) as line:
        print(line.base_url, flush=True)
        signal.pause()
