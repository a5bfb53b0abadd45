"""A tree and its values to a program: names are looked up, blocks run, and every mistake of meaning found."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from typing import NoReturn, assert_never

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, closest, in_order
from dtmfdsl.dialects import get_dialect
from dtmfdsl.language.parser import read
from dtmfdsl.language.tree import (
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
from dtmfdsl.loader import find_used, read_file
from dtmfdsl.notation import NotationError, read_duration, read_keys, spell
from dtmfdsl.program import Event, Pause, Program, Secret, Tones, at, too_many_keys
from dtmfdsl.semantics.names import Binding, Closure, Meaning, Scope, Text
from dtmfdsl.semantics.values import Values
from dtmfdsl.source import Source, Span


@attrs.frozen(eq=False)
class Lowered:
    """The program that a script means, as far as could be found out, and all that is wrong with it."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]

    def sound(self) -> Lowered:
        """Itself. Raises DtmfError with all of the diagnostics if there is an error among them."""
        if any(diagnostic.severity == "error" for diagnostic in self.diagnostics):
            raise DtmfError(self.diagnostics)
        return self


def lower(script: Script, values: Mapping[str, str] | None = None) -> Program:
    """The program that a tree means with these values.

    Raises DtmfError with every mistake of meaning: unknown names, values that are missing or do not fit,
    recursion, limits.
    """
    return lower_tree(script, Values(values)).sound().program


def lower_source(source: Source, values: Values | None = None, *, allow_outside: bool = False) -> Lowered:
    """Reads and lowers a text; mistakes of syntax and of meaning are told together, in order."""
    script, diagnostics, half_defined = read(source)
    values = values or Values()
    if diagnostics:
        values = values.pretending()
    lowered = lower_tree(script, values, allow_outside=allow_outside, half_defined=half_defined)
    return attrs.evolve(lowered, diagnostics=in_order([*diagnostics, *lowered.diagnostics]))


def lower_tree(
    script: Script,
    values: Values,
    *,
    allow_outside: bool = False,
    half_defined: frozenset[str] = frozenset(),
) -> Lowered:
    """Lowers a tree. `allow_outside` lets `use` leave the script's folder. `half_defined` are names whose
    definitions could not be read: they are no further mistakes.
    """
    if not isinstance(script, Script):
        raise DtmfError(
            Diagnostic("not-text", "this is not the tree of a script", help="`parse` makes one of text")
        )
    folder = None
    if not allow_outside:
        folder = (os.path.dirname(script.source.path) if script.source.path else "") or os.curdir
    lowering = _Lowering(values, folder, half_defined)
    events: list[Event] = []
    try:
        lowering.script(script, events)
    except _Stop:
        events.clear()
    else:
        lowering.finish()
    return Lowered(Program(tuple(events)), in_order(lowering.diagnostics))


class _Stop(Exception):
    """A limit was passed; nothing after it is worth looking at."""


