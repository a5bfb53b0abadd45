"""What will be sent when: chunks, how long each plays, and the waits that the sender spends itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.dialects import Dialect, Rounding
from dtmfdsl.dialects.chunks import Chunk, pack, wait_after
from dtmfdsl.program import Event, Pause, Program, Tones
from dtmfdsl.timing import ASSUMED_REQUEST_MS, Bounds, Timeline, playing_time, timeline

CANDIDATES = 40
WORK = 20_000
"""At most `CANDIDATES` of a program's longest pauses are tried on the sender's clock; of a long program, at
most `WORK` divided by the number of its events."""

SPARE_MS = 600_000
"""How much longer than planned a line that ends by itself stays for the next step."""


@attrs.frozen
class Step:
    """One chunk, how long it plays, and the pauses before it that the sender spends.

    The carrier spends the pauses in the chunk. The sender's begin when the chunk before has played, or with
    the delivery; in an attended delivery, one with a cue may end sooner. `labels` are those of the presses in
    the chunk.
    """

    chunk: Chunk
    playing: Bounds
    pauses: tuple[Pause, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The chunk as it may be shown, and what it is for: `1W•••• (English, PIN)`."""
        return f"{self.chunk.shown} ({', '.join(self.labels)})" if self.labels else self.chunk.shown


