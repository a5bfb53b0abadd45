"""Every name of a script: where it is defined, and what each use of it refers to.

A name is visible from its definition on, in its block and the blocks inside, so that what a use refers to
can be read off the text, without running anything.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias, assert_never

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note, Severity, closest, did_you_mean
from dtmfdsl.language import tree
from dtmfdsl.language.formatter import to_text
from dtmfdsl.language.parser import Parsed, parse
from dtmfdsl.language.verbs import AGAIN, HANG_UP
from dtmfdsl.semantics.uses import UsedFile, Uses
from dtmfdsl.source import Source, Span

Definer: TypeAlias = tree.Let | tree.Param | tree.Define | tree.Phone
Place: TypeAlias = tree.Menu | tree.End
Scope: TypeAlias = "dict[str, Definition]"


@attrs.frozen(eq=False, repr=False)
class Definition:
    """One definition: by a `let`, `param`, `secret`, `define` or `phone`, or as a define's parameter.

    That parameter is a `Name`. The menus and ends of a map are definitions too.
    """

    written: tree.Name
    node: Definer | Place | tree.Name
    source: Source

    @property
    def name(self) -> str:
        return self.written.name

    @property
    def span(self) -> Span:
        """The name, where it is defined."""
        return Span(self.source, self.written.start, self.written.end)


@attrs.frozen(eq=False, repr=False)
class Reference:
    """A name in use, and what it refers to. `span` is the name, with its `$` if it has one."""

    span: Span
    definition: Definition


@attrs.frozen(eq=False, repr=False)
class Names:
    """A script, read with all that it uses, and what every name in it refers to.

    `complete` tells whether all of it could be read: else what is missing may define any name. `params` are
    the `param`s and `secret`s that ask for a value, by name. `reached` is what the script's own statements
    use, and the defines that they call, and so on: only what is among them needs a value.
    """

    parsed: Parsed
    uses: Uses
    definitions: tuple[Definition, ...]
    diagnostics: tuple[Diagnostic, ...]
    complete: bool
    reached: frozenset[Definition]
    _meant: Mapping[int, Definition]
    _used: Sequence[tuple[Source, int, int, Definition]]

    @property
    def script(self) -> tree.Script:
        return self.parsed.script

    @property
    def references(self) -> list[Reference]:
        """Every use of a name, in the order in which they were met."""
        return [Reference(Span(source, start, end), meant) for source, start, end, meant in self._used]

    @property
    def params(self) -> dict[str, tree.Param]:
        return {param.name.name: param for param in self.declared}

    @property
    def declared(self) -> list[tree.Param]:
        """Every `param` and `secret`; more than one may have the same name, in blocks of their own."""
        return [each.node for each in self.definitions if isinstance(each.node, tree.Param)]

    def meant(self, node: tree.Node) -> Definition | None:
        """What a `Name` or `Call` of the tree refers to, or what a name that is being defined defines.

        A `Place` refers to its map, and the name in it to the menu or end.
        None for what is defined nowhere, or a second time in its block.
        """
        return self._meant.get(id(node))

    def at(self, source: Source, offset: int) -> Definition | None:
        """What the name at an offset of a source refers to or defines; None where there is no name."""
        places = [(each.span, each.definition) for each in self.references]
        places += [(each.span, each) for each in self.definitions]
        for span, definition in places:
            if span.source == source and span.start <= offset < span.end:
                return definition
        return None


def resolve(parsed: Parsed, uses: Uses) -> Names:
    """Finds out what every name of a script refers to. What is wrong is part of the result."""
    resolver = _Resolver(uses, parsed)
    try:
        resolver.block(parsed.script.body)
    except _Shared:
        # A tree that was built by hand may hold one node in two places. Its text has two.
        source = attrs.evolve(parsed.script.source, text=to_text(parsed.script))
        return resolve(Parsed(parse(source)), uses)
    except _Stop:
        resolver.blind = True
    return Names(
        parsed,
        uses,
        tuple(resolver.definitions),
        tuple(resolver.diagnostics),
        not (resolver.blind or resolver.half_defined),
        resolver.reached(),
        resolver.meant,
        resolver.used,
    )


_KINDS = {"2": "4 digits", "4": "duration", '"': "text", "+": "number"}
"""What a value from outside would be, by the first character of an example."""


class _Stop(Exception):
    """A limit was exceeded; nothing after it is worth looking at."""


class _Shared(Exception):
    """One node stands in two places where it refers to two things."""


@attrs.define(eq=False, repr=False)
class _Block:
    """A block that is being walked: what is written in it, the names it has so far, and the files it uses."""

    body: tuple[tree.Item, ...] = ()
    names: Scope = attrs.field(factory=dict)
    phones: Scope = attrs.field(factory=dict)
    files: set[UsedFile] = attrs.field(factory=set)


class _Resolver:
    """Walks a tree in the order of its text, block by block."""

    def __init__(self, uses: Uses, parsed: Parsed):
        self.uses = uses
        self.source = parsed.script.source
        self.half_defined = parsed.half_defined
        # Faults of a map are looked for only where all of its lines could be read.
        self.whole = not parsed.diagnostics
        # A file that cannot be read may define any name.
        self.blind = False
        self.meant: dict[int, Definition] = {}
        # The menus and ends of each map.
        self.places: dict[Definition, Scope] = {}
        self.definitions: list[Definition] = []
        self.used: list[tuple[Source, int, int, Definition]] = []
        # What the statements outside all definitions use, and what each definition uses.
        self.using: list[Definition] = []
        self.used_by_statements = self.using
        self.used_by: dict[int, list[Definition]] = {}
        self.diagnostics: list[Diagnostic] = []
        self.blocks: list[_Block] = []
        self.defined_by: dict[int, dict[str, Definer]] = {}
        # The defines around, and the names that are known to run themselves.
        self.defining: list[str] = []
        self.circular: set[str] = set()
        self.exports: dict[UsedFile, Scope] = {}
        self.brought_in = 0

    # Mistakes

    def report(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) > limits.DIAGNOSTICS:
            raise _Stop

    def error(self, code: str, message: str, span: Span, help: str, *notes: Note) -> None:
        self.report(Diagnostic(code, message, span, notes, help))

    def span(self, node: tree.Node) -> Span:
        return Span(self.source, node.start, node.end)

    # Blocks and statements

    def block(self, body: tuple[tree.Item, ...]) -> Scope:
        """Walks a block, and returns the names that it defines or brings in."""
        block = _Block(body)
        self.blocks.append(block)
        for item in body:
            match item:
                case tree.Press():
                    if len(item.parts) > 1 or not isinstance(item.parts[0], tree.Keys):
                        self.parts(item.parts)
                    if isinstance(item.every, tree.Name):
                        self.look_up(item.every, "4s")
                    if item.label is not None:
                        self.sentence(item.label, item)
                case tree.Wait() | tree.Pace():
                    if isinstance(item.time, tree.Name):
                        self.look_up(item.time, "4s")
                    if isinstance(item, tree.Wait) and item.cue is not None:
                        self.sentence(item.cue, item)
                case tree.Comment() | tree.Blank() | tree.Raw() | tree.HangUp():
                    pass
                case tree.Dial():
                    if isinstance(item.number, tree.Name):
                        self.look_up(item.number, "+1 800 555 0199")
                case tree.Repeat():
                    self.block(item.body)
                case tree.Call():
                    self.call(item)
                case tree.Let():
                    with self.defining_with(item):
                        self.value(item.value)
                    self.define(item.name, item)
                case tree.Param():
                    if item.default is not None:
                        with self.defining_with(item):
                            self.value(item.default)
                    self.define(item.name, item)
                case tree.Define():
                    self.body_of(item)
                case tree.Use():
                    self.use(item)
                case tree.Phone():
                    self.phone(item)
                case tree.Expect():
                    self.place(item.place, item)
                case tree.GoTo():
                    for value in item.values:
                        self.value(value)
                    self.place(item.place, item)
                case _:
                    assert_never(item)
        self.blocks.pop()
        return block.names

    def value(self, value: tree.Value) -> None:
        match value:
            case tree.Text():
                self.sentence(value.text, value)
            case tuple():
                self.parts(value)
            case tree.Duration() | tree.Number():
                pass
            case _:
                assert_never(value)

    def parts(self, parts: tuple[tree.Part, ...]) -> None:
        for part in parts:
            match part:
                case tree.Name():
                    self.look_up(part, "2#")
                case tree.Spell(tree.Name() as name):
                    self.look_up(name, '"Smith"')
                case tree.Keys() | tree.Spell():
                    pass
                case _:
                    assert_never(part)

    def sentence(self, text: tree.Sentence, node: tree.Node) -> None:
        """A label, a cue or another text, which stands in `node`."""
        if isinstance(text, tree.Name):
            self.look_up(text, '"enter your PIN"')
        elif "$" in text:
            for found in re.finditer(r"\$([a-z][a-z0-9_]*)", text):
                if any(found[1] in block.names for block in self.blocks):
                    self.in_quotes(found[0], node)

    def in_quotes(self, name: str, node: tree.Node) -> None:
        start = self.source.text.find(name, node.start, node.end)
        span = self.span(node) if start < 0 else Span(self.source, start, start + len(name))
        message = f"`{name}` in quotes is text, and not the value of that name"
        help = f"for the value, write `for {name}`; there is no way to put it into a longer text"
        self.report(Diagnostic("name-in-quotes", message, span, help=help, severity="warning"))

    @contextmanager
    def defining_with(self, node: Definer) -> Iterator[None]:
        """What is used inside, a definition uses."""
        outside, self.using = self.using, []
        self.used_by[id(node)] = self.using
        yield
        self.using = outside

    def reached(self) -> frozenset[Definition]:
        """What the script uses when it runs, directly or by what that uses."""
        reached: set[Definition] = set()
        waiting = list(self.used_by_statements)
        while waiting:
            if (definition := waiting.pop()) not in reached:
                reached.add(definition)
                waiting += self.used_by.get(id(definition.node), ())
        return frozenset(reached)

    def body_of(self, define: tree.Define) -> None:
        """Looks through a define's body, and then defines its name: a define cannot run itself."""
        if known := self.blocks[-1].names.get(define.name.name):
            self.twice(define.name, known)
            return
        self.defining.append(define.name.name)
        self.blocks.append(_Block())
        for parameter in define.parameters:
            self.define(parameter, parameter)
        with self.defining_with(define):
            self.block(define.body)
        self.blocks.pop()
        self.defining.pop()
        self.define(define.name, define)

    def use(self, use: tree.Use) -> None:
        """Brings in the names that another file defines itself."""
        found = self.uses.of(use, self.source)
        if isinstance(found, DtmfError):
            for diagnostic in found.diagnostics:
                self.report(diagnostic)
            self.blind = True
            return
        block = self.blocks[-1]
        if found in block.files:
            return
        block.files.add(found)
        if found not in self.exports:
            self.exports[found] = self.exported(found)
        for name, definition in self.exports[found].items():
            self.brought_in += 1
            if self.brought_in > limits.STATEMENTS:
                message = f"this script brings in more than {limits.STATEMENTS:,} names"
                self.error("too-many-steps", message, self.span(use), "use a file once, above all blocks")
                raise _Stop
            known = block.names.setdefault(name, definition)
            if definition in self.places:
                block.phones[name] = definition
            if known is not definition:
                self.error(
                    "defined-twice",
                    f"`{name}` is defined already",
                    self.span(use),
                    "give one of them another name",
                    Note("first here", known.span),
                    Note("again in the used file", definition.span),
                )

    def exported(self, file: UsedFile) -> Scope:
        """The names that a file defines itself. It sees nothing of the script that uses it."""
        for diagnostic in file.diagnostics:
            self.report(diagnostic)
        self.half_defined |= file.parsed.half_defined
        outside = self.source, self.blocks, self.defining, self.whole
        self.source, self.blocks, self.defining = file.parsed.script.source, [], []
        self.whole = not file.parsed.diagnostics
        names = self.block(file.definitions)
        self.source, self.blocks, self.defining, self.whole = outside
        own = _defined(file.parsed.script.body)
        return {name: definition for name, definition in names.items() if name in own}

    # Maps of phone menus

    def phone(self, phone: tree.Phone) -> None:
        """Reads a map, defines its name and its places, and looks up where its menus lead."""
        # Most scripts have no map, and importing what reads one is a twentieth of a short run.
        from dtmfdsl.phone.faults import faults
        from dtmfdsl.phone.reading import read_map

        self.define(phone.name, phone)
        found = read_map(phone, self.source)
        wrong = len(self.diagnostics)
        for diagnostic in found.diagnostics:
            self.report(diagnostic)
        self.blocks.append(_Block())
        for item in phone.body:
            if isinstance(item, tree.Menu | tree.End):
                if item.name.name == AGAIN:
                    message = f"`{AGAIN}` is a word of a map, and no name of a place"
                    self.error("bad-name", message, self.span(item.name), "choose another name")
                self.define(item.name, item)
        for item in phone.body:
            for line in item.body if isinstance(item, tree.Menu) else ():
                if isinstance(line, tree.Entry | tree.OnSilence | tree.OnWrongKeys | tree.After):
                    self.target(line.target, phone.name.name)
        if self.whole and len(self.diagnostics) == wrong:
            for diagnostic in faults(found.map):
                self.report(diagnostic)
        places = self.blocks.pop().names
        if definition := self.meant.get(id(phone.name)):
            self.places[definition] = places
            self.blocks[-1].phones[definition.name] = definition

    def target(self, name: tree.Name, phone: str) -> None:
        """Where a menu leads: a place of the innermost block, which is the map."""
        places = self.blocks[-1].names
        if definition := places.get(name.name):
            self.mean(name, definition)
            self.used.append((self.source, name.start, name.end, definition))
        elif name.name not in (AGAIN, HANG_UP) and not self.may_be_defined(name.name):
            self.no_place(name, phone, (*places, AGAIN))

    def place(self, place: tree.Place, node: tree.Expect | tree.GoTo) -> None:
        """A place in use. With one map in sight, the map's name may be left out."""
        maps = {name: definition for block in self.blocks for name, definition in block.phones.items()}
        phone = place.phone.name if place.phone else next(iter(maps), "") if len(maps) == 1 else ""
        if definition := maps.get(phone):
            self.mean(place, definition)
            self.using.append(definition)
            if place.phone:
                self.used.append((self.source, place.phone.start, place.phone.end, definition))
            if found := self.places[definition].get(place.name.name):
                self.mean(place.name, found)
                self.used.append((self.source, place.name.start, place.name.end, found))
            elif not self.may_be_defined(place.name.name):
                self.no_place(place.name, phone, self.places[definition])
        elif self.blind or self.half_defined:
            return
        elif not maps:
            message = "there is no map of a phone line here, so this is not checked"
            severity: Severity = "warning" if isinstance(node, tree.Expect) else "error"
            help = 'bring one in above, such as `use "acme.dtmf"`'
            self.report(Diagnostic("no-map", message, self.span(node), help=help, severity=severity))
        elif place.phone:
            message = f"there is no map `{phone}` here"
            otherwise = f"the maps here are {', '.join(f'`{name}`' for name in maps)}"
            self.unknown(self.span(place.phone), message, "", closest(phone, maps), otherwise)
        else:
            help = f"write which, such as `{next(iter(maps))}.{place.name.name}`"
            self.error("which-map", "there is more than one map here", self.span(place), help)

    def no_place(self, name: tree.Name, phone: str, places: Iterable[str]) -> None:
        meant = closest(name.name, places)
        message = f"the map `{phone}` has no menu and no end `{name.name}`"
        help = did_you_mean(meant, f"for a place that is no menu, add `end {name.name}` to the map")
        span = self.span(name)
        self.report(Diagnostic("unknown-place", message, span, help=help, suggestion=meant))

    # Definitions and uses

    def define(self, name: tree.Name, node: Definer | Place | tree.Name) -> None:
        names = self.blocks[-1].names
        if known := names.get(name.name):
            self.twice(name, known)
            return
        definition = names[name.name] = Definition(name, node, self.source)
        self.definitions.append(definition)
        self.mean(name, definition)

    def twice(self, name: tree.Name, known: Definition) -> None:
        self.error(
            "defined-twice",
            f"`{name.name}` is defined twice in this block",
            self.span(name),
            "give one of them another name",
            Note("first here", known.span),
        )

    def mean(self, node: tree.Node, definition: Definition) -> None:
        if self.meant.setdefault(id(node), definition) is not definition:
            raise _Shared

    def refer(self, node: tree.Node, name: str, end: int) -> bool:
        """Notes what a name refers to; False if it is defined nowhere that can be seen from here."""
        for block in reversed(self.blocks):
            if definition := block.names.get(name):
                self.mean(node, definition)
                self.used.append((self.source, node.start, end, definition))
                self.using.append(definition)
                return True
        return False

    def look_up(self, name: tree.Name, example: str) -> None:
        """A `$name` in use; `example` is what it could have been defined as."""
        if self.refer(name, name.name, name.end) or self.may_be_defined(name.name):
            return
        definition = self.further_down(name.name).get(name.name)
        if definition and definition.start > name.start:
            self.below(self.span(name), f"${name.name}", definition)
            return
        meant = closest(name.name, (each for block in self.blocks for each in block.names))
        kind = _KINDS[example[0]]
        otherwise = (
            f"define it above: `let {name.name} = {example}`, or `param {name.name}: {kind}` "
            "for a value from outside"
        )
        self.unknown(self.span(name), f"there is no name `${name.name}` here", "$", meant, otherwise)

    def call(self, call: tree.Call) -> None:
        for value in call.arguments:
            self.value(value)
        name, end = call.name, call.start + len(call.name)
        if self.refer(call, name, end) or self.may_be_defined(name) or name in self.circular:
            return
        later = self.further_down(name)
        circle: list[str] | None = None
        if name in self.defining:
            circle = [*self.defining[self.defining.index(name) :], name]
        elif name in later and self.defining and (path := _path(later, name, self.defining[0])):
            circle = [self.defining[0], *path]
        if circle:
            self.circular.update(circle)
            message = f"`{circle[0]}` runs itself: {' → '.join(circle)}"
            help = "a script must end: write the steps out, or use `repeat`"
            self.error("recursion", message, self.span(call), help)
        elif name in later:
            self.below(self.span(call), name, later[name])
        else:
            defines = (
                each
                for block in self.blocks
                for each, definition in block.names.items()
                if isinstance(definition.node, tree.Define)
            )
            otherwise = f"define it above: `define {name}() {{ … }}`"
            span = Span(self.source, call.start, end)
            self.unknown(span, f"there is no define `{name}`", "", closest(name, defines), otherwise)

    def may_be_defined(self, name: str) -> bool:
        """Whether a name may be defined in a file or a statement that cannot be read."""
        return self.blind or name in self.half_defined

    def unknown(self, span: Span, message: str, mark: str, meant: str | None, otherwise: str) -> None:
        suggestion = meant and mark + meant
        help = did_you_mean(suggestion, otherwise)
        self.report(Diagnostic("unknown-name", message, span, help=help, suggestion=suggestion))

    def below(self, span: Span, name: str, definition: Definer) -> None:
        note = Note("it is defined here", self.span(definition.name))
        help = "move its definition up, above this"
        self.error("used-before-defined", f"`{name}` is defined further down", span, help, note)

    def further_down(self, name: str) -> dict[str, Definer]:
        """What the nearest block around defines that defines this name at all; nothing if none does."""
        for block in reversed(self.blocks):
            defined = self.defined_by.get(id(block.body))
            if defined is None:
                defined = self.defined_by[id(block.body)] = _defined(block.body)
            if name in defined:
                return defined
        return {}


def _defined(body: tuple[tree.Item, ...]) -> dict[str, Definer]:
    """What a body defines itself."""
    definers = tree.Let | tree.Param | tree.Define | tree.Phone
    return {item.name.name: item for item in body if isinstance(item, definers)}


def _path(later: Mapping[str, Definer], start: str, goal: str) -> list[str] | None:
    """A chain of calls among a block's defines from one to another, both named."""
    came_from: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        define = later.get(at)
        for name in _called(define.body) if isinstance(define, tree.Define) else ():
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


def _called(body: tuple[tree.Item, ...]) -> list[str]:
    names: list[str] = []
    for item in body:
        if isinstance(item, tree.Call):
            names.append(item.name)
        elif isinstance(item, tree.Repeat | tree.Define):
            names += _called(item.body)
    return names
