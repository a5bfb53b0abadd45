"""A tree and its values to a program: names are looked up, blocks run, and every mistake of meaning found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeAlias, assert_never

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, closest, in_order
from dtmfdsl.dialects import get_dialect
from dtmfdsl.files import find_used
from dtmfdsl.notation import NotationError, read_duration, read_keys, spell
from dtmfdsl.parser import read
from dtmfdsl.program import (
    Event,
    Pause,
    Program,
    Secret,
    Tones,
    at,
    duration_argument,
    keys_argument,
    too_many_keys,
)
from dtmfdsl.scopes import Binding, Closure, Meaning, Scope, Text
from dtmfdsl.source import Source, Span
from dtmfdsl.tree import (
    Blank,
    Call,
    Comment,
    Define,
    Duration,
    Item,
    Keys,
    Let,
    Name,
    Node,
    Pace,
    Param,
    Part,
    Press,
    Raw,
    Repeat,
    Script,
    Spell,
    Time,
    Use,
    Value,
    Wait,
)

Lookup: TypeAlias = Callable[[Param], str | None]
"""Asked for the value of a `param` or `secret` that was not given; None if there is none."""


def lower(script: Script, values: Mapping[str, str] | None = None) -> Program:
    """The program that a tree means with these values.

    Raises DtmfError with every mistake of meaning: unknown names, values that are missing or do not fit,
    recursion, limits.
    """
    return lower_all(script, values)[0]


def lower_source(
    source: Source,
    values: Mapping[str, str] | None = None,
    *,
    lookup: Lookup | None = None,
    pretend: bool = False,
    allow_outside: bool = False,
    exposed: frozenset[str] = frozenset(),
) -> tuple[Program, tuple[Diagnostic, ...]]:
    """Reads and lowers a text; mistakes of syntax and of meaning are raised together, in order."""
    script, diagnostics, half_defined = read(source)
    try:
        program, warnings = lower_all(
            script,
            values,
            lookup=lookup,
            pretend=pretend or bool(diagnostics),
            allow_outside=allow_outside,
            exposed=exposed,
            half_defined=half_defined,
        )
    except DtmfError as error:
        diagnostics = [*diagnostics, *error.diagnostics]
    if diagnostics:
        raise DtmfError(in_order(diagnostics))
    return program, warnings


def lower_all(
    script: Script,
    values: Mapping[str, str] | None = None,
    *,
    lookup: Lookup | None = None,
    pretend: bool = False,
    allow_outside: bool = False,
    exposed: frozenset[str] = frozenset(),
    half_defined: frozenset[str] = frozenset(),
) -> tuple[Program, tuple[Diagnostic, ...]]:
    """`lower`, with the warnings and all the choices.

    `lookup` is asked for values that were not given. `pretend` puts a stand-in in the place of a value
    that is missing, to check a script without its values. `allow_outside` lets `use` leave the script's
    folder. `exposed` names the values that came by a way others can see, which no secret may. `half_defined`
    are names whose definitions could not be read: they are no further mistakes.
    """
    folder = None
    if not allow_outside:
        folder = os.path.dirname(script.source.path) if script.source.path else os.curdir
        folder = folder or os.curdir
    lowering = _Lowering(dict(values or {}), lookup, pretend, folder, exposed, half_defined)
    events: list[Event] = []
    try:
        lowering.script(script, events)
    except _Stop:
        pass
    else:
        lowering.finish(events)
    found = in_order(lowering.diagnostics)
    if any(diagnostic.severity == "error" for diagnostic in found):
        raise DtmfError(found)
    return Program(tuple(events)), found


class _Stop(Exception):
    """A limit was passed; nothing after it is worth looking at."""


class _Lowering:
    """Runs a tree's statements, once each, and collects the events and all that is wrong."""

    def __init__(
        self,
        values: dict[str, str],
        lookup: Lookup | None,
        pretend: bool,
        folder: str | None,
        exposed: frozenset[str],
        half_defined: frozenset[str],
    ):
        self.values = values
        self.lookup = lookup
        self.pretend = pretend
        self.folder = folder
        self.exposed = exposed
        self.half_defined = half_defined
        self.diagnostics: list[Diagnostic] = []
        self.said: set[tuple[str, str, int]] = set()
        self.asked: dict[str, Meaning] = {}
        self.declared: set[str] = set()
        self.steps = 0
        self.serial = 0
        self.source = Source("<script>", "")
        self.using: list[str] = []
        self.trees: dict[str, Script] = {}
        self.calls: list[tuple[Define, Span]] = []
        self.defining: list[tuple[Define, Source]] = []

    # Saying what is wrong

    def span(self, node: Node) -> Span:
        return Span(self.source, node.start, node.end)

    def say(self, diagnostic: Diagnostic) -> None:
        """Notes a mistake once, however often its statement is run."""
        span = diagnostic.span
        key = (diagnostic.code, span.source.name if span else diagnostic.message, span.start if span else 0)
        if key in self.said:
            return
        self.said.add(key)
        if self.calls and diagnostic.severity == "error":
            define, place = self.calls[-1]
            note = Note(f"in `{define.name.name}`, run from here", place)
            diagnostic = attrs.evolve(diagnostic, notes=(*diagnostic.notes, note))
        self.diagnostics.append(diagnostic)
        if len(self.said) > 2 * limits.DIAGNOSTICS:
            raise _Stop

    def error(self, code: str, message: str, node: Node, help: str | None = None, *notes: Note) -> None:
        self.say(Diagnostic(code, message, self.span(node), notes, help))

    def step(self, node: Node, count: int = 1) -> None:
        self.steps += count
        if self.steps > limits.STEPS:
            self.error(
                "too-many-steps",
                f"this script runs to more than {limits.STEPS:,} steps",
                node,
                "a `repeat` inside a `repeat` multiplies",
            )
            raise _Stop

    # Scripts and blocks

    def script(self, script: Script, events: list[Event]) -> None:
        self.source = script.source
        self.trees[script.source.name] = script
        if script.source.path is not None:
            self.using.append(os.path.realpath(script.source.path))
        self.block(script.body, Scope(None), 0, events)

    def finish(self, events: list[Event]) -> None:
        """What can only be said of the whole."""
        for name in self.values:
            if name not in self.declared and not self.half_defined:
                meant = closest(name, self.declared)
                self.say(
                    Diagnostic(
                        "unknown-value",
                        f"the script has no param or secret `{name}`",
                        help=f"did you mean `{meant}`?"
                        if meant
                        else f"write `param {name}: 4 digits` in the script",
                    )
                )
        keys = pauses = 0
        for event in events:
            if isinstance(event, Pause):
                pauses += event.ms
            else:
                keys += len(event.keys)
                pauses += event.every_ms * (len(event.keys) - 1)
            if keys > limits.KEYS:
                self.say(
                    Diagnostic(
                        "too-many-keys", f"this script presses more than {limits.KEYS:,} keys", event.span
                    )
                )
                return
            if pauses > limits.DURATION_MS:
                self.say(
                    Diagnostic(
                        "too-long",
                        "the pauses of this script come to more than 24 hours",
                        event.span,
                        help="no call lasts that long: is a unit wrong?",
                    )
                )
                return

    def block(self, body: tuple[Item, ...], scope: Scope, pace: int, events: list[Event]) -> None:
        source = self.source
        for item in body:
            match item:
                case Press():
                    self.step(item)
                    events.append(self.press(item, scope, pace))
                case Wait():
                    self.step(item)
                    ms = self.time(item.time, scope)
                    events.append(Pause(ms, item.cue, source=source, start=item.start, end=item.end))
                case Comment() | Blank():
                    pass
                case Repeat():
                    self.repeat(item, scope, pace, events)
                case Call():
                    self.call(item, scope, pace, events)
                case Pace():
                    pace = self.time(item.time, scope)
                case Let():
                    self.bind(scope, item.name, self.value(item.value, scope))
                case Param():
                    self.bind(scope, item.name, self.param(item, scope))
                case Define():
                    self.define(item, scope)
                case Use():
                    self.use(item, scope)
                case Raw():
                    self.raw(item, events)
                case _:
                    assert_never(item)

    # Statements

    def press(self, press: Press, scope: Scope, pace: int) -> Tones:
        every = pace if press.every is None else self.time(press.every, scope)
        text = self.keys(press.parts, scope, press)
        return Tones(
            text.keys,
            every,
            press.label,
            text.secrets,
            source=self.source,
            start=press.start,
            end=press.end,
        )

    def repeat(self, repeat: Repeat, scope: Scope, pace: int, events: list[Event]) -> None:
        inner: list[Event] = []
        self.step(repeat)
        self.block(repeat.body, Scope(scope), pace, inner)
        self.step(repeat, len(inner) * max(repeat.times - 1, 0))
        events.extend(inner * repeat.times)

    def define(self, define: Define, scope: Scope) -> None:
        """Binds the name, and runs the body once with unknown values for the mistakes in it."""
        self.step(define)
        if known := scope.names.get(define.name.name):
            self.twice(define.name, known)
            return
        self.serial += 1
        closure = Closure(define, Scope(scope, self.serial), self.source)
        self.defining.append((define, self.source))
        self.run(closure, [None] * len(define.parameters), 0, [])
        self.defining.pop()
        self.bind(scope, define.name, closure)

    def call(self, call: Call, scope: Scope, pace: int, events: list[Event]) -> None:
        self.step(call, 4)
        values = [self.value(value, scope) for value in call.arguments]
        binding = scope.find(call.name)
        if binding is None:
            self.no_define(call, scope)
            return
        closure = binding.meaning
        if closure is None:
            return
        if not isinstance(closure, Closure):
            self.error(
                "not-a-define",
                f"`{call.name}` is a value, no define",
                call,
                f"to press its keys, write `press ${call.name}`",
                Note("it is defined here", binding.span),
            )
            return
        wanted = len(closure.define.parameters)
        if len(values) != wanted:
            self.error(
                "wrong-count",
                f"`{call.name}` takes {_count(wanted, 'value')}, and {_count(len(values), 'value')} "
                f"{'is' if len(values) == 1 else 'are'} given",
                call,
                None,
                Note("it is defined here", binding.span),
            )
            return
        if len(self.calls) >= limits.CALLS:
            self.error("nested-too-deeply", f"defines run defines more than {limits.CALLS} deep here", call)
            raise _Stop
        self.calls.append((closure.define, self.span(call)))
        source = self.source
        self.run(closure, values, pace, events)
        self.source = source
        self.calls.pop()

    def run(self, closure: Closure, values: list[Meaning], pace: int, events: list[Event]) -> None:
        """Runs a define's body with its parameters bound, in the file where it was written."""
        self.source = closure.source
        inside = Scope(closure.scope)
        for name, value in zip(closure.define.parameters, values, strict=True):
            self.bind(inside, name, value)
        self.block(closure.define.body, Scope(inside), pace, events)

    def no_define(self, call: Call, scope: Scope) -> None:
        """A call of what is not defined here: recursion, a define further down, or a slip of the pen."""
        name = call.name
        if name in self.half_defined:
            return
        chain = [define.name.name for define, _ in self.defining]
        if name in chain:
            around = chain[chain.index(name) :]
            self.error(
                "recursion",
                f"`{name}` runs itself: {' → '.join([*around, name])}",
                call,
                "a script must end: write the steps out, or use `repeat`",
            )
            return
        body = self.trees[self.source.name].body
        later = {item.name.name: item for item in body if isinstance(item, Define)}
        if name in later:
            if self.defining and (path := _path(later, name, self.defining[0][0].name.name)):
                around = [self.defining[0][0].name.name, *path]
                self.error(
                    "recursion",
                    f"`{around[0]}` runs itself: {' → '.join(around)}",
                    call,
                    "a script must end: write the steps out, or use `repeat`",
                )
                return
            self.error(
                "used-before-defined",
                f"`{name}` is defined further down",
                call,
                "move its `define` up, above this line",
                Note("it is defined here", self.span(later[name].name)),
            )
            return
        defines = [n for n in scope.visible() if isinstance(getattr(scope.find(n), "meaning", None), Closure)]
        meant = closest(name, defines)
        self.say(
            Diagnostic(
                "unknown-name",
                f"there is no define `{name}`",
                Span(self.source, call.start, call.start + len(name)),
                help=f"did you mean `{meant}`?" if meant else f"define it above: `define {name}() {{ … }}`",
                suggestion=meant,
            )
        )

    def use(self, use: Use, scope: Scope) -> None:
        self.step(use)
        span = self.span(use)
        try:
            source = find_used(use.path, self.source, self.folder, span)
        except DtmfError as error:
            for diagnostic in error.diagnostics:
                self.say(diagnostic)
            return
        real = os.path.realpath(source.path or "")
        if real in self.using:
            chain = [*self.using[self.using.index(real) :], real]
            self.error(
                "use-circle",
                "these files use each other: " + " → ".join(map(os.path.basename, chain)),
                use,
                "move what they share into a third file",
            )
            return
        if len(self.using) >= limits.NESTING:
            self.error("nested-too-deeply", f"files use files more than {limits.NESTING} deep here", use)
            raise _Stop
        script, diagnostics, half_defined = read(source)
        for diagnostic in diagnostics:
            self.say(diagnostic)
        self.half_defined |= half_defined
        using = self.source
        self.source = source
        self.trees[source.name] = script
        self.using.append(real)
        inside = Scope(None)
        for item in script.body:
            if isinstance(item, Press | Wait | Pace | Repeat | Call | Raw):
                self.say(
                    Diagnostic(
                        "not-run",
                        "only the definitions of a used file count; this is not run",
                        self.span(item),
                        (Note("the file is used here", span),),
                        "put it into a `define` and call that",
                        severity="warning",
                    )
                )
        self.block(tuple(i for i in script.body if isinstance(i, Let | Param | Define | Use)), inside, 0, [])
        self.using.pop()
        self.source = using
        own = {item.name.name for item in script.body if isinstance(item, Let | Param | Define)}
        for name, binding in inside.names.items():
            if name not in own:
                continue
            known = scope.names.get(name)
            if known is None:
                self.serial += 1
                scope.names[name] = Binding(binding.meaning, self.serial, binding.span)
            elif known.span != binding.span:
                self.error(
                    "defined-twice",
                    f"`{name}` is defined already",
                    use,
                    "give one of them another name",
                    Note("first here", known.span),
                    Note("again in the used file", binding.span),
                )

    def raw(self, raw: Raw, events: list[Event]) -> None:
        self.step(raw)
        try:
            dialect = get_dialect(raw.dialect, Span(self.source, raw.end - len(raw.dialect), raw.end))
            start = self.source.text.find('"', raw.start, raw.end) + 1 or raw.start
            program = dialect.decode(raw.text, Span(self.source, start, min(start + len(raw.text), raw.end)))
        except DtmfError as error:
            for diagnostic in error.diagnostics:
                self.say(diagnostic)
            return
        self.step(raw, len(program.events))
        events.extend(program.events)

    # Names and values

    def bind(self, scope: Scope, name: Name, meaning: Meaning) -> None:
        known = scope.names.get(name.name)
        if known is not None:
            self.twice(name, known)
            return
        self.serial += 1
        scope.names[name.name] = Binding(meaning, self.serial, self.span(name))

    def twice(self, name: Name, known: Binding) -> None:
        self.error(
            "defined-twice",
            f"`{name.name}` is defined twice in this block",
            name,
            "give one of them another name",
            Note("first here", known.span),
        )

    def find(self, name: Name, scope: Scope) -> Binding | None:
        binding = scope.find(name.name)
        if binding is None and name.name not in self.half_defined:
            meant = closest(name.name, scope.visible())
            self.say(
                Diagnostic(
                    "unknown-name",
                    f"there is no name `${name.name}` here",
                    self.span(name),
                    help=f"did you mean `${meant}`?"
                    if meant
                    else f"define it above: `let {name.name} = 4s`, "
                    f"or `param {name.name}: 4 digits` for a value from outside",
                    suggestion=f"${meant}" if meant else None,
                )
            )
        return binding

    def time(self, time: Time, scope: Scope) -> int:
        """Milliseconds; 0 where that could not be found out."""
        if isinstance(time, Duration):
            return self.duration(time)
        binding = self.find(time, scope)
        meaning = binding.meaning if binding else None
        if isinstance(meaning, int):
            return meaning
        if binding and meaning is not None:
            self.error(
                "not-a-duration",
                f"`${time.name}` is no duration",
                time,
                "a duration has a unit: `let greeting = 4s`",
                Note("it is defined here", binding.span),
            )
        return 0

    def duration(self, duration: Duration) -> int:
        try:
            return read_duration(duration.text)
        except NotationError as error:
            self.say(at(error, self.span(duration)))
            return 0

    def value(self, value: Value, scope: Scope) -> Meaning:
        """The value of a `let`, a default or an argument; a name alone keeps what it stands for."""
        if isinstance(value, Duration):
            return self.duration(value)
        if len(value) == 1 and isinstance(name := value[0], Name):
            binding = self.find(name, scope)
            if binding and isinstance(binding.meaning, Closure):
                self.error(
                    "not-keys",
                    f"`${name.name}` is a define, no value",
                    name,
                    f"run it with `{name.name}()`",
                    Note("it is defined here", binding.span),
                )
                return None
            return binding.meaning if binding else None
        if self.unknown(value, scope):
            return None
        return self.keys(value, scope, value[0])

    def unknown(self, parts: tuple[Part, ...], scope: Scope) -> bool:
        """Whether a name among the parts stands for something unknown, a define's parameter say."""
        names = (scope.find(part.name) for part in parts if isinstance(part, Name))
        return any(binding is not None and binding.meaning is None for binding in names)

    def keys(self, parts: tuple[Part, ...], scope: Scope, node: Node) -> Text:
        """The keys of one group, in order."""
        if len(parts) == 1 and isinstance(part := parts[0], Keys):
            keys = part.keys
            if len(keys) > limits.GROUP_KEYS:
                self.say(too_many_keys(len(keys), self.span(part)))
            return Text(keys)
        texts: list[str] = []
        secrets: list[Secret] = []
        length = 0
        for part in parts:
            match part:
                case Keys():
                    keys = read_keys(part.text)
                case Spell():
                    keys = self.spelled(part)
                case Name():
                    text = self.named_keys(part, scope)
                    keys = text.keys
                    secrets += [
                        Secret(secret.name, secret.start + length, secret.stop + length)
                        for secret in text.secrets
                    ]
                case _:
                    assert_never(part)
            texts.append(keys)
            length += len(keys)
            if length > limits.GROUP_KEYS:
                self.say(too_many_keys(length, self.span(node)))
                return Text("")
        return Text("".join(texts), tuple(secrets))

    def named_keys(self, name: Name, scope: Scope) -> Text:
        binding = self.find(name, scope)
        meaning = binding.meaning if binding else None
        if isinstance(meaning, Text):
            return meaning
        if binding and meaning is not None:
            kind = "duration" if isinstance(meaning, int) else "define"
            self.error(
                "not-keys",
                f"`${name.name}` is a {kind}, no keys",
                name,
                f"to wait that long, write `wait ${name.name}`"
                if kind == "duration"
                else f"run it with `{name.name}()`",
                Note("it is defined here", binding.span),
            )
        return Text("")

    def spelled(self, part: Spell) -> str:
        try:
            return spell(part.text)
        except NotationError as error:
            self.say(at(error, self.span(part)))
            return ""

    # Values from outside

    def param(self, param: Param, scope: Scope) -> Meaning:
        name = param.name.name
        self.declared.add(name)
        if name not in self.asked:
            self.asked[name] = self.given(param, scope)
        return self.asked[name]

    def given(self, param: Param, scope: Scope) -> Meaning:
        """The value given for a param, its default, or a stand-in."""
        name = param.name.name
        if param.secret and param.kind == "duration":
            self.error(
                "secret-duration",
                f"`{name}` is a duration, and only keys can be secret",
                param,
                "use `param`",
            )
            return None
        if param.secret and param.default is not None:
            self.error(
                "secret-default",
                "a secret must not stand in the script",
                param,
                "leave the default out; give the value by the environment, a file or the prompt",
            )
            return None
        if param.secret and name in self.exposed:
            self.error(
                "exposed-secret",
                f"`${name}` is a secret, and others can see the command line",
                param,
                f"set DTMF_{name.upper()} in the environment, or give a file with --values",
            )
            return None
        default = None if param.default is None else self.value(param.default, scope)
        if default is not None:
            self.fits(param, default, "the default of ")
        value = self.values.get(name)
        if value is None and self.lookup:
            value = self.lookup(param)
        if value is None:
            if param.default is not None:
                return default
            if self.pretend:
                return _stand_in(param)
            hint = f"set DTMF_{name.upper()} in the environment, or give a file with --values" + (
                "" if param.secret else f", or --set {name}=…"
            )
            self.error("missing-value", f"`${name}` has no value ({param.kind})", param, hint)
            return None
        meaning: Meaning
        try:
            if param.kind == "duration":
                meaning = duration_argument(value, name)
            else:
                keys = keys_argument(value, name, param.secret)
                marks = (Secret(name, 0, len(keys)),) if param.secret else ()
                meaning = Text(keys, marks)
        except DtmfError as error:
            (diagnostic,) = error.diagnostics
            self.say(attrs.evolve(diagnostic, span=self.span(param)))
            return None
        return meaning if self.fits(param, meaning, "") else None

    def fits(self, param: Param, meaning: Meaning, what: str) -> bool:
        """Whether a value is of the param's kind. The message gives counts, never keys."""
        name = f"{what}`${param.name.name}`"
        if param.kind == "duration":
            if isinstance(meaning, int):
                return True
            self.error("wrong-kind", f"{name} must be a duration", param, "such as 3.5s")
            return False
        if not isinstance(meaning, Text):
            self.error("wrong-kind", f"{name} must be {param.kind}, not a duration", param)
            return False
        least, most = _bounds(param.kind)
        count = len(meaning.keys)
        if not least <= count <= most:
            self.error(
                "wrong-kind", f"{name} must be {param.kind}, and {_count(count, 'key')} are given", param
            )
            return False
        if "digit" in param.kind and not meaning.keys.isdigit():
            self.error(
                "wrong-kind",
                f"{name} must be {param.kind}, and other keys are among them",
                param,
                f"if `*`, `#` or A-D belong to it, write `{param.kind.replace('digit', 'key')}`",
            )
            return False
        return True


