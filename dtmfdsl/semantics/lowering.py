"""A tree and its values to a program: blocks run, and every mistake of meaning is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn, TypeAlias, assert_never, cast

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, in_order
from dtmfdsl.dialects import get_dialect
from dtmfdsl.language import tree
from dtmfdsl.notation import NotationError, counted, read_duration, spell, write_duration
from dtmfdsl.program import EMPTY_CUE_HELP, Event, Pause, Program, Secret, Tones, at, too_many_keys
from dtmfdsl.semantics.names import Definition, Names
from dtmfdsl.semantics.uses import UsedFile
from dtmfdsl.semantics.values import KeyString, Meaning, NumberValue, TextValue, Values
from dtmfdsl.source import Span


@attrs.frozen(eq=False)
class Expected:
    """Where an `expect at` wants the call to be: a place of the map `phone`, after that many keys in all."""

    phone: Definition
    place: str
    span: Span
    keys: int = 0


@attrs.frozen(eq=False)
class Lowered:
    """The program that a script means, as far as it could be found out, and all that is wrong with it.

    `expected` is what each `expect at` says, in order: it plays nothing, and so is no part of the program.
    """

    program: Program
    diagnostics: tuple[Diagnostic, ...]
    expected: tuple[Expected, ...] = ()

    def valid(self) -> Lowered:
        """Itself. Raises DtmfError with all of the diagnostics if there is an error among them."""
        if any(diagnostic.severity == "error" for diagnostic in self.diagnostics):
            raise DtmfError(self.diagnostics)
        return self


Step: TypeAlias = Event | Expected


def lower(names: Names, values: Values) -> Lowered:
    """Runs a script whose names are resolved, with these values.

    The mistakes of syntax, of names and of meaning are reported together, in order.
    """
    if names.parsed.diagnostics:
        values = values.pretending()
    lowering = _Lowering(names, values)
    run: list[Step] = []
    try:
        if len(names.diagnostics) <= limits.DIAGNOSTICS:
            lowering.block(names.script.body, 0, run)
            lowering.finish(run)
    except _Stop:
        run.clear()
    events, expected = _apart(run) if lowering.expecting else (cast("list[Event]", run), ())
    found = in_order([*names.parsed.diagnostics, *names.diagnostics, *lowering.diagnostics])
    return Lowered(
        Program(
            _between_presses(events) if lowering.paced else tuple(events),
            lowering.number or None,
            lowering.hang_up is not None,
        ),
        found,
        expected,
    )


def _apart(steps: list[Step]) -> tuple[list[Event], tuple[Expected, ...]]:
    """The events alone, and what is expected between them, with the number of keys before it."""
    events: list[Event] = []
    expected: list[Expected] = []
    keys = 0
    for step in steps:
        if isinstance(step, Expected):
            expected.append(attrs.evolve(step, keys=keys))
        else:
            events.append(step)
            keys += len(step.keys) if isinstance(step, Tones) else 0
    return events, tuple(expected)


_OTHERS: Mapping[type, tuple[str, str]] = {
    int: ("a duration", "to wait that long, write `wait"),
    TextValue: ("a text", "to press its letters on the keypad, write `press spell"),
    NumberValue: ("a number to call", "to call it, write `call"),
}
"""What a value is that is not keys, and what to do with its name."""


def _between_presses(events: list[Event]) -> tuple[Event, ...]:
    """Events without the gaps of `pace` that are not between two presses, with nothing else between."""
    kept: list[Event] = []
    after_press = False
    for event in events:
        if isinstance(event, Tones):
            after_press = after_press or bool(event.keys)
        elif not event.paced:
            after_press = False
        elif not after_press:
            continue
        kept.append(event)
    return tuple(kept)


def _has_names(parts: tuple[tree.Part, ...]) -> bool:
    return any(
        isinstance(part, tree.Name) or isinstance(getattr(part, "text", ""), tree.Name) for part in parts
    )


_NO_VALUES: Mapping[type, tuple[str, str]] = {
    tree.Define: ("a define", "run it with `{}()`"),
    tree.Phone: ("a phone map", "its places stand after `expect at`: `expect at {}.main`"),
}
"""What a name is that has no value at all, and what to do with it."""


class _Stop(Exception):
    """A limit was exceeded; nothing after it is worth looking at."""


class _Lowering:
    """Runs a tree's statements, and collects the events and all that is wrong."""

    def __init__(self, names: Names, values: Values):
        self.names = names
        self.values = values
        self.source = names.script.source
        # What each definition means now. A define cannot run inside itself, so one value each is enough.
        self.meanings: dict[Definition, Meaning] = {}
        self.used: set[UsedFile] = set()
        self.calls: list[tuple[tree.Define, Span]] = []
        self.statements = self.keys_pressed = self.depth = self.repeating = 0
        # The number to call, or "" if it is unknown; the `hang up` that was run, and how many events before.
        self.number: str | None = None
        self.hang_up: tuple[Span, int] | None = None
        self.paced = self.expecting = False
        self.diagnostics: list[Diagnostic] = []
        self.reported: set[Diagnostic] = set()

    # Mistakes

    def span(self, node: tree.Node) -> Span:
        return Span(self.source, node.start, node.end)

    def report(self, diagnostic: Diagnostic) -> None:
        """Reports a mistake once, however often its statement is run."""
        if diagnostic in self.reported:
            return
        self.reported.add(diagnostic)
        if self.calls and diagnostic.severity == "error":
            define, place = self.calls[-1]
            note = Note(f"in `{define.name.name}`, run from here", place)
            diagnostic = attrs.evolve(diagnostic, notes=(*diagnostic.notes, note))
        self.diagnostics.append(diagnostic)
        if len(self.reported) > limits.DIAGNOSTICS:
            raise _Stop

    def error(self, code: str, message: str, node: tree.Node, help: str | None = None, *notes: Note) -> None:
        self.report(Diagnostic(code, message, self.span(node), notes, help))

    def warn(self, code: str, message: str, node: tree.Node, help: str) -> None:
        self.report(Diagnostic(code, message, self.span(node), help=help, severity="warning"))

    def report_all(self, error: DtmfError) -> None:
        for diagnostic in error.diagnostics:
            self.report(diagnostic)

    # Limits

    def stop(self, code: str, message: str, node: tree.Node, help: str) -> NoReturn:
        self.error(code, message, node, help)
        raise _Stop

    def count(self, node: tree.Node, statements: int = 1, keys: int = 0) -> None:
        """Counts statements and keys as they are made, before they take up memory."""
        self.statements += statements
        self.keys_pressed += keys
        if self.statements > limits.STATEMENTS:
            message = f"this script runs to more than {limits.STATEMENTS:,} steps"
            self.stop("too-many-steps", message, node, "a `repeat` inside a `repeat` multiplies")
        if self.keys_pressed > limits.KEYS:
            message = f"this script presses more than {limits.KEYS:,} keys"
            self.stop("too-many-keys", message, node, "a `repeat` inside a `repeat` multiplies")

    def enter(self, node: tree.Node) -> None:
        """One block or define deeper; `self.depth` is set back by whoever entered."""
        self.depth += 1
        if self.depth > limits.DEPTH:
            message = f"blocks and defines run inside one another more than {limits.DEPTH} deep here"
            self.stop("nested-too-deeply", message, node, "call fewer defines from inside others")

    def finish(self, events: list[Step]) -> None:
        """Reports what can only be known at the end."""
        self.check_end(events)
        if self.names.complete:
            for diagnostic in self.values.unasked():
                self.report(diagnostic)

    # Blocks and statements

    def block(self, body: tuple[tree.Item, ...], pace: int, events: list[Step]) -> None:
        source = self.source
        for item in body:
            match item:
                case tree.Press():
                    tones = self.press(item, pace)
                    self.count(item, 1, len(tones.keys))
                    if pace and tones.keys and (item.every is None or tones.every_ms):
                        self.count(item)
                        self.paced = True
                        events.append(Pause(pace, paced=True, source=source, start=item.start, end=item.end))
                    events.append(tones)
                case tree.Wait():
                    self.count(item)
                    ms = self.time(item.time)
                    cue = None if item.cue is None else self.cue(item, item.cue)
                    events.append(Pause(ms, cue, source=source, start=item.start, end=item.end))
                case tree.Comment() | tree.Blank():
                    pass
                case tree.Repeat():
                    self.repeat(item, pace, events)
                case tree.Call():
                    self.call(item, pace, events)
                case tree.Pace():
                    pace = self.time(item.time)
                case tree.Let():
                    self.bind(item, item.name, self.value(item.value))
                case tree.Param():
                    self.bind(item, item.name, self.param(item))
                case tree.Define():
                    self.define(item)
                case tree.Use():
                    self.use(item)
                case tree.Raw():
                    self.raw(item, events)
                case tree.Dial():
                    self.dial(item, events)
                case tree.HangUp():
                    self.end(item, events)
                case tree.Phone():
                    pass
                case tree.Expect():
                    self.expect(item, events)
                case tree.GoTo():
                    self.go_to(item)
                case _:
                    assert_never(item)

    def press(self, press: tree.Press, pace: int) -> Tones:
        every = pace if press.every is None else self.time(press.every)
        text = self.keys(press.parts, press)
        if every and len(text.keys) == 1 and press.every is not None and not _has_names(press.parts):
            message = "`every` does nothing here: it is for the time between the keys of one `press`"
            help = (
                f"for time before the next `press`, write `pace {write_duration(every)}` above, or a `wait`"
            )
            self.warn("useless-every", message, press.every, help)
        return Tones(
            text.keys,
            every,
            None if press.label is None else self.sentence(press.label),
            text.secrets,
            source=self.source,
            start=press.start,
            end=press.end,
        )

    def repeat(self, repeat: tree.Repeat, pace: int, events: list[Step]) -> None:
        inner: list[Step] = []
        self.count(repeat)
        self.enter(repeat)
        pressed = self.keys_pressed
        self.repeating += 1
        self.block(repeat.body, pace, inner)
        self.repeating -= 1
        self.depth -= 1
        more = repeat.times - 1
        if more > 0:
            self.count(repeat, len(inner) * more, (self.keys_pressed - pressed) * more)
        events.extend(inner * repeat.times)

    def define(self, define: tree.Define) -> None:
        """Runs the body once with unknown values, for the mistakes in it."""
        self.count(define)
        if self.names.meant(define.name):
            outside = self.number, self.hang_up, self.repeating
            self.number, self.hang_up, self.repeating = None, None, 0
            events: list[Step] = []
            self.run(define, (None,) * len(define.parameters), 0, events)
            self.check_end(events)
            self.number, self.hang_up, self.repeating = outside

    def call(self, call: tree.Call, pace: int, events: list[Step]) -> None:
        self.count(call, 4)
        values = tuple(self.value(value) for value in call.arguments)
        definition = self.names.meant(call)
        if definition is None:
            return
        define, note = definition.node, Note("it is defined here", definition.span)
        if not isinstance(define, tree.Define):
            meaning = self.meanings.get(definition)
            if isinstance(define, tree.Phone):
                message, (_, help) = f"`{call.name}` is a phone map, not a define", _NO_VALUES[tree.Phone]
                self.error("not-a-define", message, call, help.format(call.name), note)
            elif meaning is not None:
                way = "wait for it: `wait" if isinstance(meaning, int) else "press it: `press"
                if isinstance(meaning, TextValue | NumberValue):
                    _, way = _OTHERS[type(meaning)]
                message = f"`{call.name}` is a value, not a define"
                self.error("not-a-define", message, call, f"{way} ${call.name}`", note)
            return
        if len(values) != len(define.parameters):
            message = (
                f"`{call.name}` takes {counted(len(define.parameters), 'value')}, and "
                f"{counted(len(values), 'value')} {'is' if len(values) == 1 else 'are'} given"
            )
            self.error("wrong-count", message, call, None, note)
            return
        self.enter(call)
        self.calls.append((define, self.span(call)))
        source, self.source = self.source, definition.source
        self.run(define, values, pace, events)
        self.source = source
        self.calls.pop()
        self.depth -= 1

    def run(self, define: tree.Define, values: tuple[Meaning, ...], pace: int, events: list[Step]) -> None:
        for name, value in zip(define.parameters, values, strict=True):
            if definition := self.names.meant(name):
                self.meanings[definition] = value
        self.block(define.body, pace, events)

    def use(self, use: tree.Use) -> None:
        """Runs the definitions of a used file, at its first use."""
        self.count(use)
        file = self.names.uses.of(use, self.source)
        if isinstance(file, UsedFile) and file not in self.used:
            self.used.add(file)
            source, self.source = self.source, file.parsed.script.source
            self.block(file.definitions, 0, [])
            self.source = source

    def raw(self, raw: tree.Raw, events: list[Step]) -> None:
        self.count(raw)
        try:
            dialect = get_dialect(raw.dialect, Span(self.source, raw.end - len(raw.dialect), raw.end))
            start = self.source.text.find('"', raw.start, raw.end) + 1 or raw.start
            place = Span(self.source, start, min(start + len(raw.text), raw.end))
            program = dialect.decode(raw.text, place)
        except DtmfError as error:
            self.report_all(error)
            return
        for found in dialect.left_out(raw.text, place):
            self.report(found)
        self.count(raw, len(program.events), program.key_count)
        if program.number is not None:
            self.number_at(raw, program.number, events)
        # Nothing is added before or after the string: it is what the author asked for.
        events.extend((Pause(0), *program.events, Pause(0)))

    def dial(self, dial: tree.Dial, events: list[Step]) -> None:
        """The number to call. It stands before everything that plays, and once."""
        self.count(dial)
        self.number_at(dial, self.number_of(dial.number), events)

    def number_at(self, dial: tree.Dial | tree.Raw, number: str, events: list[Step]) -> None:
        """A statement says which number to call."""
        if self.repeating:
            help = "write `call` once, as the first step of the script"
            self.error("call-repeated", "a number is called once, and not in a `repeat`", dial, help)
        elif self.number is not None:
            help = "keep one; a second number is a script of its own"
            self.error("second-call", "this script calls a number already", dial, help)
        elif events:
            notes = [Note("this comes before it", span)] if (span := events[0].span) else []
            message = "`call` comes after something that was played"
            self.error("call-not-first", message, dial, "write `call` before all presses and waits", *notes)
        else:
            self.number = number

    def number_of(self, number: tree.Number | tree.Name) -> str:
        if isinstance(number, tree.Number):
            return number.number
        definition, meaning = self.of(number)
        if isinstance(meaning, NumberValue):
            return meaning.number
        if isinstance(meaning, KeyString) and meaning.keys.isdigit() and not meaning.secrets:
            return meaning.keys
        if definition and (meaning is not None or type(definition.node) in _NO_VALUES):
            help = "it takes digits that are no secret, such as `param to: number`"
            note = Note("it is defined here", definition.span)
            self.error("bad-number", f"`${number.name}` is not a number to call", number, help, note)
        return ""

    def end(self, item: tree.HangUp, events: list[Step]) -> None:
        """`hang up`; `check_end` sees whether it was the last thing that was run."""
        self.count(item)
        if self.repeating:
            help = "write `hang up` once, as the last line of the script"
            self.error("call-repeated", "a call ends once, and not in a `repeat`", item, help)
        elif self.hang_up:
            self.not_last(self.hang_up[0], self.span(item))
        else:
            self.hang_up = self.span(item), len(events)

    def check_end(self, events: list[Step]) -> None:
        """Reports a `hang up` that something was played after."""
        if self.hang_up and len(events) > self.hang_up[1]:
            self.not_last(self.hang_up[0], events[self.hang_up[1]].span)

    def not_last(self, hang_up: Span, next_step: Span | None) -> None:
        message, note = "`hang up` is not the last step", Note("this comes after it", next_step)
        self.report(Diagnostic("hang-up-not-last", message, hang_up, (note,), "move it to the end"))

    def expect(self, expect: tree.Expect, events: list[Step]) -> None:
        """`expect at`. What is not in a map has been reported already."""
        self.count(expect)
        phone = self.names.meant(expect.place)
        if phone and self.names.meant(expect.place.name):
            self.expecting = True
            events.append(Expected(phone, expect.place.name.name, self.span(expect)))

    def go_to(self, go_to: tree.GoTo) -> None:
        """`go to`, which has no way yet. What is not in a map has been reported already."""
        self.count(go_to)
        if self.names.meant(go_to.place.name):
            message = "the way to a place cannot be worked out yet"
            help = "write its presses and waits, and `expect at` the place after them"
            self.error("cannot-route", message, go_to, help)

    # Names and values

    def bind(self, item: tree.Let | tree.Param, name: tree.Name, meaning: Meaning) -> None:
        # Names that hold many keys take up as much memory as presses do.
        self.count(item, 1, len(meaning.keys) if isinstance(meaning, KeyString) else 0)
        if definition := self.names.meant(name):
            self.meanings[definition] = meaning

    def of(self, name: tree.Name) -> tuple[Definition | None, Meaning]:
        """What a name in use refers to, if it is known, and what that means now."""
        definition = self.names.meant(name)
        return definition, self.meanings.get(definition) if definition else None

    def time(self, time: tree.Time) -> int:
        """Milliseconds; 0 where they could not be found out."""
        if isinstance(time, tree.Duration):
            return self.duration(time)
        definition, meaning = self.of(time)
        if isinstance(meaning, int):
            return meaning
        if definition and (meaning is not None or type(definition.node) in _NO_VALUES):
            message, help = f"`${time.name}` is not a duration", "it takes a time with its unit, such as 4s"
            self.error("not-a-duration", message, time, help, Note("it is defined here", definition.span))
        return 0

    def duration(self, duration: tree.Duration) -> int:
        if duration.text[-1] == "m" and re.fullmatch("[0-9]{3,}m", duration.text):
            message = f"`{duration.text}` is {duration.text[:-1]} minutes"
            self.warn("many-minutes", message, duration, f"for milliseconds, write `{duration.text}s`")
        try:
            return read_duration(duration.text)
        except NotationError as error:
            self.report(at(error, self.span(duration)))
            return 0

    def value(self, value: tree.Value) -> Meaning:
        """The value of a `let`, a default or an argument; a name alone keeps what it stands for."""
        match value:
            case tree.Duration():
                return self.duration(value)
            case tree.Text():
                return TextValue(value.text)
            case tree.Number():
                return NumberValue(value.number)
        if len(value) == 1 and isinstance(name := value[0], tree.Name):
            definition, meaning = self.of(name)
            if definition and (known := _NO_VALUES.get(type(definition.node))):
                self.not_keys(name, definition, f"{known[0]}, not a value", known[1].format(name.name))
            return meaning
        for part in value:
            spelled = part.text if isinstance(part, tree.Spell) else part
            if isinstance(spelled, tree.Name) and self.unknown(spelled):
                return None
        return self.keys(value, value[0])

    def unknown(self, name: tree.Name) -> bool:
        """Whether a name stands for something unknown, such as a define's parameter."""
        definition, meaning = self.of(name)
        return definition is not None and meaning is None and type(definition.node) not in _NO_VALUES

    def keys(self, parts: tuple[tree.Part, ...], node: tree.Node) -> KeyString:
        """The keys of one group, in order."""
        if len(parts) == 1 and isinstance(part := parts[0], tree.Keys):
            keys = part.keys
            if keys != part.text:
                self.check_written(part, alone=True)
            if len(keys) > limits.GROUP_KEYS:
                self.report(too_many_keys(len(keys), self.span(part)))
            return KeyString(keys)
        texts: list[str] = []
        secrets: list[Secret] = []
        length = 0
        for part in parts:
            match part:
                case tree.Keys():
                    text = KeyString(part.keys)
                    if text.keys != part.text:
                        self.check_written(part, after=bool(texts))
                case tree.Spell():
                    text = self.spelled(part)
                case tree.Name():
                    text = self.named_keys(part)
                case _:
                    assert_never(part)
            for secret in text.secrets:
                start = secret.start + length
                if secrets and (secrets[-1].name, secrets[-1].stop) == (secret.name, start):
                    start = secrets.pop().start
                secrets.append(Secret(secret.name, start, secret.stop + length))
            keys = text.keys
            texts.append(keys)
            length += len(keys)
            if length > limits.GROUP_KEYS:
                self.report(too_many_keys(length, self.span(node)))
                return KeyString("")
        return KeyString("".join(texts), tuple(secrets))

    def check_written(self, part: tree.Keys, *, alone: bool = False, after: bool = False) -> None:
        """Warns of keys that read as something else: a range, a decimal, a comment.

        `alone` says that they are all keys of their press, `after` that other keys are before them.
        """
        text = part.text
        if alone and re.fullmatch(r"[0-9A-D] ?- ?[0-9A-D]|[0-9]\.[0-9]", text):
            message = f"`{text}` presses two keys: {part.keys[0]} and {part.keys[1]}"
            help = f"if that is meant, write `{part.keys}`"
            self.warn("looks-like-range", message, part, help)
        elif found := re.search(r" # (?=[0-9A-D(])" if not after else r"(?:^| )# (?=[0-9A-D(])", text):
            rest = text[found.end() :]
            help = f"a comment is `// {rest}`; for the keys, write `{part.keys}`"
            self.warn("key-or-comment", f"`#` and `{rest}` are pressed: is this a comment?", part, help)

    def named_keys(self, name: tree.Name) -> KeyString:
        definition, meaning = self.of(name)
        if isinstance(meaning, KeyString):
            return meaning
        if definition and meaning is not None:
            what, how = _OTHERS[type(meaning)]
            self.not_keys(name, definition, f"{what}, not keys", f"{how} ${name.name}`")
        elif definition and (known := _NO_VALUES.get(type(definition.node))):
            self.not_keys(name, definition, f"{known[0]}, not keys", known[1].format(name.name))
        return KeyString("")

    def not_keys(self, name: tree.Name, definition: Definition, what: str, help: str) -> None:
        note = Note("it is defined here", definition.span)
        self.error("not-keys", f"`${name.name}` is {what}", name, help, note)

    def param(self, param: tree.Param) -> Meaning:
        default = None if param.default is None else self.value(param.default)
        try:
            needed = self.names.meant(param.name) in self.names.reached
            return self.values.of(param, default, self.span(param), needed=needed)
        except DtmfError as error:
            self.report_all(error)
            return None

    def spelled(self, part: tree.Spell) -> KeyString:
        """The keys of letters, which are secret if the letters are."""
        text = TextValue(part.text) if isinstance(part.text, str) else self.named_text(part.text)
        if text is None:
            return KeyString("")
        try:
            keys = spell(text.text)
        except NotationError as error:
            self.report(at(error, self.span(part)))
            return KeyString("")
        return KeyString(keys, (Secret(text.secret, 0, len(keys)),) if text.secret else ())

    def cue(self, wait: tree.Wait, written: tree.Sentence) -> str | None:
        cue = self.sentence(written)
        if cue is not None and not cue.strip():
            self.error("empty-cue", "this cue is empty", wait, EMPTY_CUE_HELP)
            return None
        return cue

    def sentence(self, written: tree.Sentence) -> str | None:
        """A label or a cue; None where a mistake leaves it unknown."""
        if isinstance(written, str):
            return written
        text = self.named_text(written)
        if text and text.secret:
            message, help = f"`${written.name}` is a secret, and this text is shown", "use a text of its own"
            self.error("not-a-text", message, written, help)
            return None
        return text.text if text else None

    def named_text(self, name: tree.Name) -> TextValue | None:
        definition, meaning = self.of(name)
        if isinstance(meaning, TextValue):
            return meaning
        if definition and (meaning is not None or type(definition.node) in _NO_VALUES):
            known = _NO_VALUES.get(type(definition.node)) or _OTHERS.get(type(meaning), ("keys", ""))
            note, help = Note("it is defined here", definition.span), "a text stands in double quotes"
            self.error("not-a-text", f"`${name.name}` is {known[0]}, not a text", name, help, note)
        return None
