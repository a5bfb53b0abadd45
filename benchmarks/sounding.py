"""What it costs to make sound of a script, and to hear its keys again."""

from __future__ import annotations

import io
import math
import resource
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from time import process_time

from measure import Finding, Row, pairs, ratio_row, seconds

import dtmfdsl
from dtmfdsl.audio import listen as listening
from dtmfdsl.audio.goertzel import Plain
from dtmfdsl.audio.wav import read_wav
from dtmfdsl.notation import KEYS

SECONDS = 600
DENSE = SECONDS * 1000 // 200
"""Keys of 100 ms with gaps of 100 ms, and no pause between them."""


def silence() -> bytes:
    """A file of the same length by Python's own writer."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(SECONDS * 8000 * 2))
    return file.getvalue()


def hear(kind: Callable[..., listening.Channel], sound: bytes) -> int:
    """The keys that a kind of channel hears; `listen` takes the quicker one itself."""
    recording = read_wav(sound)
    channel = kind(recording.channels[0], recording.rate, recording.full)
    return len(list(listening.keys_of(channel, recording.rate, recording.full)))


def multimon_seconds(path: Path) -> float:
    """The processor time of multimon-ng on a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["multimon-ng", "-q", "-t", "wav", "-m", "-a", "DTMF", str(path)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(rounds: int) -> Iterator[Row]:
    keys = "".join(Random(1).choices(KEYS, k=DENSE))
    script = "\n".join(f"press {keys[at : at + 100]}" for at in range(0, DENSE, 100))
    compiled = dtmfdsl.compile(script, dialect="exact")
    sound = dtmfdsl.to_wav(compiled)

    def rendering() -> float:
        make = partial(seconds, partial(dtmfdsl.to_wav, compiled), process_time)
        return pairs(partial(seconds, silence, process_time), make, rounds).ratio

    def speed(kind: Callable[..., listening.Channel] | None, target: float) -> Finding:
        if kind is None:
            return Finding("NumPy is not installed", False)
        if hear(kind, sound) != DENSE:
            return Finding("not all keys heard", False)
        times = SECONDS / min(seconds(partial(hear, kind, sound), process_time) for _ in range(rounds))
        return Finding(f"{times:,.0f} x real time", times >= target)

    def beside_multimon() -> Finding:
        if not (shutil.which("multimon-ng") and shutil.which("sox")):
            return Finding("multimon-ng or sox is missing", False)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "dense.wav"
            path.write_bytes(sound)
            ours = partial(seconds, partial(hear, Plain, sound), process_time)
            ratio = 1 / pairs(partial(multimon_seconds, path), ours, rounds).ratio
        return Finding(f"{ratio:.2f}x", ratio >= 0.2)

    target = 250 if hasattr(math, "sumprod") else 120
    of = f"{SECONDS} s of keys"
    yield ratio_row(f"render {of}, to writing silence", 9, rendering)
    name = f"listen to {of} without NumPy, Python {sys.version_info[0]}.{sys.version_info[1]}"
    yield Row(name, f"≥ {target} x real time", partial(speed, Plain, target))
    yield Row(f"listen to {of} without NumPy, to multimon-ng", "≥ 0.2x", beside_multimon)
    name = f"listen to {of} with NumPy"
    yield Row(
        name,
        "≥ 5,000 x real time",
        partial(speed, None if listening.Fastest is Plain else listening.Fastest, 5_000),
    )
