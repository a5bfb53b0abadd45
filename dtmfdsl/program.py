"""What a script means: keys and silences, in order, in whole milliseconds.

A program can be built without a script:

    press("1") + wait("3.5s") + press("59#")
    (press("121#", every="1.5s") + wait("2s")) * 3
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.notation import NotationError, mask, read_duration, read_keys, read_number
from dtmfdsl.source import Source, Span


@attrs.frozen
class Secret:
    """Which keys of a group are secret: those from `start` up to `stop`, known as `$name`."""

    name: str
    start: int
    stop: int


@attrs.frozen(kw_only=True, repr=False, eq=False)
class _Placed:
    """Something with a place in a script, which does not count in comparison."""

    source: Source | None = attrs.field(default=None, eq=False)
    start: int = attrs.field(default=0, eq=False)
    end: int = attrs.field(default=0, eq=False)

    @property
    def span(self) -> Span | None:
        """The place in the script, or None for what was built without one."""
        return None if self.source is None else Span(self.source, self.start, self.end)


@attrs.frozen(repr=False)
class Tones(_Placed):
    """One group of keys, pressed in order.

    `every_ms` is the least silence between one key and the next, in milliseconds; 0 leaves it to the
    carrier. `secrets` tells which keys must never be shown; it does not count in comparison.
    """

    keys: str
    every_ms: int = 0
    label: str | None = None
    secrets: tuple[Secret, ...] = attrs.field(default=(), eq=False)

    @property
    def shown(self) -> str:
        """The keys as they may be shown: a bullet for each secret one."""
        keys = self.keys
        for secret in self.secrets:
            keys = keys[: secret.start] + mask(keys[secret.start : secret.stop]) + keys[secret.stop :]
        return keys

    def __repr__(self) -> str:
        every = f", every_ms={self.every_ms}" if self.every_ms else ""
        label = f", label={self.label!r}" if self.label is not None else ""
        return f"Tones({self.shown!r}{every}{label})"


@attrs.frozen(repr=False)
class Pause(_Placed):
    """Silence of `ms` milliseconds. With a `cue`, an attended run ends it when the cue is heard."""

    ms: int
    cue: str | None = None

    def __repr__(self) -> str:
        return f"Pause({self.ms})" if self.cue is None else f"Pause({self.ms}, {self.cue!r})"


Event: TypeAlias = Tones | Pause


def _normal(events: Iterable[Event]) -> tuple[Event, ...]:
    """Neighbouring plain pauses become one; what presses nothing and lasts no time is left out.

    Raises DtmfError for a negative time.
    """
    kept: list[Event] = []
    pause: Pause | None = None
    for event in events:
        ms = event.ms if isinstance(event, Pause) else event.every_ms
        if type(ms) is not int or ms < 0:
            message = "a silence is a whole number of milliseconds, and not negative"
            raise DtmfError(Diagnostic("bad-duration", message, event.span))
        if isinstance(event, Tones) and not isinstance(event.keys, str):
            raise DtmfError(Diagnostic("keys-not-text", "keys must be text", help="pass a str"))
        if isinstance(event, Pause) and event.cue is None:
            if event.ms and pause is None:
                pause = event
            elif event.ms and pause is not None:
                end = max(pause.end, event.end) if event.source is pause.source else pause.end
                pause = attrs.evolve(pause, ms=pause.ms + event.ms, end=end)
            continue
        if isinstance(event, Tones):
            if not event.keys:
                continue
            if event.every_ms and len(event.keys) == 1:
                event = attrs.evolve(event, every_ms=0)
        if pause is not None:
            kept.append(pause)
            pause = None
        kept.append(event)
    if pause is not None:
        kept.append(pause)
    return tuple(kept)


def _number(number: str | None) -> str | None:
    """A number to call, its digits alone. Raises DtmfError if it is none."""
    try:
        return None if number is None else read_number(number)
    except NotationError as error:
        raise DtmfError(at(error, None)) from None


@attrs.frozen
class Program:
    """A tuple of events in normal form: no two plain pauses side by side, nothing empty.

    `number` is what to call: digits, after a `+` if one was written. `hangs_up` ends the call after the last
    event. Strings of a dialect hold neither. Programs add, multiply, compare and print. `==` ignores where
    events came from; programs with the same `steps()` sound the same, however their keys are grouped.
    """

    events: tuple[Event, ...] = attrs.field(default=(), converter=_normal)
    number: str | None = attrs.field(default=None, converter=_number)
    hangs_up: bool = False

    def __add__(self, other: Program) -> Program:
        """One after the other. Raises DtmfError for a second number, or for what follows a `hang up`."""
        if not isinstance(other, Program):
            return NotImplemented
        if other.number is not None and self:
            code = "second-call" if self.number is not None else "call-not-first"
            raise DtmfError.of(code, "a program calls one number, before all else", help="leave one out")
        if self.hangs_up and other:
            message = "nothing can follow a `hang up`"
            raise DtmfError.of("hang-up-not-last", message, help="let the last program alone hang up")
        number = self.number if other.number is None else other.number
        return Program(self.events + other.events, number, self.hangs_up or other.hangs_up)

    def __mul__(self, times: int) -> Program:
        """So many times. Raises DtmfError if that would be a second call or too many events."""
        if not isinstance(times, int):
            return NotImplemented
        if times < 1:
            return Program()
        if times > 1 and (self.number is not None or self.hangs_up):
            message = "a program with a `call` or a `hang up` cannot be repeated"
            raise DtmfError.of("call-repeated", message, help="repeat the steps between them")
        if len(self.events) * times > limits.EVENTS:
            message = f"this program has more than {limits.EVENTS:,} events"
            raise DtmfError.of("too-many-steps", message, help="no call is that long: is a count wrong?")
        return Program(self.events * times, self.number, self.hangs_up)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return bool(self.events) or self.number is not None or self.hangs_up

    @property
    def pause_ms(self) -> int:
        """All silence that the script asks for, in milliseconds; tones and the carrier's gaps come on top."""
        return sum(
            event.ms if isinstance(event, Pause) else event.every_ms * (len(event.keys) - 1)
            for event in self.events
        )

    @property
    def key_count(self) -> int:
        """How many keys are pressed."""
        return sum(len(event.keys) for event in self.events if isinstance(event, Tones))

    def steps(self) -> tuple[str | int, ...]:
        """What is heard: runs of keys with nothing between as text, silences in milliseconds as numbers."""
        steps: list[str | int] = []

        def add(step: str | int) -> None:
            match steps[-1:], step:
                case _, "" | 0:
                    pass
                case [str(last)], str():
                    steps[-1] = last + step
                case [int(last)], int():
                    steps[-1] = last + step
                case _:
                    steps.append(step)

        for event in self.events:
            if isinstance(event, Pause):
                add(event.ms)
            elif not event.every_ms:
                add(event.keys)
            else:
                for index, key in enumerate(event.keys):
                    add(event.every_ms if index else 0)
                    add(key)
        return tuple(steps)


