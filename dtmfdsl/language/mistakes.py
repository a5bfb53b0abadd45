"""Why a statement cannot be read: from the place where Lark stopped to a sentence that an author can use.

Lark knows the grammar and not the author. Here each statement that it refuses is looked at by itself, as
text, for the mistakes that people make; whatever is none of them gets the plain "expected this or that".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, closest
from dtmfdsl.language.statements import Piece
from dtmfdsl.notation import (
    KEY_NAMES,
    KEYS,
    LOOKALIKES,
    UNITS,
    NotationError,
    read_duration,
    read_keys,
    spell,
)
from dtmfdsl.source import Source, Span

VERBS = ("press", "wait", "pace", "repeat", "let", "param", "secret", "define", "use", "raw")
RESERVED = ("else", "expect", "go", "phone")

SYNONYMS = {
    **dict.fromkeys(("enter", "dial", "hit", "push", "type", "key", "send", "punch", "tap"), "press"),
    **dict.fromkeys(("pause", "sleep", "delay", "hold"), "wait"),
    **dict.fromkeys(("loop",), "repeat"),
    **dict.fromkeys(("set", "var", "const"), "let"),
    **dict.fromkeys(("import", "include", "source"), "use"),
    **dict.fromkeys(("def", "function", "macro", "sub"), "define"),
}
"""What people call our statements."""

NUMBERS = dict(zip("zero one two three four five six seven eight nine".split(), "0123456789", strict=True))
"""Digits in words."""

OTHER_UNITS = {
    **dict.fromkeys(("millisecond", "milliseconds", "msec", "msecs", "millis"), ("ms", 1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("m", 60)),
}
"""Units that we do not have, and how many of ours one of them is."""

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

_FILLERS = ("the", "key", "keys", "button", "sign", "mark", "digit", "number")
_SMART_QUOTES = "“”„‟«»″＂"
_NAME = "[a-z][a-z0-9_]*"
_WORD = r"[^\W\d]\w*"
_STRING = r'"(?:[^"\\]|\\.)*"'
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_NEXT_VERB = rf"(?<![\w$])({'|'.join(VERBS)})(?=[ \t]|$)"
_NAMING_RULE = "a name is a lower-case letter, then lower-case letters, digits or `_`"


def names_defined(statement: str) -> list[str]:
    """The names that a statement may have meant to define: their uses are no further mistakes."""
    if re.match(r"(?i)(let|param|secret|define|set|var|def)\b", statement):
        words = re.findall(r"[A-Za-z_][\w-]*", statement)[1:]
        return [form for word in words for form in (word, word.lower(), word.lower().replace("-", "_"))]
    assigned = re.match(r"(\w+)[ \t]*=", statement)
    return [assigned[1], assigned[1].lower()] if assigned else []


def goes_on(before: Piece, piece: Piece) -> bool:
    """Whether a piece that cannot be read belongs to the mistake before it, and is no further one."""
    if re.match(r"(repeat|define)\b", before.text) and not before.opens:
        return piece.text == "{"
    return bool(re.match(r"(?i)\W*(\w+[ \t]+)?se?c?re?ts?\b", before.text)) and not re.search(
        "[a-z]", piece.text
    )


def unexpected(source: Source, offset: int, expected: Iterable[str] = ()) -> Diagnostic:
    """The plain answer: what stands there, and what could have."""
    offset = min(offset, len(source.text))
    word = re.match(r"\w+|\S", source.text[offset : offset + 80])
    what = f"`{word[0]}`" if word else "the end of the line"
    phrases = sorted(
        {TERMINALS[name] for name in expected if name in TERMINALS and name not in ("WS", "$END")}
    )
    help = f"expected {_one_of(phrases)}" if 0 < len(phrases) <= 8 else None
    end = offset + (len(word[0]) if word else 0)
    return Diagnostic("unexpected-text", f"{what} cannot stand here", Span(source, offset, end), help=help)


def explain(piece: Piece, offset: int, expected: frozenset[str]) -> Diagnostic:
    """The mistake in a statement, of which `offset` characters could be read."""
    text = piece.text
    if len(text) > limits.STATEMENT_EXPLAINED:
        return unexpected(piece.source, piece.start + min(offset, len(text)), expected)
    statement = _Statement(piece, min(offset, len(text)))
    return (
        statement.secret()
        or statement.characters()
        or statement.strings()
        or statement.beginning()
        or statement.run_on()
        or statement.remark()
        or statement.by_verb()
        or statement.block()
        or unexpected(piece.source, piece.start + statement.offset, expected)
    )


def _one_of(phrases: list[str]) -> str:
    return phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " or " + phrases[-1]


def _quoted(text: str) -> str:
    """A text in double quotes, whatever quotes it came in."""
    return '"' + text.strip(" \t'\"`").replace('"', "") + '"'


def _is_keys(text: str) -> bool:
    try:
        return bool(read_keys(text))
    except NotationError:
        return False


def _can_spell(text: str) -> bool:
    try:
        return bool(spell(text))
    except NotationError:
        return False


class _Statement:
    """A statement that could not be read, and the questions to ask of it.

    `offset` is where reading stopped, `at` the text from there on. Each question returns a diagnostic, or
    None if that is not what is wrong.
    """

    def __init__(self, piece: Piece, offset: int):
        self.piece = piece
        self.text = piece.text
        word = re.match(_WORD, self.text)
        self.word = word[0] if word else ""
        # Lark stops before the blank that a word would have taken in.
        self.offset = offset + len(self.text[offset:]) - len(self.text[offset:].lstrip(" \t"))
        self.at = self.text[self.offset :]

    def error(
        self, code: str, message: str, span: tuple[int, int], help: str | None = None, fix: str | None = None
    ) -> Diagnostic:
        start, end = (self.piece.start + offset for offset in span)
        return Diagnostic(code, message, Span(self.piece.source, start, end), help=help, suggestion=fix)

    def mend(self, code: str, message: str, span: tuple[int, int], fix: str) -> Diagnostic:
        """An error whose way out is to write `fix` in the place of the span."""
        return self.error(code, message, span, f"write `{fix.strip()}`", fix)

    @property
    def whole(self) -> tuple[int, int]:
        return 0, len(self.text.rstrip("{ \t"))

    def here(self, pattern: str = r"\w+|\S") -> tuple[int, int]:
        """The span of what stands where reading stopped."""
        match = re.match(pattern, self.at)
        return self.offset, self.offset + (match.end() if match else 0)

    def after(self, pattern: str) -> int:
        """Where the text goes on after a pattern at its start, and blanks."""
        match = re.match(pattern + r"[ \t]*", self.text)
        return match.end() if match else len(self.text)

    # Whatever the statement

    def secret(self) -> Diagnostic | None:
        """A `secret`, of which nothing is repeated: its digits may stand anywhere in it."""
        if not re.match(
            r"(?i)\W*(?:\w+[ \t]+)?se?c?re?ts?\b|\W*\w+[ \t]+\w+[ \t]*:[ \t]*secret\b", self.text
        ):
            return None
        if "=" in self.text:
            return self.error(
                "secret-default",
                "a secret must not stand in the script",
                self.whole,
                "leave the value out; give it by the environment, a file or the prompt",
            )
        return self.error(
            "bad-kind", "this is not how a secret is written", self.whole, "write `secret pin: 4 digits`"
        )

    def characters(self) -> Diagnostic | None:
        """Characters that no statement may hold."""
        # In a text, such characters are the author's own affair.
        bare = re.sub(_STRING, lambda match: " " * len(match[0]), self.text)
        for at, character in enumerate(bare):
            if character in _SMART_QUOTES:
                help = 'a text stands between straight double quotes: `"`'
                return self.error(
                    "smart-quote", f"`{character}` is a typographic quote", (at, at + 1), help, '"'
                )
            if character not in " \t" and not character.isprintable():
                what = (
                    "this blank is not an ordinary one"
                    if character.isspace()
                    else "this character is invisible"
                )
                help = "replace it by a space, or delete it; it probably came in with a paste"
                return self.error("odd-blank", f"{what} (U+{ord(character):04X})", (at, at + 1), help, " ")
        return None

    def strings(self) -> Diagnostic | None:
        """Texts in quotes that do not end, or hold a backslash or quote that they may not."""
        if '"' in (bare := re.sub(_STRING, lambda match: " " * len(match[0]), self.text)):
            at = bare.index('"')
            return self.error(
                "unclosed-string",
                'this text has no closing `"`',
                (at, len(self.text)),
                'end it with `"` on the same line',
            )
        for string in re.finditer(_STRING, self.text):
            if escape := re.search(r'\\[^"\\]', string[0]):
                start = string.start() + escape.start()
                return self.error(
                    "bad-escape",
                    'in a text, `\\` may only stand before `"` or another `\\`',
                    (start, start + 2),
                    "write `\\\\` for one",
                )
            if string.end() == self.offset and self.at[:1].isalnum() and self.text[self.offset - 1] == '"':
                return self.error(
                    "bad-escape",
                    'a `"` ended the text here',
                    (self.offset - 1, self.offset),
                    'inside a text, write `\\"`',
                    '\\"',
                )
        return None

    def beginning(self) -> Diagnostic | None:
        """A statement that does not begin as one."""
        text, word = self.text, self.word
        if word in VERBS:
            return self.glued()
        if text.startswith("#"):
            remark = f"// {text[1:].strip()}"
            return self.mend("hash-comment", "`#` is a key; a comment starts with `//`", self.whole, remark)
        if text.startswith("--"):
            return self.mend(
                "hash-comment", "a comment starts with `//`", self.whole, f"// {text.lstrip('- ')}"
            )
        if text.startswith("/"):
            help = "a comment starts with `//`, to the end of the line"
            return self.error("unknown-statement", "`/` begins no statement", (0, 1), help)
        if text == "{":
            help = "it stands on the line of its `repeat` or `define`"
            return self.error(
                "unknown-statement", "a block does not begin on a line of its own", (0, 1), help
            )
        if dialed := self.dial_string(0):
            return dialed
        if re.fullmatch(r"[0-9A-D*#][0-9A-D*# .()-]*|\$" + _NAME, text):
            return self.mend(
                "unknown-statement", "a statement begins with a word", self.whole, f"press {text}"
            )
        if not word:
            return self.error("unknown-statement", f"`{text[0]}` begins no statement", (0, 1))
        span = (0, len(word))
        if word in RESERVED:
            return self.error("unknown-statement", f"`{word}` is kept for a statement to come", span)
        if re.match(rf"{_NAME}[ \t]*\(", text):
            return self.arguments()
        if assigned := re.match(r"(\w+)[ \t]*=[ \t]*", text):
            fixed = f"let {word.lower()} = {text[assigned.end() :]}"
            return self.mend("unknown-statement", f"`{word}` is not a statement", self.whole, fixed)
        lower = word.lower()
        for verb in VERBS:
            if re.fullmatch(rf"{verb}[0-9].*", text):
                fixed = f"{verb} {text[len(verb) :]}"
                return self.mend("missing-blank", f"`{verb}` needs a blank after it", self.whole, fixed)
        if meant := lower if lower in VERBS else SYNONYMS.get(lower) or closest(lower, VERBS):
            rest = text[len(word) :]
            if meant == "wait" and re.fullmatch(rf"[ \t]*{_NUMBER}", rest):
                rest += "s"
            shown = f"{meant}{rest}" + (" … }" if self.piece.opens else "")
            shown = "secret pin: 4 digits" if meant == "secret" else shown
            return self.error(
                "unknown-statement", f"`{word}` is not a statement", span, f"write `{shown}`", meant
            )
        help = f"statements are {_one_of([f'`{verb}`' for verb in VERBS])}"
        if re.fullmatch(rf"{_NAME}(?:[ \t]+[$0-9*#][\w*#]*)?", text):
            help = f"to run a define of that name, write `{word}({text[len(word) :].strip()})`; {help}"
        return self.error("unknown-statement", f"`{word}` is not a statement", span, help)

    def glued(self) -> Diagnostic | None:
        """A verb with no blank after it."""
        word, rest = self.word, self.text[len(self.word) :]
        if not rest or rest[0] in " \t{":
            return None
        inner = rest.strip(":=()[] \t")
        inner = inner.strip("\"'") if _is_keys(inner.strip("\"'")) else inner
        return self.mend("missing-blank", f"`{word}` needs a blank after it", self.whole, f"{word} {inner}")

    def run_on(self) -> Diagnostic | None:
        """A second statement where the first should have ended."""
        match = re.match(_NEXT_VERB, self.at)
        if self.offset <= len(self.word) + 1 or not match:
            return None
        if (
            self.word == "repeat"
            and not self.piece.opens
            and re.match(r"repeat[ \t]+[0-9]+([ \t]+times)?[ \t]+\w", self.text)
        ):
            return self.mend(
                "missing-block",
                "`repeat` needs a block",
                self.whole,
                f"{self.text[: self.offset]}{{ {self.at} }}",
            )
        return self.error(
            "missing-separator",
            f"`{match[1]}` begins a new statement",
            (self.offset, self.offset + len(match[1])),
            f"begin a new line, or write `; {match[1]}`",
            f"; {match[1]}",
        )

    def remark(self) -> Diagnostic | None:
        """A `#`, `--` or `/*` after a statement that is complete: somebody's comment."""
        mark = re.match(r"#+|--+|/\*+", self.at)
        if not mark or (self.word == "press" and " every " not in self.text and " for " not in self.text):
            return None
        text = f"// {self.at[mark.end() :].removesuffix('*/').strip()}"
        wrong = (
            "`#` is a key; a comment starts with `//`" if mark[0][0] == "#" else "a comment starts with `//`"
        )
        return self.mend("hash-comment", wrong, (self.offset, len(self.text)), text)

    def block(self) -> Diagnostic | None:
        """A block after a statement that takes none."""
        if self.at != "{":
            return None
        return self.error(
            "unexpected-text", f"`{self.word}` takes no block", self.here(), "only `repeat` and `define` do"
        )

    # By the statement's verb

    def by_verb(self) -> Diagnostic | None:
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
            case "param":
                return self.naming() or self.kind() or self.value()
            case "define":
                return self.define()
            case "use":
                return self.quoted("use", "bank.dtmf")
            case "raw":
                return self.raw()
            case _:
                return None

    def press(self) -> Diagnostic | None:
        if not self.text[5:].strip(" \t{"):
            return self.error("missing-keys", "`press` needs keys", self.whole, "such as `press 59#`")
        if clause := re.match(r"press[ \t]+(every|for)(?!\w)", self.text):
            return self.error(
                "missing-keys",
                "`press` needs keys first",
                clause.span(1),
                f"such as `press 59# {self.text[clause.start(1) :]}`",
            )
        for clause in re.finditer(r"[ \t](every|for)(?!\w)", self.text):
            after = (
                clause.end() + len(self.text[clause.end() :]) - len(self.text[clause.end() :].lstrip(" \t"))
            )
            if self.offset not in (clause.start(1), after):
                continue
            if re.search(rf"[ \t]{clause[1]}(?!\w)", self.text[: clause.start()]):
                help = f"leave one out: a `press` has one `{clause[1]}`"
                return self.error("unexpected-text", f"`{clause[1]}` stands here twice", clause.span(1), help)
            if clause[1] == "every":
                return self.time("every", after)
            label = re.match(r"(?:(?!\bevery\b).)*", self.text[after:])
            fixed = f"for {_quoted(label[0])}" if label and label[0].strip() else 'for "Prescriptions"'
            span = (clause.start(1), after + (label.end() if label else 0))
            return self.mend("missing-string", "`for` needs a label in double quotes", span, fixed)
        return self.keys()

    def keys(self) -> Diagnostic | None:
        """Something that is not a key where reading stopped."""
        at, text, offset = self.at, self.text, self.offset
        if template := re.search(r"[$#]\{(\w*)\}|\{\{(\w*)\}\}", text):
            name = (template[1] or template[2] or "pin").lower()
            return self.mend(
                "bad-name",
                f"`{template[0]}` is how another language uses a name",
                template.span(),
                f"${name}",
            )
        if not at or at[0] == "{":
            return None
        if at[0] in "\"'":
            return self.string_as_keys()
        if at[0] == "(":
            if ")" in at:
                return self.error(
                    "unknown-key",
                    "parentheses may only stand around keys",
                    (offset, offset + at.index(")") + 1),
                    "write it like `(919) 333 4444`",
                )
            help = "parentheses stand around keys: `(919) 333 4444`"
            return self.error(
                "unclosed-parenthesis", "this `(` is not closed after the keys", (offset, offset + 1), help
            )
        if at[0] == "$":
            written = re.match(r"\$(\w*)", at)
            name = written[1].lower() if written else ""
            fixed = f"${name}" if re.fullmatch(_NAME, name) else None
            help = f"write `{fixed}`: {_NAMING_RULE}" if fixed else _NAMING_RULE
            return self.error("bad-name", "this is not a name", self.here(r"\$\w*"), help, fixed)
        if spelled := re.match(r"spell(?!\w)[ \t]*([^\s\";{}]*)", at):
            fixed = f"spell {_quoted(spelled[1] or 'Smith')}"
            return self.mend(
                "missing-string",
                "`spell` needs its letters in double quotes",
                self.here(r"spell[ \t]*[^\s\";{}]*"),
                fixed,
            )
        run_start = max(text.rfind(" ", 0, offset), text.rfind("\t", 0, offset)) + 1
        run = text[run_start:].split(maxsplit=1)[0]
        if dashed := re.fullmatch(r"\$([a-z][\w-]*)", run):
            name = re.sub(r"\W", "_", dashed[1]).lower()
            return self.mend(
                "bad-name", f"`{run}` is not a name", (run_start, run_start + len(run)), f"${name}"
            )
        return self.dial_string(run_start) or self.hash_comment() or self.times() or self.wrong_key(run_start)

    def times(self) -> Diagnostic | None:
        """`press 0 three times`: a `repeat`."""
        counts = "|".join([*NUMBERS, "[0-9]{1,3}"])
        said = re.fullmatch(
            rf"press[ \t]+([0-9A-D*#()]+)[ \t]+(?:({counts})[ \t]+times|[x×][ \t]*([0-9]{{1,3}})|twice)",
            self.text,
        )
        if not said:
            return None
        count = NUMBERS.get(said[2] or "", said[2]) or said[3] or "2"
        fixed = f"repeat {count} {{ press {said[1].strip('()')} }}"
        return self.mend("unknown-key", "a `press` has no count", self.whole, fixed)

    def string_as_keys(self) -> Diagnostic:
        """Quotes around keys, or around letters that `spell` should have."""
        quoted = re.match(_STRING + r"|'[^']*'?", self.at)
        shown = quoted[0] if quoted else self.at
        inner = shown.strip("\"'")
        span = (self.offset, self.offset + len(shown))
        if _is_keys(inner):
            return self.mend("string-as-keys", "keys stand without quotes", span, inner)
        if _can_spell(inner):
            fixed = f"spell {_quoted(inner)}"
            help = f"to press its letters on the keypad, write `{fixed}`"
            return self.error("string-as-keys", "a text in quotes is not a key", span, help, fixed)
        return self.error("string-as-keys", "a text in quotes is not a key", span)

    def hash_comment(self) -> Diagnostic | None:
        """`press 5 # English`: somebody's comment. A single word that we know is no comment."""
        before = self.text[: self.offset].rstrip(" \t")
        word = re.match(_WORD, self.at)
        if not (
            word
            and before.endswith("#")
            and (before != self.text[: self.offset] or before[-2:-1] in (" ", "\t"))
        ):
            return None
        lower = word[0].lower()
        if lower in ("and", "then", *NUMBERS) or closest(lower, ("every", "for", "spell", *KEY_NAMES), 0.75):
            return None
        remark = self.text[len(before) :].strip()
        return self.mend(
            "hash-comment",
            "`#` is a key; a comment starts with `//`",
            (len(before) - 1, len(self.text)),
            f"// {remark}",
        )

    def wrong_key(self, run_start: int) -> Diagnostic:
        """A character or word that is not a key; the run of text it is in began at `run_start`."""
        at, offset = self.at, self.offset
        run = self.text[run_start:].split(maxsplit=1)[0]
        word = re.match(_WORD, at)
        if word and re.fullmatch(r"[A-D]?[a-z]+", run) and offset == run_start + 1:
            # `Back` begins with a key.
            at, offset, word = self.text[run_start:], run_start, re.match(_WORD, run)
        span = (offset, offset + (word.end() if word else 1))
        shown = f"`{self.text[slice(*span)]}` is not a key"
        likely = all(character in KEYS or character in LOOKALIKES or character in "-.()" for character in run)
        if at[0] in LOOKALIKES and (likely or not word or len(word[0]) == 1):
            help = f"write `{LOOKALIKES[at[0]]}`" + (
                ": the tones A-D are upper case" if at[0] in "abcd" else ""
            )
            return self.error(
                "unknown-key", f"`{at[0]}` is not a key", (offset, offset + 1), help, LOOKALIKES[at[0]]
            )
        if glued := re.fullmatch(
            rf"([0-9A-D*#]+)({'|'.join(KEY_NAMES)})|({'|'.join(KEY_NAMES)})([0-9A-D*#]+)", run
        ):
            parts = [part for part in glued.groups() if part]
            return self.mend(
                "unknown-key", f"`{run}` runs together", (run_start, run_start + len(run)), " ".join(parts)
            )
        if at[0] in "-." and len(at.split(maxsplit=1)[0]) == 1:
            return self.error(
                "unknown-key", f"`{at[0]}` may only stand between keys", span, "leave it out", ""
            )
        if not word:
            help = "keys are 0-9, *, # and the tones A-D"
            if at[0] == ",":
                help = (
                    "keys follow one another without commas; a next step stands on its own line, or after `;`"
                )
            return self.error("unknown-key", shown, span, help)
        lower = word[0].lower()
        if meant := NUMBERS.get(lower):
            return self.mend("unknown-key", shown, span, meant)
        if self.text[span[1] :].lstrip(" \t").startswith("("):
            help = f"to run a define, write `{word[0]}(…)` without `press`"
            return self.error("unknown-key", shown, span, help)
        if lower in _FILLERS:
            return self.error(
                "unknown-key", f"`{word[0]}` is for people, and not a key", span, "leave it out", ""
            )
        if lower in ("and", "then"):
            help = "keys follow one another; the next step stands on a line of its own"
            return self.error("unknown-key", shown, span, help)
        if verb := SYNONYMS.get(lower):
            help = f"a next step stands on its own line, or after `;`: `{verb} …`"
            return self.error("unknown-key", shown, span, help)
        if meant := closest(lower, (*KEY_NAMES, "every", "for", "spell"), 0.75):
            return self.mend("unknown-key", shown, span, meant)
        ways = []
        if re.fullmatch(_NAME, word[0]):
            ways.append(f"for the keys of a name, write `${word[0]}`")
        if _can_spell(word[0]):
            ways.append(f'to press its letters on the keypad, write `spell "{word[0]}"`')
        return self.error("unknown-key", shown, span, "; ".join(ways) or None)

    def dial_string(self, start: int) -> Diagnostic | None:
        """Keys and pause characters in one word: somebody's dial string."""
        run = re.match(r"[0-9A-D*#wWp,]+(?=[ \t]|$)", self.text[start:])
        if not run or not re.search("[wWp]|,,", run[0]) or not re.search(r"[0-9*#]|[wW]{2}|^[wW,]+$", run[0]):
            return None
        dialect = "vonage" if "p" in run[0] else "bandwidth-v1"
        return self.error(
            "dial-string",
            f"`{run[0]}` is a carrier's dial string",
            (start, start + len(run[0])),
            f'to use it as it is, write `raw "{run[0]}" as {dialect}`, or decompile it into a script',
        )

    def wait(self) -> Diagnostic | None:
        text = self.text
        start = self.after("wait")
        rest = text[start:]
        example = 'wait up to 12s for "enter your PIN"'
        if re.match(r"for[ \t]+quiet(?!\w)", rest):
            help = f"a wait for quiet is to come; until then write `wait 3s`, or `{example}`"
            return self.error("wait-without-limit", "a wait needs a limit", (start, len(text)), help)
        if match := re.match(
            rf"(?:until|for)[ \t]+(.*?)[ \t]+(?:up[ \t]+to|at[ \t]+most)[ \t]+({_NUMBER}[ \t]*[a-z]+)$", rest
        ):
            fixed = f"wait up to {match[2]} for {_quoted(match[1])}"
            return self.mend("wait-without-limit", "the limit of a wait comes first", (0, len(text)), fixed)
        if match := re.match(r"(?:until|for)(?!\w)[ \t]*(?![ \t0-9$.])(.*)$", rest):
            fixed = f"wait up to 12s for {_quoted(match[1] or 'enter your PIN')}"
            return self.mend("wait-without-limit", "a wait needs a limit", (0, len(text)), fixed)
        if match := re.match(r"for[ \t]+(?=[0-9$.])", rest):
            span = (start, start + match.end())
            help = f"write `wait {rest[match.end() :]}`"
            return self.error("unexpected-text", "`wait` takes the duration without `for`", span, help, "")
        if match := re.match(r"(?:up[ \t]*to|upto|at[ \t]+most)(?!\w)[ \t]*", rest):
            if not re.match(r"up[ \t]+to(?:[ \t]|$)", rest):
                return self.mend(
                    "unexpected-text",
                    f"`{match[0].strip()}` cannot stand here",
                    (start, start + match.end()),
                    "up to ",
                )
            return self.cue(start + match.end())
        cue = re.match(rf"((?:{_NUMBER}[ \t]*[a-z]+[ \t]*)+)[ \t]+(?:for|until)[ \t]+(.*)$", rest)
        if cue and self.offset >= start + len(cue[1]):
            fixed = f"wait up to {cue[1].strip()} for {_quoted(cue[2])}"
            return self.mend("unexpected-text", "a wait with a cue is a `wait up to`", (0, len(text)), fixed)
        return self.time("wait", start)

    def cue(self, start: int) -> Diagnostic | None:
        """What follows `wait up to`."""
        limit = re.match(r"(?:(?!\b(?:for|until)\b).)*", self.text[start:])
        span = limit[0].rstrip(" \t") if limit else ""
        if self.offset <= start + len(span) and (found := self.time("wait up to", start)):
            return found
        rest = self.text[start + len(span) :].strip(" \t")
        said = re.sub(r"^(for|until)(?!\w)", "", rest)
        fixed = f"wait up to {span} for {_quoted(said or 'enter your PIN')}"
        help = f"write `{fixed}`" + ("" if said else ", or `wait` for the whole time")
        return self.error(
            "missing-string",
            "`wait up to` needs its cue in double quotes",
            self.whole,
            help,
            fixed if said else None,
        )

    def time(self, verb: str, start: int) -> Diagnostic | None:
        """A duration that is not one; it should begin at `start`."""
        rest = self.text[start:]
        if not rest.strip("{ \t") or re.match(r"(for|every|until)(?!\w)", rest):
            return self.error(
                "missing-duration", f"`{verb}` needs a duration", self.whole, f"such as `{verb} 3.5s`"
            )
        first = re.match(r'"[^"]*"?|[^\s"{]+', rest)
        shown = first[0] if first else rest
        span = (start, start + len(shown))
        wrong = f"`{shown}` is not a duration"
        if match := re.match(r"([0-9]+),([0-9]+)[ \t]*(\w*)", rest):
            unit = match[3] if match[3] in UNITS else "s"
            if len(match[2]) == 3 and unit != "ms":
                fixes = f"`{match[1]}.{match[2]}{unit}` or `{match[1]}{match[2]}{unit}`"
                return self.error(
                    "decimal-comma", "a number has no comma", (start, start + match.end()), f"write {fixes}"
                )
            if unit == "ms":
                return self.mend(
                    "decimal-comma",
                    "thousands stand without a comma",
                    (start, start + match.end()),
                    f"{match[1]}{match[2]}ms",
                )
            return self.mend(
                "decimal-comma",
                "a decimal is written with a point",
                (start, start + match.end()),
                f"{match[1]}.{match[2]}{unit}",
            )
        if match := re.match(r"([0-9]{1,5}):([0-9]{2})(?!\w)", rest):
            return self.mend(
                "bad-duration", wrong, (start, start + match.end()), f"{int(match[1])}m {int(match[2])}s"
            )
        if match := re.match(r"\.[0-9]+(?:[ \t]*[a-z]+)?", rest):
            fixed = f"0{match[0]}" + ("" if match[0][-1].isalpha() else "s")
            return self.mend("bad-duration", wrong, (start, start + match.end()), fixed)
        if shown[0] == '"' and re.fullmatch(rf"{_NUMBER}[ \t]*[a-z]+", shown.strip('"')):
            return self.mend("bad-duration", "a duration stands without quotes", span, shown.strip('"'))
        if match := re.match(rf"(a|an|half[ \t]+an?|{'|'.join(NUMBERS)})[ \t]+([a-z]+)", rest):
            unit = match[2] if match[2] in UNITS else "second"
            number = {"a": "1", "an": "1"}.get(match[1], NUMBERS.get(match[1], "0.5"))
            return self.mend(
                "bad-duration",
                f"`{match[0]}` is not a duration",
                (start, start + match.end()),
                f"{number} {unit}",
            )
        if re.match(rf"\${_NAME}(?![\w-])", rest):
            return None
        return self.numbers(start) or self.no_duration(verb, start, span, wrong)

    def numbers(self, start: int) -> Diagnostic | None:
        """The numbers of a duration that begins at `start`, one by one, each with its unit."""
        offset = start
        while match := re.match(
            rf"[ \t]*({_NUMBER})([ \t]*)(?:({_WORD})|(?=[ \t;{{]|$))", self.text[offset:]
        ):
            number, unit = match[1], match[3]
            span = (offset + match.start(1), offset + match.end())
            if unit is None or (match[2] and unit in ("every", "for", "until", *VERBS)):
                span = (span[0], span[0] + len(number))
                if number.isdigit() and len(number) >= 3:
                    return self.error(
                        "missing-unit", f"`{number}` has no unit", span, f"write `{number}ms` or `{number}s`"
                    )
                return self.mend("missing-unit", f"`{number}` has no unit", span, f"{number}s")
            if unit not in UNITS:
                return self.unit(number, unit, span)
            offset += match.end()
            if joined := re.match(r"[ \t]*(?:and|,|\+)[ \t]*(?=[0-9])", self.text[offset:]):
                span = (offset, offset + joined.end())
                return self.error(
                    "bad-duration",
                    "the parts of a duration simply follow each other",
                    span,
                    "leave this out",
                    " ",
                )
        return None

    def unit(self, number: str, unit: str, span: tuple[int, int]) -> Diagnostic:
        """A unit of time that is none of ours."""
        wrong = f"`{unit}` is not a unit of time"
        lower = unit.lower()
        if other := OTHER_UNITS.get(lower):
            ours, times = other
            fixed = f"{int(number) * times}{ours}" if number.isdigit() and len(number) < 9 else None
            if fixed:
                return self.mend("unknown-unit", wrong, span, fixed)
        meant = lower if lower in UNITS else closest(lower, UNITS)
        if meant:
            return self.mend(
                "unknown-unit", wrong, span, f"{number} {meant}" if len(meant) > 2 else f"{number}{meant}"
            )
        return self.error("unknown-unit", wrong, span, "units are ms, s and m")

    def no_duration(self, verb: str, start: int, span: tuple[int, int], wrong: str) -> Diagnostic | None:
        """The rest: words, broken numbers."""
        shown = self.text[slice(*span)]
        try:
            read_duration(shown)
        except NotationError:
            help = "write it like 3.5s, 500ms or 1m 30s"
            if re.fullmatch(_NAME, shown):
                help += f", or `${shown}` for a name"
            return self.error("bad-duration", wrong, span, help)
        return None

    def repeat(self) -> Diagnostic | None:
        start = self.after("repeat")
        written = re.match(r"[^{\s]*", self.text[start:])
        count = written[0] if written else ""
        span = (start, start + len(count)) if count else (0, 6)
        if count.isdigit() and len(count) > 9:
            return self.error(
                "bad-repeat", f"a count of {len(count)} digits is more than any call can take", span
            )
        if not re.fullmatch("[0-9]+", count):
            help = "write it like `repeat 3 { … }`"
            number = NUMBERS.get(count) or (re.match("[0-9]*", count) or [""])[0]
            if number and not count.startswith(f"{number}."):
                return self.mend(
                    "bad-repeat",
                    "`repeat` needs a count in digits",
                    span,
                    number + (" times" if count[-1:] in "x×" else ""),
                )
            return self.error("bad-repeat", "`repeat` needs a count in digits", span, help)
        if not self.piece.opens:
            help = f"write `repeat {count} {{ … }}`"
            return self.error(
                "missing-block", "`repeat` needs a block that begins on its line", self.whole, help
            )
        tail = self.text[start + len(count) : -1]
        if not tail.strip():
            return None
        at = start + len(count) + len(tail) - len(tail.lstrip())
        message = f"`{tail.strip()}` cannot stand between the count and the block"
        return self.error(
            "unexpected-text", message, (at, at + len(tail.strip())), "only `times` may", "times"
        )

    def naming(self) -> Diagnostic | None:
        """The name that `let` and `param` define, and the mark after it."""
        start = self.after(self.word)
        match = re.match(r"\$?[\w-]*", self.text[start:])
        name = match[0] if match else ""
        mark, what = ("=", "a value") if self.word == "let" else (":", "a kind")
        rest = self.text[start + len(name) :].lstrip(" \t")
        if words := re.match(rf"{_NAME}(?:[ \t]+{_NAME})+(?=[ \t]*[=:])", self.text[start:]):
            fixed = re.sub(r"[ \t]+", "_", words[0])
            return self.mend(
                "bad-name",
                f"`{words[0]}` is not a name: it is more than one word",
                (start, start + words.end()),
                fixed,
            )
        if not re.fullmatch(_NAME, name):
            fixed = re.sub(r"^[\W\d_]+", "", name).lower().replace("-", "_")
            help = _NAMING_RULE + ("; the `$` is for using it" if name.startswith("$") else "")
            message = f"`{name}` is not a name" if name else f"`{self.word}` needs a name"
            span = (start, start + len(name)) if name else self.whole
            return self.error(
                "bad-name", message, span, help, fixed if name and re.fullmatch(_NAME, fixed) else None
            )
        if rest.startswith(mark):
            return None
        value = rest.lstrip(":= ") or ("2#" if self.word == "let" else "4 digits")
        fixed = f"{self.word} {name}{' =' if mark == '=' else ':'} {value}"
        code = "missing-value" if self.word == "let" else "bad-kind"
        return self.error(
            code, f"`{self.word} {name}` needs a `{mark}` and {what}", self.whole, f"write `{fixed}`"
        )

    def kind(self) -> Diagnostic | None:
        """What follows the `:` of a `param`."""
        start = self.after(r"[^:]*:")
        if self.offset > start:
            return None
        written = re.match(r"[^=]*", self.text[start:])
        shown = written[0].rstrip(" \t") if written else ""
        help = "kinds are `16 digits`, `4..8 digits`, `6 keys` and `duration`"
        if not shown:
            return self.error("bad-kind", "the kind of value is missing", self.whole, help)
        return self.error("bad-kind", f"`{shown}` is not a kind of value", (start, start + len(shown)), help)

    def value(self) -> Diagnostic | None:
        """What follows a `=`."""
        if "=" not in self.text:
            return None
        start = self.after(r"[^=]*=")
        if not self.text[start:]:
            help = "give it keys, such as `2#`, or a duration, such as `4s`"
            return self.error("missing-value", "a value is missing after `=`", self.whole, help)
        return self.key_or_time(start)

    def key_or_time(self, start: int) -> Diagnostic | None:
        """A value that is neither keys nor a duration; it begins at `start`."""
        written = re.match(r"[0-9.,]+[ \t]*([a-z]+)", self.text[start:])
        if written and self.offset > start:
            unit = written[1]
            if "," in written[0] or unit in OTHER_UNITS or closest(unit, UNITS, 0.75):
                return self.time(self.word, start)
        return self.keys()

    def arguments(self) -> Diagnostic | None:
        """What stands between the parentheses of a call."""
        opening = self.text.index("(")
        if self.text.count(")") < self.text.count("("):
            help = "end the values with `)`"
            return self.error(
                "unclosed-parenthesis", "this `(` is never closed", (opening, opening + 1), help
            )
        if found := self.run_on():
            return found
        if self.offset > self.text.rindex(")"):
            return None
        if self.at[:1] in (",", ")"):
            return self.error(
                "missing-value", "a value is missing here", self.here(), "values stand between the commas"
            )
        comma = max(self.text.rfind(",", 0, self.offset), opening) + 1
        start = comma + len(self.text[comma:]) - len(self.text[comma:].lstrip(" \t"))
        return self.key_or_time(start)

    def define(self) -> Diagnostic | None:
        start = self.after("define")
        match = re.match(r"\$?[\w-]*", self.text[start:])
        name = match[0] if match else ""
        span = (start, start + len(name)) if name else self.whole
        if name in (*VERBS, *RESERVED):
            return self.error("bad-name", f"`{name}` is a word of the language", span, "choose another name")
        if not re.fullmatch(_NAME, name):
            fixed = re.sub(r"^[\W\d_]+", "", name).lower().replace("-", "_")
            message = f"`{name}` is not a name" if name else "`define` needs a name"
            return self.error(
                "bad-name", message, span, _NAMING_RULE, fixed if re.fullmatch(_NAME, fixed) else None
            )
        rest = self.text[start + len(name) :].lstrip(" \t")
        if not rest.startswith("("):
            return self.mend("unclosed-parenthesis", f"`define {name}` needs parentheses", span, f"{name}()")
        if ")" not in rest:
            at = self.text.index("(")
            return self.error(
                "unclosed-parenthesis", "this `(` is never closed", (at, at + 1), "end the names with `)`"
            )
        if self.offset <= self.text.index(")"):
            help = f"write it like `define {name}(id, code) {{ … }}`"
            return self.error(
                "bad-name",
                "between the parentheses stand plain names, with commas",
                self.here(r"\$?\w+|\S"),
                help,
            )
        if not self.piece.opens:
            help = f"write `{self.text} {{ … }}`"
            return self.error(
                "missing-block", "`define` needs a block that begins on its line", self.whole, help
            )
        return None

    def quoted(self, verb: str, example: str) -> Diagnostic | None:
        """A text that should stand in double quotes after the verb."""
        start = self.after(verb)
        rest = self.text[start:]
        if rest.startswith('"'):
            return None
        written = re.match(r"'[^']*'?|\S+", rest)
        span = (start, start + written.end()) if written else self.whole
        fixed = _quoted(written[0] if written else example)
        help = f"write `{verb} {fixed}{rest[written.end() :] if written else ''}`"
        return self.error(
            "missing-string",
            f"`{verb}` needs a text in double quotes",
            span,
            help,
            fixed if written else None,
        )

    def raw(self) -> Diagnostic | None:
        if found := self.quoted("raw", "1WWW,59#"):
            return found
        closing = self.after(rf"raw[ \t]+{_STRING}")
        rest = self.text[closing:]
        match = re.match(r"(?:(?:as|in|for)(?:[ \t]+|$))?[\"']?([A-Za-z][\w-]*)?[\"']?", rest)
        if match and self.offset >= closing + match.end() and re.match(r"as[ \t]", rest):
            return None
        name = match[1].lower() if match and match[1] else "bandwidth-v1"
        fixed = f"{self.text[:closing].strip()} as {name}{rest[match.end() :] if match else ''}"
        return self.mend(
            "missing-dialect", "`raw` needs the dialect that its string is written in", self.whole, fixed
        )
