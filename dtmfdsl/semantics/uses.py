"""What `use` brings in: every file that a script uses, and those that they use, read before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os.path import basename

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, Note
from dtmfdsl.language.parser import Parsed, read
from dtmfdsl.language.tree import Define, Item, Let, Param, Phone, Repeat, Script, Statement, Use
from dtmfdsl.loader import Loader
from dtmfdsl.notation import counted
from dtmfdsl.source import Source, Span


@attrs.frozen(eq=False, repr=False)
class UsedFile:
    """A file that is used: its tree, and all that is wrong with it. Only its `definitions` count."""

    parsed: Parsed
    diagnostics: tuple[Diagnostic, ...]

    @property
    def definitions(self) -> tuple[Let | Param | Define | Phone | Use, ...]:
        body = self.parsed.script.body
        return tuple(item for item in body if isinstance(item, Let | Param | Define | Phone | Use))


@attrs.frozen(eq=False, repr=False)
class Uses:
    """What each `use` names, by the path of the file that it stands in and the path that it gives.

    That is a file, or the mistake that keeps it from being read.
    """

    found: Mapping[tuple[str | None, str], UsedFile | DtmfError]

    def of(self, use: Use, user: Source) -> UsedFile | DtmfError:
        return self.found[user.path, use.path]


def read_uses(script: Script, loader: Loader) -> Uses:
    """Reads every file that a script uses, once. What cannot be read is part of the result."""
    found: dict[tuple[str | None, str], UsedFile | DtmfError] = {}
    files: dict[str, UsedFile] = {}

    def read_all(body: tuple[Item, ...], user: Source) -> None:
        for use in _uses(body):
            if (user.path, use.path) not in found:
                try:
                    found[user.path, use.path] = read_one(use, user)
                except DtmfError as error:
                    found[user.path, use.path] = error

    def read_one(use: Use, user: Source) -> UsedFile:
        span = Span(user, use.start, use.end)
        source = loader.load(use.path, user, span)
        path = loader.identity(source) or source.name
        if path in using:
            chain = [*using[using.index(path) :], path]
            message = "these files use each other: " + " → ".join(map(basename, chain))
            raise DtmfError.of("use-circle", message, span, help="move what they share into a third file")
        if path not in files:
            if len(using) >= limits.NESTING:
                message = f"files use files more than {limits.NESTING} deep here"
                raise DtmfError.of("nested-too-deeply", message, span, help="use fewer")
            parsed = read(source)
            files[path] = UsedFile(parsed, (*parsed.diagnostics, *_not_run(parsed.script, span)))
            using.append(path)
            read_all(files[path].definitions, parsed.script.source)
            using.pop()
        return files[path]

    # A text without the word uses nothing, and need not be walked. A tree built by hand has no text.
    if script.source.text and "use" not in script.source.text:
        return Uses(found)
    using = [path for path in [loader.identity(script.source)] if path is not None]
    read_all(script.body, script.source)
    return Uses(found)


def _uses(body: tuple[Item, ...]) -> Iterator[Use]:
    for item in body:
        if isinstance(item, Use):
            yield item
        elif isinstance(item, Repeat | Define):
            yield from _uses(item.body)


def _not_run(script: Script, span: Span) -> Iterator[Diagnostic]:
    """A warning if a file, used at `span`, has statements. They do not run, because it is only used."""
    definers = Let | Param | Define | Phone | Use
    acting = [item for item in script.body if isinstance(item, Statement) and not isinstance(item, definers)]
    if acting:
        count = counted(len(acting), "statement") + (" that are" if len(acting) > 1 else " that is")
        first = Span(script.source, acting[0].start, acting[0].end)
        yield Diagnostic(
            "not-run",
            f"{script.source.name} has {count} not run: only the definitions of a used file count",
            span,
            (Note("the first is here", first),),
            "put what is to run into a `define` there, and call that",
            severity="warning",
        )