@attrs.frozen
class Plan:
    """The steps of a delivery, and the pauses after the last that keep the call in step.

    `number` is what the script calls, and `hangs_up` whether it ends the call.
    """

    steps: tuple[Step, ...]
    dialect: Dialect
    last: tuple[Pause, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    number: str | None = None
    hangs_up: bool = False

    def pauses(self, index: int) -> tuple[Pause, ...]:
        """The sender's pauses before the step of that index, or after the last."""
        return self.steps[index].pauses if index < len(self.steps) else self.last

    def stays_ms(self, index: int) -> int:
        """How long the line must stay after a step: until the next one, or for the last pauses of the plan.

        The next goes when the step has played at the latest; it may have played earlier. There is time to
        spare for a request that has to be made again, and for a person who resumes.
        """
        playing, last = self.steps[index].playing, index + 1 == len(self.steps)
        waits = sum(pause.ms for pause in self.pauses(index + 1))
        return playing.latest_ms - playing.earliest_ms + waits + (0 if last else SPARE_MS)

    def timeline(
        self, program: Program, *, interval_ms: int = 0, request_ms: int = ASSUMED_REQUEST_MS
    ) -> Timeline:
        """When each key of the program sounds if it is sent by this plan, which was made of it.

        Requests are at least `interval_ms` apart, and one takes at most `request_ms`.
        """
        sent = [(step.chunk.text, step.chunk.shown, step.pauses) for step in self.steps]
        times = {"interval_ms": interval_ms, "request_ms": request_ms}
        return timeline(program, self.dialect, sent, self.last, **times)

    @property
    def fingerprint(self) -> str:
        """A hash that differs between plans. The keys of secrets and the number are not part of it.

        With them, a PIN of four digits could be found out by trying all ten thousand.
        """
        shape: list[object] = [self.dialect.name]
        for index in range(len(self.steps) + 1):
            shape.append([(pause.ms, pause.cue) for pause in self.pauses(index)])
            shape.append(self.steps[index].chunk.shown if index < len(self.steps) else None)
        return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def make_plan(
    program: Program, dialect: Dialect, rounding: Rounding = "up", *, attended: bool = False
) -> Plan:
    """The plan of a program with the fewest requests.

    A pause is in the string, where the carrier keeps time best, unless requests are saved if the sender waits
    instead, as for a pause of minutes. With `attended`, the sender also waits for each cue. Raises DtmfError
    as compiling does, and for a program without keys or pauses.
    """
    if not program.events:
        message = "this script presses no key and waits for nothing"
        raise DtmfError(Diagnostic("empty-program", message, help="press something"))
    planner = _Planner(program.events, dialect, rounding)
    forced = {
        at
        for at, event in enumerate(program.events)
        if attended and isinstance(event, Pause) and event.cue is not None
    }
    plan = planner.plan(planner.cheapest(forced), attended)
    return attrs.evolve(plan, number=program.number, hangs_up=program.hangs_up)


class _Planner:
    """Cuts a program at the pauses that the sender spends, and packs what is between."""

    def __init__(self, events: tuple[Event, ...], dialect: Dialect, rounding: Rounding):
        self.events = events
        self.dialect = dialect
        self.rounding = rounding
        self.packed: dict[tuple[int, int], tuple[tuple[Chunk, ...], tuple[Diagnostic, ...], int]] = {}

    def length(self, at: int) -> int:
        event = self.events[at]
        return event.ms if isinstance(event, Pause) else 0

    def chunks(self, start: int, stop: int) -> tuple[Chunk, ...]:
        if (start, stop) not in self.packed:
            codes, warnings = self.dialect.encode(Program(self.events[start:stop]), self.rounding)
            packed = pack(codes, self.dialect.limit), tuple(warnings), wait_after(codes)
            self.packed[start, stop] = packed
        return self.packed[start, stop][0]

    def stretches(self, spent: set[int]) -> list[tuple[int, int]]:
        """The events between the spent pauses, as half-open ranges; an empty one between two neighbours."""
        edges = [-1, *sorted(spent), len(self.events)]
        return [(edges[k] + 1, edges[k + 1]) for k in range(len(edges) - 1)]

    def labels(self, chunks: tuple[Chunk, ...], start: int, stop: int) -> Iterator[tuple[str, ...]]:
        """For each chunk of a stretch, the labels of the presses whose keys it holds."""
        tones = [event for event in self.events[start:stop] if isinstance(event, Tones)]
        of_keys = iter([tone.label for tone in tones for _ in tone.keys])
        for chunk in chunks:
            count = sum(silence is None for silence in self.dialect.silences_of(chunk.text))
            yield tuple(dict.fromkeys(label for label in islice(of_keys, count) if label))

    def cheapest(self, forced: set[int]) -> set[int]:
        """The pauses to spend, `forced` ones among them, for the fewest requests."""
        pauses = [at for at, event in enumerate(self.events) if isinstance(event, Pause) and at not in forced]
        tried = max(WORK // max(len(self.events), 1), 2)
        longest = sorted(pauses, key=lambda at: -self.length(at))[: min(CANDIDATES, tried)]
        edges = [-1, *sorted({*longest, *forced}), len(self.events)]
        # For each edge: the least requests and spent pauses up to it, and the edge that this comes from.
        best = [(0, 0, -1)]
        for at in range(1, len(edges)):
            ways = []
            for before in range(at - 1, -1, -1):
                requests, count, _ = best[before]
                between = len(self.chunks(edges[before] + 1, edges[at]))
                ways.append((requests + between, count + 1, before))
                if edges[before] in forced:
                    break
            best.append(min(ways))
        spent: set[int] = set()
        at = best[-1][2]
        while at > 0:
            spent.add(edges[at])
            at = best[at][2]
        return spent

    def plan(self, spent: set[int], attended: bool) -> Plan:
        steps: list[Step] = []
        warnings: list[Diagnostic] = []
        pauses: list[Event] = []
        for start, stop in self.stretches(spent):
            if start:
                pause = self.events[start - 1]
                pauses.append(pause if attended else Pause(self.length(start - 1)))
            chunks = self.chunks(start, stop)
            for chunk, labels in zip(chunks, self.labels(chunks, start, stop), strict=True):
                pauses.append(Pause(chunk.wait_ms))
                playing = playing_time(chunk.text, self.dialect)
                steps.append(Step(chunk, playing, _joined(pauses), labels))
                pauses.clear()
            pauses.append(Pause(self.packed[start, stop][2]))
            warnings += self.packed[start, stop][1]
        return Plan(tuple(steps), self.dialect, _joined(pauses), in_order(warnings))


def _joined(pauses: list[Event]) -> tuple[Pause, ...]:
    """Pauses one after the other; plain neighbours are one."""
    return tuple(event for event in Program(tuple(pauses)).events if isinstance(event, Pause))
