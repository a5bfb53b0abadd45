"""What a script means: keys and silences in order, with times in whole milliseconds.

A program can be built without a script:

    press("1") + wait("3.5s") + press("59#")
    (press("121#", every="1.5s") + wait("2s")) * 3
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.notation import NotationError, SecretText, mask, read_duration, read_keys, read_number
from dtmfdsl.source import Source, Span


@attrs.frozen
class Secret:
    """The secret keys of a group: from index `start` up to, not including, `stop`; the value of `$name`."""

    name: str
    start: int
    stop: int


@attrs.frozen(kw_only=True, repr=False, eq=False)
class _Placed:
    """Has a place in a script, as half-open offsets. Comparison ignores the place."""

    source: Source | None = attrs.field(default=None, eq=False)
    start: int = attrs.field(default=0, eq=False)
    end: int = attrs.field(default=0, eq=False)

    @property
    def span(self) -> Span | None:
        """The place in the script, or None if it was built without a script."""
        return None if self.source is None else Span(self.source, self.start, self.end)


@attrs.frozen(repr=False)
class Tones(_Placed):
    """One group of keys, pressed in order.

    `every_ms` is the least silence between one key and the next, in milliseconds; 0 leaves it to the
    carrier. `secrets` are the keys that must never be shown; comparison ignores them.
    """

    keys: str
    every_ms: int = 0
    label: str | None = None
    secrets: tuple[Secret, ...] = attrs.field(default=(), eq=False)

    def __attrs_post_init__(self) -> None:
        if self.secrets:
            object.__setattr__(self, "keys", SecretText(self.keys))

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
    """Silence of `ms` milliseconds. With a `cue`, an attended run ends it when the cue is heard.

    `paced` marks what no `wait` asked for: the gap that `pace` leaves between two presses.
    """

    ms: int
    cue: str | None = None
    paced: bool = attrs.field(default=False, eq=False, kw_only=True)

    def __repr__(self) -> str:
        return f"Pause({self.ms})" if self.cue is None else f"Pause({self.ms}, {self.cue!r})"


Event: TypeAlias = Tones | Pause


EMPTY_CUE_HELP = 'name what will be heard, such as "enter your PIN", or wait without a cue'
"""The way out for a cue that nobody can hear."""


def _normal(events: Iterable[Event]) -> tuple[Event, ...]:
    """Joins neighbouring plain pauses, and drops what presses no key and takes no time.

    Raises DtmfError for a time that is no whole number or negative, for keys that are not text, and for a cue
    that is empty.
    """
    kept: list[Event] = []
    for event in events:
        ms = event.ms if isinstance(event, Pause) else event.every_ms
        if type(ms) is not int or ms < 0:
            message = "a silence is a whole number of milliseconds, and not negative"
            raise DtmfError.of("bad-duration", message, event.span)
        if isinstance(event, Tones):
            if not isinstance(event.keys, str):
                raise DtmfError.of("keys-not-text", "keys must be text", help="pass a str")
            if not event.keys:
                continue
            if event.every_ms and len(event.keys) == 1:
                event = attrs.evolve(event, every_ms=0)
        elif not event.ms:
            continue
        elif event.cue is not None:
            if not event.cue.strip():
                raise DtmfError.of("empty-cue", "a cue is empty", event.span, help=EMPTY_CUE_HELP)
        else:
            last = kept[-1] if kept else None
            if isinstance(last, Pause) and last.cue is None:
                end = max(last.end, event.end) if event.source is last.source else last.end
                kept[-1] = attrs.evolve(last, ms=last.ms + event.ms, end=end)
                continue
        kept.append(event)
    return tuple(kept)


def _number(number: str | None) -> str | None:
    """A number to call, its digits alone. Raises DtmfError if it is none."""
    try:
        return None if number is None else read_number(number)
    except NotationError as error:
        raise DtmfError(at(error, None)) from None


@attrs.frozen
class Program:
    """A tuple of events in normal form: no two plain pauses side by side, and nothing empty.

    `number` is what to call: digits, after a `+` if one was written. `hangs_up` ends the call after the last
    event. Strings of a dialect hold neither.

    Programs can be added, multiplied, compared and printed. `==` ignores the places in a script. Programs
    with the same `steps()` sound the same, however their keys are grouped.
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

    def __radd__(self, other: object) -> Program:
        """Lets `sum` begin with its 0: `sum([press("1"), wait("1s")])`."""
        return self if type(other) is int and other == 0 else NotImplemented

    def __mul__(self, times: int) -> Program:
        """So many times. Raises DtmfError if that would be a second call or too many events."""
        if not isinstance(times, int):
            return NotImplemented
        if times < 1:
            return Program()
        if times > 1 and (self.number is not None or self.hangs_up):
            message = "a program with a `call` or a `hang up` cannot be repeated"
            raise DtmfError.of("call-repeated", message, help="repeat the steps between them")
        _check_count(len(self.events) * times)
        return Program(self.events * times, self.number, self.hangs_up)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return bool(self.events) or self.number is not None or self.hangs_up

    @cached_property
    def pause_ms(self) -> int:
        """All silence that the script asks for, in milliseconds, without tones and the carrier's gaps."""
        return sum(
            event.ms if isinstance(event, Pause) else event.every_ms * (len(event.keys) - 1)
            for event in self.events
        )

    @cached_property
    def key_count(self) -> int:
        """The number of keys pressed."""
        return sum(len(event.keys) for event in self.events if isinstance(event, Tones))

    def steps(self) -> tuple[str | int, ...]:
        """What is heard, in order: keys without a pause between them as text, silences as milliseconds."""
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

    `every` is a duration; `secret=True` masks the keys wherever they are shown. Raises DtmfError for anything
    but keys. An int is not accepted, because the number `007` has lost its zeros.
    """
    text = keys_argument(keys, secret=secret)
    if not text:
        raise DtmfError.of("missing-keys", "`press` needs keys", help='such as press("59#")')
    if len(text) > limits.GROUP_KEYS:
        raise DtmfError(too_many_keys(len(text)))
    every_ms = 0 if every is None else duration_argument(every)
    marks = (Secret("secret", 0, len(text)),) if secret else ()
    return Program((Tones(text, every_ms, _sentence(label), marks),))


def wait(duration: str, *, cue: str | None = None) -> Program:
    """A program that waits: `wait("3.5s")`, `wait("12s", cue="enter your PIN")`.

    Raises DtmfError for anything but a duration. A number is not accepted, because it has no unit.
    """
    return Program((Pause(duration_argument(duration), _sentence(cue)),))


def keys_argument(keys: object, name: str | None = None, span: Span | None = None, *, secret: bool) -> str:
    """Keys given from outside, read from text: the value of `$name`, or an argument of `press`.

    Raises DtmfError at `span` if they are not text or not keys. No error shows a secret's keys.
    """
    if not isinstance(keys, str):
        what = f"`${name}`" if name else "keys"
        message = f"{what} must be text, not {type(keys).__name__}"
        help = "a number loses its leading zeros, and `*` and `#` cannot stand in it: pass a str"
        raise DtmfError.of("keys-not-text", message, span, help=help)
    if name:
        _check_outside(keys.strip(), name, span)
    try:
        return read_keys(keys.strip(), shown=not secret)
    except NotationError as error:
        raise DtmfError(at(error, span, name)) from None


_SPREADSHEET = [
    (
        r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+",
        "is a number that a spreadsheet shortened: its last digits are lost",
        "format its column as text, and enter the keys again",
    ),
    (
        r"[0-9]+[.,][0-9]*",
        "is a number that a spreadsheet changed",
        "format its column as text, and enter the keys again: some may be lost",
    ),
    (
        r"#(N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!)",
        "is an error of a spreadsheet",
        "give the keys themselves",
    ),
    (r"(?s)['’=].*", "begins with a mark that a spreadsheet uses for text", "give the keys alone"),
]
"""What a spreadsheet makes of keys, what to say of it, and the help."""


def _check_outside(value: str, name: str, span: Span | None) -> None:
    """Raises DtmfError for a point in a value of keys, and for what only spreadsheets write."""
    for form, message, help in _SPREADSHEET:
        if re.fullmatch(form, value):
            raise DtmfError.of("spoiled-number", f"`${name}` {message}", span, help=help)
    if "." in value:
        help = "in a value, only blanks, `-` and parentheses may stand between the keys"
        raise DtmfError.of("unknown-key", f"`${name}`: `.` is not a key", span, help=help)


def duration_argument(duration: object, name: str | None = None, span: Span | None = None) -> int:
    """A duration given from outside, in milliseconds: the value of `$name`, or an argument of `wait`.

    Raises DtmfError at `span` if it is not text or not a duration.
    """
    if not isinstance(duration, str):
        what = f"`${name}`" if name else "a duration"
        message = f"{what} must be text with its unit, not {type(duration).__name__}"
        raise DtmfError.of("duration-not-text", message, span, help='pass a str such as "3.5s"')
    try:
        return read_duration(duration.strip())
    except NotationError as error:
        raise DtmfError(at(error, span, name)) from None


def number_argument(number: object, name: str, span: Span | None = None) -> str:
    """A number to call given from outside as the value of `$name`: its digits, after a `+` if there is one.

    Raises DtmfError at `span` if it is not text or not a number.
    """
    text = text_argument(number, name, span)
    _check_outside(text, name, span)
    try:
        return read_number(text)
    except NotationError as error:
        raise DtmfError(at(error, span, name)) from None


def text_argument(text: object, name: str, span: Span | None = None) -> str:
    """A text given from outside as the value of `$name`, without blanks around it.

    Raises DtmfError at `span` if it is not text, or does not fit on one line of a script.
    """
    if not isinstance(text, str):
        raise DtmfError.of(
            "not-text", f"`${name}` must be text, not {type(text).__name__}", span, help="pass a str"
        )
    if any(character < " " or character == "\x7f" for character in text.strip()):
        raise DtmfError.of(
            "control-character", f"`${name}` cannot hold a line end or control character", span
        )
    return text.strip()


def check_size(program: Program) -> None:
    """Raises DtmfError if a program is too large to be written as strings."""
    _check_count(len(program.events))
    if program.key_count <= limits.KEYS and program.pause_ms <= limits.DURATION_MS:
        return
    keys = pause_ms = 0
    for event in program.events:
        if isinstance(event, Pause):
            pause_ms += event.ms
        else:
            keys += len(event.keys)
            pause_ms += event.every_ms * (len(event.keys) - 1)
        if keys > limits.KEYS:
            message = f"this script presses more than {limits.KEYS:,} keys"
            raise DtmfError.of("too-many-keys", message, event.span)
        if pause_ms > limits.DURATION_MS:
            message = f"the pauses of this script come to more than {limits.DURATION_MS // 3_600_000} hours"
            help = "no call lasts that long: is a unit wrong?"
            raise DtmfError.of("too-long", message, event.span, help=help)


def _check_count(events: int) -> None:
    if events > limits.EVENTS:
        message = f"this program has more than {limits.EVENTS:,} events"
        raise DtmfError.of("too-many-steps", message, help="no call is that long: is a count wrong?")


def at(error: NotationError, span: Span | None, name: str | None = None) -> Diagnostic:
    """A notation error as a diagnostic at a place, or about the value of `$name`."""
    prefix = f"`${name}`: " if name else ""
    return Diagnostic(error.code, prefix + error.message, span, help=error.help)


def too_many_keys(count: int, span: Span | None = None) -> Diagnostic:
    """The diagnostic for a group of `count` keys, which are more than `limits.GROUP_KEYS`."""
    message = f"{count:,} keys in one group are more than the {limits.GROUP_KEYS:,} allowed"
    return Diagnostic("too-many-keys", message, span, help="press them in several groups")


def _sentence(text: str | None) -> str | None:
    """A label or cue. Raises DtmfError if it does not fit on one line of a script."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise DtmfError.of("not-text", f"a label or cue must be text, not {type(text).__name__}")
    if any(character < " " or character == "\x7f" for character in text):
        message = "a label or cue cannot hold a line end or control character"
        raise DtmfError.of("control-character", message)
    return text