def press(keys: str, *, every: str | None = None, label: str | None = None, secret: bool = False) -> Program:
    """A program that presses keys: `press("1-800 pound", every="1s")`.

    `every` is a duration; `secret=True` keeps the keys out of everything shown. Raises DtmfError if the
    keys are none, or an int: `007` as a number has lost its zeros.
    """
    text = keys_argument(keys, secret=secret)
    if not text:
        raise DtmfError(Diagnostic("missing-keys", "`press` needs keys", help='such as press("59#")'))
    if len(text) > limits.GROUP_KEYS:
        raise DtmfError(too_many_keys(len(text)))
    marks = (Secret("secret", 0, len(text)),) if secret else ()
    return Program(
        (Tones(text, duration_argument(every) if every is not None else 0, _sentence(label), marks),)
    )


def wait(duration: str, *, cue: str | None = None) -> Program:
    """A program that waits: `wait("3.5s")`, `wait("12s", cue="enter your PIN")`.

    Raises DtmfError if the duration is none, or a number: its unit is missing.
    """
    return Program((Pause(duration_argument(duration), _sentence(cue)),))


def keys_argument(keys: object, name: str | None = None, secret: bool = False) -> str:
    """Keys given from outside, as text. `name` is what they are for; `secret` keeps them out of errors."""
    what = f"`${name}`" if name else "keys"
    if not isinstance(keys, str):
        raise DtmfError(
            Diagnostic(
                "keys-not-text",
                f"{what} must be text, not {type(keys).__name__}",
                help="a number loses its leading zeros, and `*` and `#` cannot stand in it: pass a str",
            )
        )
    try:
        return read_keys(keys.strip(), shown=not secret)
    except NotationError as error:
        raise DtmfError(at(error, None, f"{what}: " if name else "")) from None


def duration_argument(duration: object, name: str | None = None) -> int:
    """A duration given from outside, as text; in milliseconds."""
    what = f"`${name}`" if name else "a duration"
    if not isinstance(duration, str):
        raise DtmfError(
            Diagnostic(
                "duration-not-text",
                f"{what} must be text with its unit, not {type(duration).__name__}",
                help='pass a str such as "3.5s"',
            )
        )
    try:
        return read_duration(duration.strip())
    except NotationError as error:
        raise DtmfError(at(error, None, f"{what}: " if name else "")) from None


def excess(program: Program) -> Diagnostic | None:
    """What makes a program too large to be written as strings, or None."""
    keys = pauses = 0
    if len(program.events) > limits.EVENTS:
        message = f"this program has more than {limits.EVENTS:,} events"
        return Diagnostic("too-many-steps", message, help="no call is that long: is a count wrong?")
    for event in program.events:
        if isinstance(event, Pause):
            pauses += event.ms
        else:
            keys += len(event.keys)
            pauses += event.every_ms * (len(event.keys) - 1)
        if keys > limits.KEYS:
            return Diagnostic(
                "too-many-keys", f"this script presses more than {limits.KEYS:,} keys", event.span
            )
        if pauses > limits.DURATION_MS:
            hours = limits.DURATION_MS // 3_600_000
            message = f"the pauses of this script come to more than {hours} hours"
            return Diagnostic(
                "too-long", message, event.span, help="no call lasts that long: is a unit wrong?"
            )
    return None


def at(error: NotationError, span: Span | None, prefix: str = "") -> Diagnostic:
    """A notation error as a diagnostic at a place."""
    return Diagnostic(error.code, prefix + error.message, span, help=error.help)


def too_many_keys(count: int, span: Span | None = None) -> Diagnostic:
    return Diagnostic(
        "too-many-keys",
        f"{count:,} keys in one group are more than the {limits.GROUP_KEYS:,} allowed",
        span,
        help="press them in several groups",
    )


def _sentence(text: str | None) -> str | None:
    """A label or cue, which must fit on the line of a script."""
    if text is not None and not isinstance(text, str):
        raise DtmfError(Diagnostic("not-text", f"a label or cue must be text, not {type(text).__name__}"))
    if text is not None and any(character < " " or character == "\x7f" for character in text):
        raise DtmfError(
            Diagnostic("control-character", "a label or cue cannot hold a line end or control character")
        )
    return text
