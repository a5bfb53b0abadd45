"""The row of SIP: how well a script of 60 keys keeps its times on a real call on this machine."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import Finding, Row

from dtmfdsl.sending import call_by_sip
from dtmfdsl.sending.baresip import Baresip

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from farends import answering

KEYS = "1234567890*#" * 5
P95_MS, MOST_MS = 30, 60
REFERENCE = "in the reference runs, on a loaded machine, 63 ms and 137 ms (packets 27 ms and 44 ms)"


def onsets() -> Finding:
    """When the far end heard each key, beside the plan, counted from the first key."""
    if not shutil.which("baresip"):
        return Finding("no baresip: apt install baresip-core", False)
    with TemporaryDirectory() as folder, answering(Path(folder, "far")) as far:
        call_by_sip(f"press {KEYS}", to=far.address, credentials={"SIP_URI": "sip:near@127.0.0.1"})
        heard = list(far.heard)
    if "".join(key for key, _ in heard) != KEYS:
        return Finding(f"heard {len(heard)} keys", False)
    apart = Baresip.tone_ms + Baresip.gap_ms
    first = heard[0][1]
    errors = sorted(abs((at - first) * 1000 - apart * number) for number, (_, at) in enumerate(heard))
    p95, most = errors[round(0.95 * (len(errors) - 1))], errors[-1]
    note = f"- SIP: 95 of 100 keys were at most {p95:.0f} ms off, all at most {most:.0f} ms; {REFERENCE}."
    return Finding(f"{p95:.0f} ms, {most:.0f} ms at most", p95 <= P95_MS and most <= MOST_MS, note)


def rows() -> Iterator[Row]:
    target = f"≤ {P95_MS} ms, ≤ {MOST_MS} ms at most"
    yield Row("onsets of 60 keys by SIP, 95th percentile against the plan", target, onsets)
