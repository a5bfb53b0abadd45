"""Values for a script's params and secrets: where they come from, and whether they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, closest
from dtmfdsl.language.tree import Param
from dtmfdsl.program import Secret, duration_argument, keys_argument
from dtmfdsl.source import Span


@attrs.define(eq=False, repr=False)
class KeyString:
    """Keys as the value of a name, with the secret ones among them."""

    keys: str
    secrets: tuple[Secret, ...] = ()


Meaning: TypeAlias = int | KeyString | None
"""The value of a name: milliseconds, keys, or None where it could not be found out."""

Lookup: TypeAlias = Callable[[Param], str | None]
"""Asked for the value of a `param` or `secret` that was not given; None if there is none."""


class Values:
    """The values given from outside, and the params that asked for them.

    `given` are those that must all be asked for; `lookup` knows of others. `pretend` puts a stand-in in the
    place of a value that is missing, to check a script without its values. `exposed` names the values that
    came by a way others can see, which no secret may.
    """

    def __init__(
        self,
        given: Mapping[str, str] | None = None,
        lookup: Lookup | None = None,
        pretend: bool = False,
        exposed: frozenset[str] = frozenset(),
    ):
        if given is not None and not isinstance(given, Mapping):
            raise DtmfError(
                Diagnostic("keys-not-text", "values must be given by name", help='values={"pin": "1234"}')
            )
        if any(not isinstance(name, str) for name in given or ()):
            raise DtmfError(Diagnostic("keys-not-text", "the names of values must be text"))
        self.given = dict(given or {})
        self.lookup = lookup
        self.pretend = pretend
        self.exposed = exposed
        self.declared: dict[str, tuple[bool, Span]] = {}
        self.found: dict[str, str | None] = {}

    def pretending(self) -> Values:
        """The same, asking for nothing more: for a script that is wrong already."""
        return Values(self.given, None, True, self.exposed)

    def of(self, param: Param, default: Meaning, span: Span) -> Meaning:
        """What a param stands for: the value given, its default, or a stand-in. No error shows a value.

        Raises DtmfError, at `span`, if there is none or it does not fit.
        """
        name = param.name.name
        self._check(param, default, span)
        value = self._value(param)
        if value is None:
            if param.default is not None:
                return default
            if self.pretend:
                return _stand_in(param)
            ways = f"--values, or DTMF_{name.upper()} in the environment; from Python by `values`"
            help = f"give it by {ways}" if param.secret else f"give it by --set {name}=…, {ways}"
            raise _error("missing-value", f"`${name}` has no value ({param.kind})", span, help)
        try:
            meaning = _read(param, value)
        except DtmfError as error:
            (found,) = error.diagnostics
            raise _error(found.code, found.message, span, found.help) from None
        if wrong := _misfit(param, meaning, f"`${name}`"):
            raise _error("wrong-kind", wrong[0], span, wrong[1])
        return meaning

    def unasked(self) -> Iterator[Diagnostic]:
        """The values that were given and that no param asked for."""
        for name in self.given:
            if name not in self.declared:
                meant = closest(name, self.declared)
                shown = f" `{name}`" if name.isidentifier() else " of that name"
                help = (
                    f"did you mean `{meant}`?"
                    if meant
                    else f"it has {', '.join(self.declared) or 'none at all'}"
                )
                yield Diagnostic("unknown-value", f"the script has no param or secret{shown}", help=help)

    def _check(self, param: Param, default: Meaning, span: Span) -> None:
        """What can be wrong with a param before there is a value."""
        name = param.name.name
        secret, first = self.declared.setdefault(name, (param.secret, span))
        if secret != param.secret:
            note = Note(f"it is a {'secret' if secret else 'param'} here", first)
            message = f"`{name}` cannot be both a secret and a param"
            raise DtmfError(
                Diagnostic("secret-and-param", message, span, (note,), "give one of them another name")
            )
        least, most = _bounds(param.kind)
        if least > most or most == 0 or most > limits.GROUP_KEYS:
            raise _error(
                "bad-kind", f"no value can be `{param.kind}`", span, "kinds are `16 digits`, `4..8 digits`"
            )
        if param.secret and param.kind == "duration":
            raise _error(
                "secret-duration", f"`{name}` is a duration, and only keys can be secret", span, "use `param`"
            )
        if param.secret and param.default is not None:
            help = "leave the value out; give it by the environment, a file or the prompt"
            raise _error("secret-default", "a secret must not stand in the script", span, help)
        if param.secret and name in self.exposed:
            help = f"set DTMF_{name.upper()} in the environment, or give a file with --values"
            raise _error(
                "exposed-secret", f"`${name}` is a secret, and others can see the command line", span, help
            )
        if default is not None and (wrong := _misfit(param, default, f"the default of `${name}`")):
            raise _error("wrong-kind", wrong[0], span, wrong[1])

    def _value(self, param: Param) -> str | None:
        name = param.name.name
        if name in self.given:
            return self.given[name]
        if name not in self.found:
            self.found[name] = self.lookup(param) if self.lookup else None
        return self.found[name]


def _error(code: str, message: str, span: Span, help: str | None) -> DtmfError:
    return DtmfError(Diagnostic(code, message, span, help=help))


def _read(param: Param, value: str) -> Meaning:
    """A value as text to what it stands for. Raises DtmfError if it cannot be read as the param's kind."""
    name = param.name.name
    if param.kind == "duration":
        return duration_argument(value, name)
    keys = keys_argument(value, name, param.secret)
    return KeyString(keys, (Secret(name, 0, len(keys)),) if param.secret and keys else ())


def _misfit(param: Param, meaning: Meaning, what: str) -> tuple[str, str | None] | None:
    """Why a value is not of the param's kind, and the way out. It gives counts, never keys."""
    if param.kind == "duration":
        return None if isinstance(meaning, int) else (f"{what} must be a duration", "such as 3.5s")
    if not isinstance(meaning, KeyString):
        return (
            f"{what} must be {param.kind}, not a duration",
            "leave the unit out, or declare it a `duration`",
        )
    least, most = _bounds(param.kind)
    count = len(meaning.keys)
    if not least <= count <= most:
        return (
            f"{what} must be {param.kind}, and {count} {'key is' if count == 1 else 'keys are'} given",
            None,
        )
    if "digit" in param.kind and meaning.keys and not meaning.keys.isdigit():
        return (
            f"{what} must be {param.kind}, and other keys are among them",
            f"if `*`, `#` or A-D belong to it, write `{param.kind.replace('digit', 'key')}`",
        )
    return None


def _bounds(kind: str) -> tuple[int, int]:
    """The least and greatest count of keys of a kind such as `4..8 digits`."""
    count = kind.split()[0]
    if not count[0].isdigit():
        return 1, limits.GROUP_KEYS
    least, _, most = count.partition("..")
    return int(least), int(most or least)


def _stand_in(param: Param) -> Meaning:
    """Something of the param's kind: a second, or as many zeros as there may be keys."""
    if param.kind == "duration":
        return 1000
    keys = "0" * (_bounds(param.kind)[1] if param.kind[0].isdigit() else 4)
    return KeyString(keys, (Secret(param.name.name, 0, len(keys)),) if param.secret else ())