def _bounds(kind: str) -> tuple[int, int]:
    """The least and greatest count of keys of a kind such as `4..8 digits`."""
    count = kind.split()[0]
    if not count[0].isdigit():
        return 1, limits.GROUP_KEYS
    least, _, most = count.partition("..")
    return int(least), int(most or least)


def _stand_in(param: Param) -> Meaning:
    """Something of the param's kind, to check a script that is not given its values."""
    if param.kind == "duration":
        return 1000
    most = _bounds(param.kind)[1]
    keys = "0" * min(most if param.kind[0].isdigit() else 4, limits.GROUP_KEYS)
    return Text(keys, (Secret(param.name.name, 0, len(keys)),) if param.secret else ())


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _path(defines: dict[str, Define], start: str, goal: str) -> list[str] | None:
    """A chain of calls among a file's defines from one to another, both named."""
    paths = [[start]]
    seen = {start}
    while paths:
        path = paths.pop(0)
        for name in _called(defines[path[-1]].body):
            if name == goal:
                return [*path, name]
            if name in defines and name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return None


def _called(body: tuple[Item, ...]) -> list[str]:
    names: list[str] = []
    for item in body:
        if isinstance(item, Call):
            names.append(item.name)
        elif isinstance(item, Repeat | Define):
            names += _called(item.body)
    return names
