"""Values for a script's params and secrets: where they come from, and whether they fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, TypeVar

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, closest, did_you_mean
from dtmfdsl.language.tree import Param
from dtmfdsl.notation import NotationError, SecretText, counted, spell
from dtmfdsl.program import Secret, duration_argument, keys_argument, number_argument, text_argument
from dtmfdsl.source import Span


@attrs.define(eq=False, repr=False)
class KeyString:
    """Keys as the value of a name, and which of them are secret."""

    keys: str
    secrets: tuple[Secret, ...] = ()


@attrs.frozen(repr=False)
class TextValue:
    """A text as the value of a name. A secret one has letters to spell, and is shown nowhere."""

    text: str
    secret: str | None = None


@attrs.frozen(repr=False)
class NumberValue:
    """A number to call as the value of a name: digits, after a `+` if there is one."""

    number: str


T = TypeVar("T")

Meaning: TypeAlias = int | KeyString | TextValue | NumberValue | None
"""The value of a name: milliseconds, keys, a text, a number, or None if a mistake leaves it unknown."""

Lookup: TypeAlias = Callable[[Param], str | None]
"""Asked for the value of a `param` or `secret` that was not given; None if there is none."""


def kept(values: T) -> T | dict[str, str]:
    """Values that no traceback shows: it is not known yet which of them are secret.

    What is no text or no mapping stays as it is, and is refused when its param is known.
    """
    if not isinstance(values, Mapping):
        return values
    return {name: SecretText(value) if isinstance(value, str) else value for name, value in values.items()}


class Values:
    """The values given from outside, and the params that asked for them.

    The script must ask for each of the values in `given`. `lookup` finds others. To check a script without
    its values, `pretend` uses a stand-in for a value that is missing. `exposed` are the names of values given
    where others can see them, which no secret's value may be. `stand_ins` are characters that stand for the
    keys of values in `given`, and are not checked. Raises DtmfError if `given` has no names.
    """

    def __init__(
        self,
        given: Mapping[str, str] | None = None,
        lookup: Lookup | None = None,
        pretend: bool = False,
        exposed: frozenset[str] = frozenset(),
        stand_ins: Mapping[str, str] | None = None,
    ):
        given = kept(given)
        if given is not None and not isinstance(given, Mapping):
            message = "values must be given by name"
            raise DtmfError.of("keys-not-text", message, help='values={"pin": "1234"}')
        if any(not isinstance(name, str) for name in given or ()):
            raise DtmfError.of("keys-not-text", "the names of values must be text")
        self.given = given or {}
        self.lookup = lookup
        self.pretend = pretend
        self.exposed = exposed
        self.stand_ins = stand_ins or {}
        self.declared: dict[str, tuple[bool, Span]] = {}
        self.found: dict[str, str | None] = {**self.given}

    def pretending(self) -> Values:
        """The same values, with stand-ins for all others: for a script that has mistakes already."""
        return Values(self.given, None, True, self.exposed)

    def of(self, param: Param, default: Meaning, span: Span, *, needed: bool) -> Meaning:
        """The meaning of a param: the value given, its default, or a stand-in.

        A value is asked for only if it is `needed`. Raises DtmfError, at `span`, if it is missing then, or if
        the one given does not fit. No error shows a value.
        """
        name = param.name.name
        self._check(param, default, span)
        if name in self.stand_ins:
            return _key_string(param, self.stand_ins[name])
        if needed and name not in self.found:
            found = self.lookup(param) if self.lookup else None
            self.found[name] = SecretText(found) if isinstance(found, str) else found
        value = self.found.get(name)
        if value is not None:
            return read_value(param, value, span)
        if param.default is not None:
            return default
        if self.pretend:
            return _stand_in(param)
        if not needed:
            return None
        message = f"`${name}` has no value ({param.kind})"
        ways = f"--values, or DTMF_{name.upper()} in the environment; from Python by `values`"
        help = f"give it by {ways}" if param.secret else f"give it by --set {name}=…, {ways}"
        raise DtmfError.of("missing-value", message, span, help=help)

    def unasked(self) -> Iterator[Diagnostic]:
        """The given values that no param asked for, as diagnostics."""
        for name in self.given:
            if name not in self.declared:
                shown = f" `{name}`" if name.isidentifier() else " of that name"
                known = f"it has {', '.join(self.declared) or 'none at all'}"
                help = did_you_mean(closest(name, self.declared), known)
                yield Diagnostic("unknown-value", f"the script has no param or secret{shown}", help=help)

    def _check(self, param: Param, default: Meaning, span: Span) -> None:
        """Raises DtmfError for what is wrong with a param whatever its value."""
        name, kind = param.name.name, param.kind
        secret, first = self.declared.setdefault(name, (param.secret, span))
        if secret != param.secret:
            message = f"`{name}` cannot be both a secret and a param"
            note = Note(f"it is a {'secret' if secret else 'param'} here", first)
            help = "give one of them another name"
            raise DtmfError.of("secret-and-param", message, span, (note,), help=help)
        least, most = _bounds(kind)
        if least > most or most == 0 or most > limits.GROUP_KEYS:
            help = "kinds are `16 digits`, `4..8 digits`"
            raise DtmfError.of("bad-kind", f"no value can be `{kind}`", span, help=help)
        if param.secret and kind in ("duration", "text", "number"):
            message = f"`{name}` is a {kind}, and only keys and letters can be secret"
            raise DtmfError.of("secret-duration", message, span, help="use `param`")
        if param.secret and param.default is not None:
            help = "leave the value out; give it by the environment, a file or the prompt"
            raise DtmfError.of("secret-default", "a secret must not stand in the script", span, help=help)
        if param.secret and name in self.exposed:
            message = f"`${name}` is a secret, and others can see the command line"
            help = f"set DTMF_{name.upper()} in the environment, or give a file with --values"
            raise DtmfError.of("exposed-secret", message, span, help=help)
        if default is not None:
            _check_fit(param, default, f"the default of `${name}`", span)


def read_value(param: Param, value: str, span: Span | None = None) -> Meaning:
    """A value given as text. Raises DtmfError, at `span`, if it does not fit. No error shows a secret."""
    meaning = _read(param, value, span)
    _check_fit(param, meaning, f"`${param.name.name}`", span)
    return meaning


def _read(param: Param, value: str, span: Span | None) -> Meaning:
    """A value as its kind. Raises DtmfError if it cannot be read as that."""
    name = param.name.name
    match param.kind:
        case "duration":
            return duration_argument(value, name, span)
        case "text":
            return TextValue(text_argument(value, name, span))
        case "letters":
            return TextValue(text_argument(value, name, span), name if param.secret else None)
        case "number":
            return NumberValue(number_argument(value, name, span))
        case _:
            return _key_string(param, keys_argument(value, name, span, secret=param.secret))


def _key_string(param: Param, keys: str) -> KeyString:
    if not param.secret or not keys:
        return KeyString(keys)
    return KeyString(SecretText(keys), (Secret(param.name.name, 0, len(keys)),))


_NEEDS = {
    "duration": ("must be a duration", "such as 3.5s"),
    "text": (
        "must be a text, and not empty",
        'in a script, a text stands in double quotes: `"enter your PIN"`',
    ),
    "letters": ("must be letters of a keypad, A-Z", 'in a script, they stand in double quotes: `"Smith"`'),
    "number": ("must be a number to call", "such as +1 800 555 0199"),
}
"""What a value must be that is not keys, and an example."""


def _check_fit(param: Param, meaning: Meaning, what: str, span: Span | None) -> None:
    """Raises DtmfError if a value is not of the param's kind. The message has counts, never keys."""
    kind, help = param.kind, None
    least, most = _bounds(kind)
    match kind, meaning:
        case ("duration", int()) | ("number", NumberValue()):
            return
        case "number", KeyString(keys=keys) if keys.isdigit():
            return
        case "text", TextValue(text=text) if text.strip():
            return
        case "letters", TextValue(text=text) if _can_be_spelled(text):
            return
        case _ if kind in _NEEDS:
            message, help = _NEEDS[kind]
        case _, KeyString(keys=keys) if "digit" in kind and keys and not keys.isdigit():
            other = re.sub("[0-9]", "", keys)
            message = f"must be {kind}, but "
            message += "has other keys" if param.secret else f"`{other[0]}` is no digit"
            if least <= len(keys) <= most:
                help = f"if `*`, `#` or A-D belong to it, write `{kind.replace('digit', 'key')}`"
            elif least <= len(keys) - len(other) <= most:
                help = "leave out what is no digit: a script presses it by itself, as in `press $card #`"
        case _, KeyString(keys=keys) if not least <= len(keys) <= most:
            message = f"must be {kind}, but has {counted(len(keys), 'key')}"
        case _, KeyString():
            return
        case _, int():
            message = f"must be {kind}, not a duration"
            help = "leave the unit out, or declare it a `duration`"
        case _:
            message = (
                f"must be {kind}, not a {'text' if isinstance(meaning, TextValue) else 'number to call'}"
            )
    raise DtmfError.of("wrong-kind", f"{what} {message}", span, help=help)


def _can_be_spelled(text: str) -> bool:
    try:
        return bool(spell(text))
    except NotationError:
        return False


def _bounds(kind: str) -> tuple[int, int]:
    """The least and greatest count of keys of a kind such as `4..8 digits`."""
    count = kind.split()[0]
    if not count[0].isdigit():
        return 1, limits.GROUP_KEYS
    least, _, most = count.partition("..")
    return int(least), int(most or least)


def may_be_empty(param: Param) -> bool:
    """Whether a value without keys fits, as for `0..10 digits`."""
    return _bounds(param.kind)[0] == 0


def _stand_in(param: Param) -> Meaning:
    """A value of the param's kind: one second, its name as a text, or the greatest count of zeros."""
    match param.kind:
        case "duration":
            return 1000
        case "text":
            return TextValue(param.name.name)
        case "letters":
            return TextValue("AAAA", param.name.name if param.secret else None)
        case "number":
            return NumberValue("0")
        case kind:
            return _key_string(param, "0" * (_bounds(kind)[1] if kind[0].isdigit() else 4))