class _Lowering:
    """Runs a tree's statements, once each, and collects the events and all that is wrong."""

    def __init__(self, values: Values, folder: str | None, half_defined: frozenset[str]):
        self.values = values
        self.folder = folder
        self.half_defined = half_defined
        self.diagnostics: list[Diagnostic] = []
        self.noted: set[Diagnostic] = set()
        self.said: set[tuple[str, str, int]] = set()
        self.steps = self.keys_pressed = self.depth = self.serial = 0
        self.source = Source("<script>", "")
        # The files being read, by their real paths, and those that have been: their names, or None.
        self.using: list[str] = []
        self.used: dict[str, dict[str, Binding] | None] = {}
        # An unreadable file or statement may have defined anything: no name is unknown then.
        self.blind = False
        # Calls on the way, defines being looked at, and what each body defines.
        self.calls: list[tuple[Define, Span]] = []
        self.defining: list[str] = []
        self.later: dict[int, dict[str, Let | Param | Define]] = {}
        self.circular: set[str] = set()

    # Saying what is wrong

    def span(self, node: Node) -> Span:
        return Span(self.source, node.start, node.end)

    def say(self, diagnostic: Diagnostic) -> None:
        """Notes a mistake once, however often its statement is run."""
        if diagnostic in self.noted:
            return
        self.noted.add(diagnostic)
        self.said.add(_key(diagnostic.code, diagnostic.span))
        if self.calls and diagnostic.severity == "error":
            define, place = self.calls[-1]
            note = Note(f"in `{define.name.name}`, run from here", place)
            diagnostic = attrs.evolve(diagnostic, notes=(*diagnostic.notes, note))
        self.diagnostics.append(diagnostic)
        if len(self.noted) > limits.DIAGNOSTICS:
            raise _Stop

    def error(self, code: str, message: str, node: Node, help: str | None = None, *notes: Note) -> None:
        self.say(Diagnostic(code, message, self.span(node), notes, help))

    def raised(self, error: DtmfError) -> None:
        for diagnostic in error.diagnostics:
            self.say(diagnostic)

    def was_said(self, code: str, node: Node) -> bool:
        """Whether a mistake was noted already: looking for its cause again would take as long as before."""
        return _key(code, self.span(node)) in self.said

    # Limits

    def stop(self, code: str, message: str, node: Node, help: str) -> NoReturn:
        self.error(code, message, node, help)
        raise _Stop

    def step(self, node: Node, count: int = 1, keys: int = 0) -> None:
        """Counts steps and keys as they are made, before they take up memory."""
        self.steps += count
        self.keys_pressed += keys
        if self.steps > limits.STEPS:
            message = f"this script runs to more than {limits.STEPS:,} steps"
            self.stop("too-many-steps", message, node, "a `repeat` inside a `repeat` multiplies")
        if self.keys_pressed > limits.KEYS:
            message = f"this script presses more than {limits.KEYS:,} keys"
            self.stop("too-many-keys", message, node, "a `repeat` inside a `repeat` multiplies")

    def enter(self, node: Node) -> None:
        """One block or define deeper; `self.depth` is set back by whoever entered."""
        self.depth += 1
        if self.depth > limits.DEPTH:
            message = f"blocks and defines run inside one another more than {limits.DEPTH} deep here"
            self.stop("nested-too-deeply", message, node, "call fewer defines from inside others")

    # Scripts and blocks

    def script(self, script: Script, events: list[Event]) -> None:
        self.source = script.source
        if script.source.path is not None:
            self.using.append(os.path.realpath(script.source.path))
        self.block(script.body, Scope(None), 0, events)

    def finish(self) -> None:
        """What can only be said of the whole."""
        if not (self.blind or self.half_defined):
            for diagnostic in self.values.unasked():
                self.say(diagnostic)

    def block(self, body: tuple[Item, ...], scope: Scope, pace: int, events: list[Event]) -> None:
        source = self.source
        scope.body = body
        for item in body:
            match item:
                case Press():
                    tones = self.press(item, scope, pace)
                    self.step(item, 1, len(tones.keys))
                    events.append(tones)
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
                    self.bind(scope, item.name, self.held(item, self.value(item.value, scope)))
                case Param():
                    self.bind(scope, item.name, self.held(item, self.param(item, scope)))
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
        self.enter(repeat)
        pressed = self.keys_pressed
        self.block(repeat.body, Scope(scope), pace, inner)
        self.depth -= 1
        more = repeat.times - 1
        if more > 0:
            self.step(repeat, len(inner) * more, (self.keys_pressed - pressed) * more)
        events.extend(inner * repeat.times)

    def define(self, define: Define, scope: Scope) -> None:
        """Binds the name, and runs the body once with unknown values for the mistakes in it."""
        self.step(define)
        if known := scope.names.get(define.name.name):
            self.twice(define.name, known)
            return
        self.serial += 1
        closure = Closure(define, Scope(scope, self.serial), self.source)
        self.defining.append(define.name.name)
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
            way = (
                f"wait for it: `wait ${call.name}`"
                if isinstance(closure, int)
                else f"press it: `press ${call.name}`"
            )
            note = Note("it is defined here", binding.span)
            self.error("not-a-define", f"`{call.name}` is a value, not a define", call, way, note)
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
        self.enter(call)
        self.calls.append((closure.define, self.span(call)))
        source = self.source
        self.run(closure, values, pace, events)
        self.source = source
        self.calls.pop()
        self.depth -= 1

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
        if (
            self.blind
            or name in self.half_defined
            or name in self.circular
            or any(self.was_said(code, call) for code in ("recursion", "used-before-defined", "unknown-name"))
        ):
            return
        later = self.further_down(name, scope)
        circle: list[str] | None = None
        if name in self.defining:
            circle = [*self.defining[self.defining.index(name) :], name]
        elif name in later and self.defining and (path := _path(later, name, self.defining[0])):
            circle = [self.defining[0], *path]
        if circle:
            self.circular.update(circle)
            message = f"`{circle[0]}` runs itself: {' → '.join(circle)}"
            self.error("recursion", message, call, "a script must end: write the steps out, or use `repeat`")
        elif name in later:
            self.below(call, name, later[name])
        else:
            meant = closest(name, scope.visible(Closure))
            help = f"did you mean `{meant}`?" if meant else f"define it above: `define {name}() {{ … }}`"
            span = Span(self.source, call.start, call.start + len(name))
            self.say(
                Diagnostic("unknown-name", f"there is no define `{name}`", span, help=help, suggestion=meant)
            )

    def further_down(self, name: str, scope: Scope) -> dict[str, Let | Param | Define]:
        """What the nearest block around defines that defines this name at all; nothing if none does."""
        around: Scope | None = scope
        while around is not None:
            if id(around.body) not in self.later:
                self.later[id(around.body)] = _defined(around.body)
            if name in self.later[id(around.body)]:
                return self.later[id(around.body)]
            around = around.outer
        return {}

    def below(self, node: Node, name: str, definition: Let | Param | Define) -> None:
        note = Note("it is defined here", self.span(definition.name))
        self.error(
            "used-before-defined",
            f"`{name}` is defined further down",
            node,
            "move its definition up, above this",
            note,
        )

    def use(self, use: Use, scope: Scope) -> None:
        """Brings the names of another file in, which is read and looked at once."""
        self.step(use)
        span = self.span(use)
        try:
            real, name = find_used(use.path, self.source, self.folder, span)
            if real in self.using:
                chain = [*self.using[self.using.index(real) :], real]
                message = "these files use each other: " + " → ".join(map(os.path.basename, chain))
                self.error("use-circle", message, use, "move what they share into a third file")
                return
            if real not in self.used:
                self.used[real] = None
                self.used[real] = self.definitions(read_file(real, span, name), real, use)
        except DtmfError as error:
            self.raised(error)
            self.blind = True
            return
        if real in scope.files:
            return
        scope.files.add(real)
        for own, binding in (self.used[real] or {}).items():
            self.step(use)
            known = scope.names.get(own)
            if known is None:
                self.serial += 1
                scope.names[own] = Binding(binding.meaning, self.serial, binding.span)
            elif known.span != binding.span:
                notes = Note("first here", known.span), Note("again in the used file", binding.span)
                self.error(
                    "defined-twice",
                    f"`{own}` is defined already",
                    use,
                    "give one of them another name",
                    *notes,
                )

    def definitions(self, source: Source, real: str, use: Use) -> dict[str, Binding]:
        """The names that a file defines itself. Nothing else in it is run."""
        if len(self.using) >= limits.NESTING:
            self.stop(
                "nested-too-deeply", f"files use files more than {limits.NESTING} deep here", use, "use fewer"
            )
        span = self.span(use)
        script, diagnostics, half_defined = read(source)
        for diagnostic in diagnostics:
            self.say(diagnostic)
        self.half_defined |= half_defined
        before = self.source
        self.source = source
        own = _defined(script.body)
        self.using.append(real)
        for item in script.body:
            if isinstance(item, Press | Wait | Pace | Repeat | Call | Raw):
                message = "only the definitions of a used file count; this is not run"
                note, help = Note("the file is used here", span), "put it into a `define` and call that"
                self.say(Diagnostic("not-run", message, self.span(item), (note,), help, severity="warning"))
        scope = Scope(None)
        self.block(tuple(i for i in script.body if isinstance(i, Let | Param | Define | Use)), scope, 0, [])
        self.using.pop()
        self.source = before
        return {name: binding for name, binding in scope.names.items() if name in own}

    def raw(self, raw: Raw, events: list[Event]) -> None:
        self.step(raw)
        try:
            dialect = get_dialect(raw.dialect, Span(self.source, raw.end - len(raw.dialect), raw.end))
            start = self.source.text.find('"', raw.start, raw.end) + 1 or raw.start
            program = dialect.decode(raw.text, Span(self.source, start, min(start + len(raw.text), raw.end)))
        except DtmfError as error:
            self.raised(error)
            return
        self.step(raw, len(program.events), program.key_count)
        events.extend(program.events)

    def held(self, node: Node, meaning: Meaning) -> Meaning:
        """A value, counted: names that hold many keys take up as much memory as presses do."""
        self.step(node, 1, len(meaning.keys) if isinstance(meaning, Text) else 0)
        return meaning

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

    def find(self, name: Name, scope: Scope, example: str) -> Binding | None:
        """What a name in use is bound to; `example` is what it could have been defined as."""
        binding = scope.find(name.name)
        if binding or self.blind or name.name in self.half_defined:
            return binding
        if self.was_said("unknown-name", name) or self.was_said("used-before-defined", name):
            return None
        definition = self.further_down(name.name, scope).get(name.name)
        if definition and definition.start > name.start:
            self.below(name, f"${name.name}", definition)
            return None
        meant = closest(name.name, scope.visible())
        help = (
            f"did you mean `${meant}`?"
            if meant
            else (
                f"define it above: `let {name.name} = {example}`, or `param {name.name}: "
                f"{'duration' if example == '4s' else '4 digits'}` for a value from outside"
            )
        )
        suggestion = f"${meant}" if meant else None
        message = f"there is no name `${name.name}` here"
        self.say(Diagnostic("unknown-name", message, self.span(name), help=help, suggestion=suggestion))
        return None

    def time(self, time: Time, scope: Scope) -> int:
        """Milliseconds; 0 where that could not be found out."""
        if isinstance(time, Duration):
            return self.duration(time)
        binding = self.find(time, scope, "4s")
        meaning = binding.meaning if binding else None
        if isinstance(meaning, int):
            return meaning
        if binding and meaning is not None:
            self.error(
                "not-a-duration",
                f"`${time.name}` is not a duration",
                time,
                "it takes a time with its unit, such as 4s",
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
            binding = self.find(name, scope, "2#")
            if binding and isinstance(binding.meaning, Closure):
                self.error(
                    "not-keys",
                    f"`${name.name}` is a define, not a value",
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
                    for secret in text.secrets:
                        start = secret.start + length
                        if secrets and (secrets[-1].name, secrets[-1].stop) == (secret.name, start):
                            start = secrets.pop().start
                        secrets.append(Secret(secret.name, start, secret.stop + length))
                case _:
                    assert_never(part)
            texts.append(keys)
            length += len(keys)
            if length > limits.GROUP_KEYS:
                self.say(too_many_keys(length, self.span(node)))
                return Text("")
        return Text("".join(texts), tuple(secrets))

    def named_keys(self, name: Name, scope: Scope) -> Text:
        binding = self.find(name, scope, "2#")
        meaning = binding.meaning if binding else None
        if isinstance(meaning, Text):
            return meaning
        if binding and meaning is not None:
            kind = "duration" if isinstance(meaning, int) else "define"
            self.error(
                "not-keys",
                f"`${name.name}` is a {kind}, not keys",
                name,
                f"to wait that long, write `wait ${name.name}`"
                if kind == "duration"
                else f"run it with `{name.name}()`",
                Note("it is defined here", binding.span),
            )
        return Text("")

    def param(self, param: Param, scope: Scope) -> Meaning:
        default = None if param.default is None else self.value(param.default, scope)
        try:
            return self.values.of(param, default, self.span(param))
        except DtmfError as error:
            self.raised(error)
            return None

    def spelled(self, part: Spell) -> str:
        try:
            return spell(part.text)
        except NotationError as error:
            self.say(at(error, self.span(part)))
            return ""


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _key(code: str, span: Span | None) -> tuple[str, str, int]:
    """By what a mistake is known, so that it is noted once."""
    return (code, span.source.name, span.start) if span else (code, "", 0)


def _defined(body: tuple[Item, ...]) -> dict[str, Let | Param | Define]:
    """What a body defines itself."""
    return {item.name.name: item for item in body if isinstance(item, Let | Param | Define)}


def _path(later: Mapping[str, Let | Param | Define], start: str, goal: str) -> list[str] | None:
    """A chain of calls among a file's defines from one to another, both named."""
    came_from: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        define = later.get(at)
        for name in _called(define.body) if isinstance(define, Define) else ():
            if name in came_from:
                continue
            came_from[name] = at
            if name == goal:
                chain = [name]
                while chain[-1] != start:
                    chain.append(came_from[chain[-1]])
                return chain[::-1]
            waiting.append(name)
    return None


def _called(body: tuple[Item, ...]) -> list[str]:
    names: list[str] = []
    for item in body:
        if isinstance(item, Call):
            names.append(item.name)
        elif isinstance(item, Repeat | Define):
            names += _called(item.body)
    return names
