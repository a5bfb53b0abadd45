"""Why a text cannot be read: from the place where Lark stopped to a sentence that an author can use.

Lark knows the grammar and not the author. Here each statement that it refuses is looked at by itself, as
text, for the mistakes that people make; whatever is none of them gets the plain "expected this or that".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, closest
from dtmfdsl.notation import KEY_NAMES, KEYS, LOOKALIKES, UNITS, unknown_key
from dtmfdsl.source import Source, Span

VERBS = ("press", "wait", "pace", "repeat", "let", "param", "secret", "define", "use", "raw")
RESERVED = ("else", "expect", "go", "phone")

SYNONYMS = {
    **dict.fromkeys(("enter", "dial", "hit", "push", "type", "key", "send", "punch", "tap"), "press"),
    **dict.fromkeys(("pause", "sleep", "delay", "hold"), "wait"),
    **dict.fromkeys(("loop", "times"), "repeat"),
    **dict.fromkeys(("set", "var", "const"), "let"),
    **dict.fromkeys(("import", "include", "source"), "use"),
    **dict.fromkeys(("def", "function", "macro", "sub"), "define"),
}
"""What people call our statements."""

NUMBERS = dict(zip("zero one two three four five six seven eight nine".split(), "0123456789", strict=True))

# What a terminal of the grammar is in an author's words. A test holds this to be all of them.
TERMINALS = {
    "PRESS_STMT": "`press`",
    "WAIT_STMT": "`wait`",
    "PRESS": "`press`",
    "WAIT": "`wait`",
    "WAIT_UP_TO": "`wait up to`",
    "PACE": "`pace`",
    "REPEAT": "`repeat`",
    "LET": "`let`",
    "PARAM": "`param`",
    "SECRET": "`secret`",
    "DEFINE": "`define`",
    "USE": "`use`",
    "RAW": "`raw`",
    "EVERY": "`every`",
    "FOR": "`for`",
    "AS": "`as`",
    "SPELL": "`spell`",
    "AND_SPELL": "`spell`",
    "CALL": "a define's name with `(`",
    "NAME": "a name",
    "VAR": "a `$name`",
    "AND_VAR": "a `$name`",
    "KIND": "a kind such as `4 digits`",
    "DIALECT": "a dialect's name",
    "KEYS": "keys",
    "AND_KEYS": "keys",
    "DURATION": "a duration such as `3.5s`",
    "STRING": "a text in double quotes",
    "SEP": "the end of the line",
    "RBRACE": "`}`",
    "RPAR": "`)`",
    "LBRACE": "`{`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "$END": "the end of the script",
    "WS": "a blank",
}

# Patterns are text, which `re` compiles when a script first needs them: most have no mistakes.
_MARKS = r'"(?:[^"\\\r\n]|\\.)*"|//[^\r\n]*|[\r\n;{}]'
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_WORD = r"[^\W\d]\w*"
_NEXT_VERB = rf"(?<![\w$])({'|'.join(VERBS)})(?=[ \t])"
_DEFINED = r"(?:let|param|secret|define)[ \t]+\$?([A-Za-z]\w*)"
_SMART_QUOTES = "“”„‟«»″＂"
_NAME = "[a-z][a-z0-9_]*"


class Piece:
    """One statement as text, or the head of one that opens a block, up to and with its `{`.

    `closing` is the offset of the matching `}`. An `unmatched` piece is a brace without its partner.
    """

    def __init__(self, source: Source, start: int, end: int, opens: bool = False, unmatched: bool = False):
        self.source, self.start, self.end = source, start, end
        self.opens, self.unmatched = opens, unmatched
        self.closing: int | None = None

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def extent(self) -> list[tuple[int, int]]:
        """The stretches to leave out when this piece cannot be read."""
        return [(self.start, self.end)] + ([(self.closing, self.closing + 1)] if self.closing else [])


def as_text(text: object) -> str:
    """The argument itself if it is a text. Raises DtmfError for anything else."""
    if isinstance(text, str):
        return text
    kind = type(text).__name__
    raise DtmfError(
        Diagnostic("not-text", f"a script or dial string must be text, not {kind}", help="pass a str")
    )


def unreadable(source: Source) -> Diagnostic | None:
    """What makes a text unfit to be read at all: size, broken characters, blocks too deep."""
    text = source.text
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError as error:
        return Diagnostic(
            "not-unicode",
            f"half a character (a lone surrogate, U+{ord(text[error.start]):04X}) stands here",
            Span(source, error.start, error.start + 1),
            help="the text was decoded wrongly before it came here: read it as UTF-8",
        )
    if size > limits.SOURCE_BYTES:
        return Diagnostic(
            "source-too-large",
            f"this script has {size:,} bytes; at most {limits.SOURCE_BYTES:,} are read",
            Span(source, 0, 0),
            help="move parts of it into other files and `use` them",
        )
    if text.count("{") > limits.NESTING:
        depth = 0
        for mark in re.finditer(_MARKS, text):
            depth += {"{": 1, "}": -1}.get(mark[0], 0)
            if depth > limits.NESTING:
                return Diagnostic(
                    "nested-too-deeply",
                    f"blocks are nested more than {limits.NESTING} deep here",
                    Span(source, *mark.span()),
                    help="give an inner block a name with `define` and call it",
                )
    return None


def control_characters(source: Source) -> list[Diagnostic]:
    """Every control character in a text; none may stand anywhere, not even in a comment."""
    return [
        Diagnostic(
            "control-character",
            f"an invisible control character (U+{ord(found[0]):04X}) stands here",
            Span(source, *found.span()),
            help="delete it, and type the line anew",
        )
        for found in re.finditer(CONTROLS, source.text)
    ]


def pieces(source: Source) -> tuple[list[Piece], list[Diagnostic]]:
    """A text cut into its statements, and the braces that have no partner."""
    found: list[Piece] = []
    open_heads: list[int] = []
    diagnostics: list[Diagnostic] = []
    start = 0

    def take(end: int, opens: bool = False) -> None:
        text = source.text[start:end]
        if text.strip(" \t"):
            left = start + len(text) - len(text.lstrip(" \t"))
            found.append(Piece(source, left, end if opens else start + len(text.rstrip(" \t")), opens))

    for mark in re.finditer(_MARKS, source.text):
        if mark[0][0] == '"':
            continue
        if mark[0] == "{":
            take(mark.end(), opens=True)
            open_heads.append(len(found) - 1)
        else:
            take(mark.start())
        if mark[0] == "}":
            if open_heads:
                found[open_heads.pop()].closing = mark.start()
            else:
                found.append(Piece(source, *mark.span(), unmatched=True))
                diagnostics.append(
                    Diagnostic(
                        "unopened-block",
                        "this `}` closes nothing",
                        Span(source, *mark.span()),
                        help="leave it out, or open the block with `{`",
                    )
                )
        start = mark.end()
    take(len(source.text))
    for head in open_heads:
        piece = found[head]
        piece.unmatched = True
        diagnostics.append(
            Diagnostic(
                "unclosed-block",
                "this `{` is never closed",
                Span(source, piece.end - 1, piece.end),
                help="end the block with `}`",
            )
        )
    return found, diagnostics


def names_defined(statement: str) -> list[str]:
    """The names that a statement meant to define, so that their uses are no further mistakes."""
    return [match[1] for match in re.finditer(_DEFINED, statement)]


def unexpected(source: Source, offset: int, expected: Iterable[str] = ()) -> Diagnostic:
    """The plain answer: what stands there, and what could have."""
    text = source.text
    offset = min(offset, len(text))
    word = re.match(r"\w+|\S", text[offset : offset + 80])
    what = f"`{word[0]}`" if word else "the end of the line"
    phrases = sorted(
        {TERMINALS[name] for name in expected if name in TERMINALS and name not in ("WS", "$END")}
    )
    help = f"expected {_one_of(phrases)}" if 0 < len(phrases) <= 8 else None
    end = offset + (len(word[0]) if word else 0)
    return Diagnostic("unexpected-text", f"{what} cannot stand here", Span(source, offset, end), help=help)


def explain(source: Source, piece: Piece, offset: int, expected: frozenset[str]) -> Diagnostic:
    """The mistake in a statement, of which `offset` characters could be read."""
    statement = _Statement(piece, min(offset, len(piece.text)))
    return (
        statement.characters()
        or statement.verb()
        or statement.by_verb()
        or statement.run_on()
        or unexpected(source, piece.start + statement.offset, expected)
    )


def _one_of(phrases: list[str]) -> str:
    return phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " or " + phrases[-1]


class _Statement:
    """A statement that could not be read, and the questions to ask of it."""

    def __init__(self, piece: Piece, offset: int):
        self.piece = piece
        self.text = piece.text
        word = re.match(_WORD, self.text)
        self.word = word[0] if word else ""
        # Lark stops before the blank that a word should have taken in.
        self.offset = offset + len(self.text[offset:]) - len(self.text[offset:].lstrip(" \t"))
        self.at = self.text[self.offset :]

    def error(
        self,
        code: str,
        message: str,
        span: tuple[int, int],
        help: str | None = None,
        suggestion: str | None = None,
    ) -> Diagnostic:
        start, end = (self.piece.start + offset for offset in span)
        return Diagnostic(
            code, message, Span(self.piece.source, start, end), help=help, suggestion=suggestion
        )

    def here(self, pattern: str = r"\w+|\S") -> tuple[int, int]:
        """The span of what stands where reading stopped."""
        match = re.match(pattern, self.at)
        return self.offset, self.offset + (match.end() if match else 0)

    # Whatever the statement

    def characters(self) -> Diagnostic | None:
        """Characters that no statement may hold."""
        for at, character in enumerate(self.text):
            if character in _SMART_QUOTES:
                return self.error(
                    "smart-quote",
                    f"`{character}` is a typographic quote",
                    (at, at + 1),
                    'a text stands between straight double quotes: `"`',
                    '"',
                )
            if character.isspace() and character not in " \t":
                return self.error(
                    "odd-blank",
                    f"this blank is no ordinary one (U+{ord(character):04X})",
                    (at, at + 1),
                    "replace it by a space; it probably came in with a paste",
                    " ",
                )
        without = re.sub(r'"(?:[^"\\]|\\.)*"', "", self.text)
        if '"' in without:
            at = self.text.rindex('"') if self.text.count('"') == 1 else self.text.index('"')
            if re.search(r'\\[^"\\]', self.text):
                return self.error(
                    "bad-escape",
                    'in a text, `\\` may only stand before `"` or another `\\`',
                    (at, len(self.text)),
                    "double it: `\\\\`",
                )
            return self.error(
                "unclosed-string",
                'this text has no closing `"`',
                (at, len(self.text)),
                'end it with `"` on the same line',
            )
        if escape := re.search(r'\\[^"\\]', self.text):
            return self.error(
                "bad-escape",
                'in a text, `\\` may only stand before `"` or another `\\`',
                escape.span(),
                "double it: `\\\\`",
            )
        return None

    def verb(self) -> Diagnostic | None:
        """A statement that does not begin as one."""
        text, word = self.text, self.word
        if word in VERBS:
            if text[len(word) : len(word) + 1] not in (" ", "\t", "{", ""):
                return self.error(
                    "missing-blank", f"`{word}` needs a blank after it", (0, len(word)), None, word + " "
                )
            return None
        whole = (0, len(text))
        if text.startswith("#"):
            return self.error(
                "hash-comment",
                "`#` is a key; a comment starts with `//`",
                whole,
                f"write `// {text[1:].strip()}`",
                "// " + text[1:].strip(),
            )
        if text.startswith("/"):
            return self.error(
                "unknown-statement", "a comment starts with `//`, to the end of the line", (0, 1)
            )
        if text == "{":
            return self.error("unknown-statement", "a block belongs to `repeat` or `define`", whole)
        if dialed := self.dial_string(0):
            return dialed
        if re.fullmatch(r"[0-9A-D*#$][\w*#$ .()-]*", text):
            return self.error(
                "unknown-statement",
                "a statement begins with a word",
                whole,
                f"write `press {text}`",
                f"press {text}",
            )
        if not word:
            return self.error("unknown-statement", f"`{text[0]}` begins no statement", (0, 1))
        span = (0, len(word))
        if word in RESERVED:
            return self.error("unknown-statement", f"`{word}` is kept for a statement to come", span)
        if re.match(rf"{_NAME}[ \t]*\(", text):
            return self.arguments()
        lower = word.lower()
        if re.match(r"\w+[ \t]*=", text):
            return self.error(
                "unknown-statement",
                f"`{word}` is no statement",
                span,
                f"to give a name a value, write `let {text}`",
                f"let {lower}",
            )
        for verb in VERBS:
            if re.fullmatch(rf"{verb}[0-9$].*", text):
                fixed = f"{verb} {text[len(verb) :]}"
                return self.error(
                    "missing-blank",
                    f"`{verb}` needs a blank after it",
                    (0, len(verb)),
                    f"write `{fixed}`",
                    verb + " ",
                )
        meant = lower if lower in VERBS else SYNONYMS.get(lower) or closest(lower, VERBS)
        if meant:
            rest = text[len(word) :].rstrip("{ \t")
            return self.error(
                "unknown-statement", f"`{word}` is no statement", span, f"write `{meant}{rest}`", meant
            )
        help = f"statements are {_one_of([f'`{verb}`' for verb in VERBS])}"
        if re.fullmatch(_NAME, text):
            help = f"to run a define of that name, write `{text}()`; {help}"
        return self.error("unknown-statement", f"`{word}` is no statement", span, help)

    def run_on(self) -> Diagnostic | None:
        """A second statement, or a block, where the first should have ended."""
        if match := re.match(_NEXT_VERB, self.at + " "):
            return self.error(
                "missing-separator",
                f"`{match[1]}` begins a new statement",
                (self.offset, self.offset + len(match[1])),
                "put it on a line of its own, or a `;` before it",
                f"; {match[1]}",
            )
        if self.at == "{":
            return self.error(
                "unexpected-text",
                f"`{self.word}` takes no block",
                self.here(),
                "only `repeat` and `define` do",
            )
        return None

    # By the statement's verb

    def by_verb(self) -> Diagnostic | None:
        if self.run_on_in_tail():
            return self.run_on()
        match self.word:
            case "press":
                return self.press()
            case "wait":
                return self.wait()
            case "pace":
                return self.time("pace", self.after("pace"))
            case "repeat":
                return self.repeat()
            case "let":
                return self.naming() or self.value()
            case "param" | "secret":
                return self.naming() or self.kind() or self.value()
            case "define":
                return self.define()
            case "use":
                return self.quoted("use", '"bank.dtmf"')
            case "raw":
                return self.raw()
            case _:
                return None

    def run_on_in_tail(self) -> bool:
        return self.offset > len(self.word) and re.match(_NEXT_VERB, self.at + " ") is not None

    def after(self, words: str) -> int:
        """Where the text goes on after some words and blanks."""
        match = re.match(words.replace(" ", r"[ \t]+") + r"[ \t]*", self.text)
        return match.end() if match else len(self.text)

    def press(self) -> Diagnostic | None:
        if not self.text[5:].strip(" \t{"):
            return self.error(
                "missing-keys", "`press` needs keys", (0, len(self.text)), "such as `press 59#`"
            )
        for clause in re.finditer(r"[ \t](every|for)(?![\w])", self.text):
            start = clause.start(1)
            if start < self.offset or self.offset in (start, clause.end()):
                if clause[1] == "every":
                    if found := self.time("every", self.after_clause(clause.end())):
                        return found
                else:
                    rest = self.text[clause.end() :].strip(" \t")
                    if not rest.startswith('"'):
                        return self.error(
                            "missing-string",
                            "`for` needs a label in double quotes",
                            (start, len(self.text)),
                            f'write `for "{rest or "Prescriptions"}"`',
                        )
        return self.keys()

    def after_clause(self, end: int) -> int:
        return end + len(self.text[end:]) - len(self.text[end:].lstrip(" \t"))

    def keys(self) -> Diagnostic | None:
        """Something that is no key where reading stopped."""
        at, text, offset = self.at, self.text, self.offset
        if not at:
            return None
        before = text[:offset].rstrip(" \t")
        if before.endswith("#") and before != text[:offset] and at[0].isalpha():
            start = len(before) - 1
            remark = text[start + 1 :].strip()
            return self.error(
                "hash-comment",
                "`#` is a key; a comment starts with `//`",
                (start, len(text)),
                f"write `// {remark}`; to press `#` and go on, nothing may follow but keys",
                f"// {remark}",
            )
        if at[0] == '"':
            written = re.match(r'"(?:[^"\\]|\\.)*"', at)
            shown = written[0] if written else at
            return self.error(
                "string-as-keys",
                "a text in quotes is no key",
                (offset, offset + len(shown)),
                f"to press its letters on the keypad, write `spell {shown}`",
                f"spell {shown}",
            )
        if at[0] == "(":
            return self.error(
                "unclosed-parenthesis",
                "this `(` is not closed after the keys",
                (offset, offset + 1),
                "parentheses stand around keys: `(919) 333 4444`",
            )
        if at[0] == "$":
            return self.error(
                "bad-name",
                "a name is a lower-case letter, then lower-case letters, digits or `_`",
                self.here(r"\$\w*"),
                None,
                re.match(r"\$\w*", at)[0].lower(),  # type: ignore[index]
            )
        if spelled := re.match(r"spell[ \t]+([^\s\"]+)", at):
            fixed = f'spell "{spelled[1]}"'
            return self.error(
                "missing-string",
                "`spell` needs its letters in double quotes",
                (offset, offset + spelled.end()),
                f"write `{fixed}`",
                fixed,
            )
        if at[0] == "{":
            return None
        run_start = max(text.rfind(" ", 0, offset), text.rfind("\t", 0, offset)) + 1
        if dialed := self.dial_string(run_start):
            return dialed
        word = re.match(_WORD, at)
        run = re.match(r"\S*", text[run_start:])[0]  # type: ignore[index]
        only_keys = all(
            character in KEYS or character in LOOKALIKES or character in "-.()" for character in run
        )
        if at[0] in LOOKALIKES and (only_keys or not word or len(word[0]) == 1):
            fault = unknown_key(at, 0)
            return self.error(fault.code, fault.message, (offset, offset + 1), fault.help, LOOKALIKES[at[0]])
        if not word:
            help = "keys are 0-9, *, # and the tones A-D"
            if at[0] == ",":
                help = "keys follow one another without commas; for silence between them write `every 1s`"
            return self.error("unknown-key", f"`{at[0]}` is not a key", (offset, offset + 1), help)
        span = (offset, offset + len(word[0]))
        lower = word[0].lower()
        if meant := NUMBERS.get(lower):
            return self.error("unknown-key", f"`{word[0]}` is not a key", span, f"write `{meant}`", meant)
        if lower in ("and", "then"):
            return self.error(
                "unknown-key",
                f"`{word[0]}` is not a key",
                span,
                "keys follow one another; the next step stands on a line of its own",
            )
        if meant := closest(lower, [*KEY_NAMES, "every", "for", "spell"]):
            return self.error("unknown-key", f"`{word[0]}` is not a key", span, f"write `{meant}`", meant)
        help = f'to press its letters on the keypad, write `spell "{word[0]}"`'
        if re.fullmatch(_NAME, word[0]):
            help = f"for the keys of a name, write `${word[0]}`; {help}"
        return self.error("unknown-key", f"`{word[0]}` is not a key", span, help)

    def dial_string(self, start: int) -> Diagnostic | None:
        """Keys and pause characters in one word: somebody's dial string."""
        run = re.match(r"[0-9A-D*#wWp,]+(?=[ \t]|$)", self.text[start:])
        if run and re.search("[wWp]", run[0]) and re.search(r"[0-9*#]|[wW]{2}|^[wW,]+$", run[0]):
            dialect = "vonage" if "p" in run[0] else "bandwidth-v1"
            return self.error(
                "dial-string",
                f"`{run[0]}` is a carrier's dial string",
                (start, start + len(run[0])),
                f'to use it as it is, write `raw "{run[0]}" as {dialect}`, or decompile it into a script',
            )
        return None

    def wait(self) -> Diagnostic | None:
        text = self.text
        start = self.after("wait")
        rest = text[start:]
        if re.match(r"for[ \t]+quiet|until|for[ \t]*(\"|$)", rest):
            cue = re.search(r'"[^"]*"', rest)
            return self.error(
                "wait-without-limit",
                "a wait needs a limit",
                (start, len(text)),
                f"write `wait up to 12s for {cue[0] if cue else chr(34) + 'enter your PIN' + chr(34)}`",
            )
        if match := re.match(r"for[ \t]+(?=[0-9$.])", rest):
            return self.error(
                "unexpected-text",
                "`wait` takes the duration without `for`",
                (start, start + 3),
                f"write `wait {rest[match.end() :]}`",
                "",
            )
        if re.match(r"up[ \t]+to\b", rest):
            start = self.after("wait up to")
            found = self.time("wait up to", start)
            if found or "DURATION" in text[start:]:
                return found
            if not re.search(r'for[ \t]*"', text[start:]):
                return self.error(
                    "missing-string",
                    "`wait up to` needs the cue to wait for",
                    (0, len(text)),
                    f'write `{text} for "enter your PIN"`, or `wait` for the whole time',
                )
            return None
        return self.time("wait", start)

    def time(self, verb: str, start: int) -> Diagnostic | None:
        """A duration that is not one; it should begin at `start`."""
        rest = self.text[start:]
        if not rest.strip("{ \t"):
            return self.error(
                "missing-duration",
                f"`{verb}` needs a duration",
                (0, len(self.text)),
                f"such as `{verb} 3.5s`",
            )
        if match := re.match(r"([0-9]+),([0-9]+)[ \t]*([a-z]*)", rest):
            fixed = f"{match[1]}.{match[2]}{match[3] or 's'}"
            return self.error(
                "decimal-comma",
                "a decimal is written with a point",
                (start, start + match.end()),
                f"write `{fixed}`",
                fixed,
            )
        if match := re.match(r"([0-9]+):([0-9]{2})(?!\w)", rest):
            fixed = f"{int(match[1][:9])}m {int(match[2])}s"
            return self.error(
                "bad-duration",
                f"`{match[0]}` is not a duration",
                (start, start + match.end()),
                f"write `{fixed}`",
                fixed,
            )
        if match := re.match(r"\.[0-9]+[ \t]*[a-z]*", rest):
            return self.error(
                "bad-duration",
                f"`{match[0]}` is not a duration",
                (start, start + match.end()),
                f"write `0{match[0]}`",
                f"0{match[0]}",
            )
        offset = 0
        while match := re.match(r"[ \t]*([0-9]+(?:\.[0-9]+)?)[ \t]*([^\W\d]\w*)?", rest[offset:]):
            number, unit = match[1], match[2]
            span = (start + offset + match.start(1), start + offset + match.end())
            if unit is None or unit in ("every", "for", *VERBS):
                fixed = f"{number}s"
                return self.error(
                    "missing-unit",
                    f"`{number}` has no unit",
                    (span[0], span[0] + len(number)),
                    f"write `{fixed}`",
                    fixed,
                )
            if unit not in UNITS:
                meant = unit.lower() if unit.lower() in UNITS else closest(unit.lower(), UNITS)
                fixed = f"{number} {meant}" if meant and len(meant) > 2 else f"{number}{meant}"
                help = f"write `{fixed}`" if meant else "units are ms, s and m"
                if unit[0] in "hH":
                    meant, help = None, "hours are written in minutes: 60m"
                return self.error(
                    "unknown-unit", f"`{unit}` is no unit of time", span, help, fixed if meant else None
                )
            offset += match.end()
        if offset or (rest.startswith("$") and re.match(rf"\${_NAME}(?!\w)", rest)):
            return None
        words = re.match(r"[^\"{]+", rest)
        shown = words[0].strip(" \t") if words else rest[:1]
        return self.error(
            "bad-duration",
            f"`{shown}` is not a duration",
            (start, start + len(shown)),
            "write it like 3.5s, 500ms or 1m 30s"
            + (f", or `${shown}` for a name" if re.fullmatch(_NAME, shown) else ""),
        )

    def repeat(self) -> Diagnostic | None:
        start = self.after("repeat")
        count = re.match(r"[0-9]+", self.text[start:])
        if not count:
            word = re.match(r"[^{\s]+", self.text[start:])
            meant = NUMBERS.get(word[0]) if word else None
            return self.error(
                "bad-repeat",
                "`repeat` needs a count in digits",
                (start, start + (word.end() if word else 0)) if word else (0, 6),
                f"write `repeat {meant or 3} {{ … }}`",
                meant,
            )
        if len(count[0]) > 9:
            return self.error(
                "bad-repeat",
                f"a count of {len(count[0])} digits is more than any call can take",
                (start, start + count.end()),
            )
        if not self.piece.opens:
            return self.error(
                "missing-block",
                "`repeat` needs a block on the same line",
                (0, len(self.text)),
                f"write `repeat {count[0]} {{ … }}`",
            )
        tail = self.text[start + count.end() : -1].strip(" \t")
        return (
            self.error(
                "unexpected-text",
                f"`{tail}` cannot stand between the count and the block",
                (start + count.end() + 1, len(self.text) - 1),
                "only `times` may",
                "times ",
            )
            if tail
            else None
        )

    def naming(self) -> Diagnostic | None:
        """The name that `let`, `param` and `secret` define, and the mark after it."""
        start = self.after(self.word)
        match = re.match(r"\$?\w*", self.text[start:])
        name = match[0] if match else ""
        span = (start, start + len(name)) if name else (0, len(self.text))
        if not re.fullmatch(_NAME, name):
            fixed = re.sub(r"^[$\d_]+", "", name).lower()
            return self.error(
                "bad-name",
                f"`{name}` is no name" if name else f"`{self.word}` needs a name",
                span,
                "a name is a lower-case letter, then lower-case letters, digits or `_`"
                + ("; the `$` is for using it" if name.startswith("$") else ""),
                fixed or None,
            )
        mark = "=" if self.word == "let" else ":"
        rest = self.text[start + len(name) :].lstrip(" \t")
        if not rest.startswith(mark):
            example = "let menu = 2#" if self.word == "let" else f"{self.word} {name}: 4 digits"
            if self.word == "let" and rest and rest[0] != ":":
                example = f"let {name} = {rest.lstrip('=: ')}"
            return self.error(
                "missing-value" if self.word == "let" else "bad-kind",
                f"`{self.word} {name}` needs a `{mark}` and {'a value' if mark == '=' else 'a kind'}",
                (0, start + len(name)),
                f"write `{example}`",
            )
        return None

    def kind(self) -> Diagnostic | None:
        """What follows the `:` of a `param`."""
        start = self.text.index(":") + 1
        start += len(self.text[start:]) - len(self.text[start:].lstrip(" \t"))
        if self.offset > start:
            return None
        written = re.match(r"[^=]*", self.text[start:])
        shown = written[0].rstrip(" \t") if written else ""
        return self.error(
            "bad-kind",
            f"`{shown}` is no kind of value" if shown else "a kind of value is missing",
            (start, start + len(shown)) if shown else (0, len(self.text)),
            "kinds are `16 digits`, `4..8 digits`, `6 keys` and `duration`",
        )

    def value(self) -> Diagnostic | None:
        """What follows a `=`."""
        start = self.text.find("=") + 1
        if not start:
            return None
        if self.word == "secret":
            return self.error(
                "secret-default",
                "a secret must not stand in the script",
                (start - 1, len(self.text)),
                "leave the default out; give the value by the environment, a file or the prompt",
            )
        start = self.after_clause(start)
        if not self.text[start:]:
            return self.error(
                "missing-value",
                "a value is missing after `=`",
                (0, len(self.text)),
                "give it keys, `2#`, or a duration, `4s`",
            )
        return self.key_or_time(start)

    def key_or_time(self, start: int) -> Diagnostic | None:
        if re.match(r"[0-9.,]+[ \t]*[a-z]", self.text[start:]) and self.offset > start:
            words = re.match(r"[0-9.,]+[ \t]*([a-z]+)", self.text[start:])
            if words and (closest(words[1], UNITS) or "," in words[0]):
                return self.time(self.word, start)
        return self.keys()

    def arguments(self) -> Diagnostic | None:
        """What stands between the parentheses of a call."""
        opening = self.text.index("(")
        if self.text.count(")") < self.text.count("("):
            return self.error(
                "unclosed-parenthesis",
                "this `(` is never closed",
                (opening, opening + 1),
                "end the values with `)`",
            )
        if self.run_on_in_tail():
            return self.run_on()
        if self.offset > self.text.rindex(")"):
            return None
        start = max(self.text.rfind(",", 0, self.offset), opening) + 1
        if not self.text[start:].lstrip(" \t").strip(",) "):
            return self.error("missing-value", "a value is missing here", self.here())
        return self.key_or_time(self.after_clause(start))

    def define(self) -> Diagnostic | None:
        start = self.after("define")
        match = re.match(r"\w*", self.text[start:])
        name = match[0] if match else ""
        span = (start, start + len(name)) if name else (0, len(self.text))
        if name in (*VERBS, *RESERVED):
            return self.error("bad-name", f"`{name}` is a word of the language", span, "choose another name")
        if not re.fullmatch(_NAME, name):
            return self.error(
                "bad-name",
                f"`{name}` is no name" if name else "`define` needs a name",
                span,
                "a name is a lower-case letter, then lower-case letters, digits or `_`",
                name.lower() or None,
            )
        rest = self.text[start + len(name) :].lstrip(" \t")
        if not rest.startswith("("):
            return self.error(
                "unclosed-parenthesis",
                f"`define {name}` needs parentheses",
                span,
                f"write `define {name}() {{ … }}`",
                f"{name}()",
            )
        if ")" not in rest:
            at = self.text.index("(")
            return self.error(
                "unclosed-parenthesis", "this `(` is never closed", (at, at + 1), "end the names with `)`"
            )
        if self.offset < self.text.index(")"):
            return self.error(
                "bad-name",
                "a define's parameters are plain names",
                self.here(r"\$?\w+|\S"),
                f"write `define {name}(id, code)`",
            )
        if not self.piece.opens:
            return self.error(
                "missing-block",
                "`define` needs a block on the same line",
                (0, len(self.text)),
                f"write `define {name}(…) {{ … }}`",
            )
        return None

    def quoted(self, verb: str, example: str) -> Diagnostic | None:
        start = self.after(verb)
        rest = self.text[start:]
        if rest.startswith('"'):
            return None
        written = re.match(r"[^\s]+", rest)
        fixed = f'"{written[0]}"' if written else example
        return self.error(
            "missing-string",
            f"`{verb}` needs a text in double quotes",
            (start, start + len(written[0])) if written else (0, len(self.text)),
            f"write `{verb} {fixed}`",
            fixed if written else None,
        )

    def raw(self) -> Diagnostic | None:
        if found := self.quoted("raw", '"1WWW,59#" as bandwidth-v1'):
            return found
        closing = self.text.rindex('"') + 1
        if not re.match(r"[ \t]+as[ \t]+[a-z]", self.text[closing:]):
            return self.error(
                "missing-dialect",
                "`raw` needs the dialect that its string is written in",
                (0, len(self.text)),
                f"write `{self.text[:closing]} as bandwidth-v1`",
            )
        return None
