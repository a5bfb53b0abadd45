"""The keys and times that an author wrote, read off a statement's text whether or not it is valid.

A suggestion is shown only if these are the same before and after it (recovery.py). So nothing may be missed
here: a key too much costs a suggestion, and a key too few may cost a call.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import attrs

from dtmfdsl.diagnostics import closest
from dtmfdsl.language.mistakes.pasted import pattern, plain, unlisted
from dtmfdsl.language.mistakes.patterns import NAME, any_of
from dtmfdsl.language.mistakes.phrases import PHRASES
from dtmfdsl.language.mistakes.words import (
    LEADING,
    NUMBER_WORDS,
    NUMBERS,
    OTHER_UNITS,
    SYNONYMS,
    VERBS,
    accepted,
)
from dtmfdsl.notation import KEY_NAMES, KEYS, LOOKALIKES, UNITS, read_keys, spell

_UNITS = {**UNITS, **{word: times * UNITS[ours] for word, (ours, times) in OTHER_UNITS.items()}}
_SIGNS = dict.fromkeys(("octothorpe", "hashtag", "number sign"), "#")
KEY_WORDS = {**KEY_NAMES, **_SIGNS, "oh": "0"}
"""What people call a key that is no digit, and the key."""

_COUNTS = {"twice": "2", "thrice": "3"}
_MULTIPLES = {"double": 2, "triple": 3}
_VERBS = {
    **{phrase: kind for phrase, kind in PHRASES.items() if kind in ("press", "wait")},
    **SYNONYMS,
    **{verb: verb for verb in VERBS},
}
_LIKENESS = {("press", "wait", "repeat"): 0.8, ("pause", "enter", "dial"): 0.85}  # `phase` is no `pause`
_STATEMENT_WORDS = rf"(?i:(?:{'|'.join((*_VERBS, *KEY_WORDS, *NUMBERS))})(?![^\W\d]))"


REMARK = rf"\s*(?:/\*.*?(?:\*/|$)|(?:#+|--+)[ \t]*+(?!{LEADING}{_STATEMENT_WORDS})[^\W\d].*)"
"""A comment as other languages write it, at the start of a statement.

After `#` or `--`, what begins as a statement may be meant as one, and is no comment.
"""

TRAILING_REMARK = (
    r"\A\s*(?i:wait(?:[ \t:]+[0-9.]+[ \t]*[a-z]+)+|hang[ \t]+up|call[ \t]+[+0-9(][0-9(). \t-]*)"
    rf"(?P<remark>[ \t]*#+[ \t]*(?!{LEADING}{_STATEMENT_WORDS})[^\W\d][^0-9*#]*)$"
)
"""A comment after `#`, behind a statement that presses nothing: words alone, which name no key."""

LOOP = (
    r"(?:(?:for|FOR)[ \t]+\w+[ \t]+in[ \t]+(?:1\.\.|range\()"
    r"|for[ \t]*\((?:\w+[ \t]+)?\w+[ \t]*=[ \t]*(?:0[ \t]*;[ \t]*\w+[ \t]*<|1[ \t]*;[ \t]*\w+[ \t]*<=)[ \t]*)"
    r"([0-9]{1,9})(?:[ \t]*;[ \t]*(?:\w+\+\+|\+\+\w+)[ \t]*)?\)?"
)
"""The head of a loop as other languages write it, with its count."""

LOCAL_NUMBER = 7
"""A phone number has at least this many digits."""

_PHONE_NUMBER = 30
"""And it is written in at most this many characters."""

STRING = pattern(r'"(?:[^"\\]|\\.)*+"|(?<!\w)\'[^\']*\'(?!\w)')
_VALUE_NAME = pattern(
    rf"[$#%]?\{{\{{?[ ]?(?!{any_of(VERBS)})({NAME})[ ]?\}}\}}?|%({NAME})%|<({NAME})>|\$([\w-]*\w)", re.I
)
SPELLED = (
    rf"(?<![^\W_])(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True)).replace(' ', '[ -]')})(?![^\W_])"
)
_COUNT = pattern(
    rf"({SPELLED}|[0-9]+)[ \t]*(?:times|[x×])(?!\w)|(?<!\S)[x×][ \t]*([0-9]+)(?!\w)|({any_of(_COUNTS)})",
    re.I,
)
_NUMBER = rf"[0-9]+[.,][0-9]+|[0-9]+|\.[0-9]+|{SPELLED}"
_AND_A_HALF = r"[ \t]+and[ \t]+a[ \t]+half(?!\w)"
_TIME = pattern(
    rf"((?:{_NUMBER})(?:{_AND_A_HALF})?|\b(?:half(?:[ \t]+an?)?|an?(?:[ \t]+half)?)\b"
    r"|(?<=every[ \t])|(?<=each[ \t]))"
    rf"[ \t-]*(?:(?:more|full|whole)[ \t]+)?([^\W\d_]+)(?!_)({_AND_A_HALF})?",
    re.I,
)
_CLOCK = pattern(r"([0-9]+):([0-9]{2})(?![\w:])")
_BARE = pattern(_NUMBER, re.I)
_RUN = pattern(rf"[{re.escape(KEYS + ''.join(LOOKALIKES))}]+(?![^\W_])")
_DIAL_STRING = pattern(
    r"\s*(?:\"([^\"]*)\"|'([^']*)'|(\S*))(?:\s+(?:as|in|for)\s+\"?[a-z][a-z0-9-]*\"?)?", re.I
)
_REPEATED = pattern(r"\([ \t]*([0-9*#]|[^\W\d_]+)[ \t]*\)")
LENGTH = pattern(rf"(?:[0-9]+|{SPELLED})[ \t-]*(?:digits?|letters?|characters?)(?!\w)", re.I)
_MULTIPLE = pattern(
    rf"({any_of(_MULTIPLES)})[ \t-]+(?=[0-9*#](?![\w*#])|{any_of((*KEY_WORDS, *NUMBERS))})", re.I
)
_SIGN = pattern(r"[ \t]+sign(?!\w)", re.I)
_PARTED = pattern(r"(?:^|[(,.;:!>→⇒➔–—-]|(?<!\w)(?:then|and))[ \t]*$", re.I)
_ARTICLE = pattern(rf"[ \t]+(?:[\"'0-9*#]|(?i:{any_of((*KEY_WORDS, *NUMBERS))}))")
_ALONE = pattern(r"[ \t]*(?:[^ \t\w]|[^\W_][^\W_]?(?!\w)|\d|$|(?:for|every|then|and|when)(?!\w))")
_WORD = pattern(r"[^\W\d_]+")
_AND = pattern(r"(?:[\s+,]|and\b)*", re.I)


def likely_unit(word: str) -> str | None:
    """The unit that a word with a slip was meant to be; `rings` and `steps` are none."""
    return closest(word, UNITS, 0.6 if len(word) == 3 else 0.7)


def time_at(text: str, at: int, *, near: bool = False) -> tuple[Decimal, int, int] | None:
    """The time with a unit that stands at an offset, its unit, both in milliseconds, and where it ends.

    With `near`, a unit of more than two letters may have a slip.
    """
    found = _TIME.match(text, at)
    if not found:
        return None
    unit = found[2].lower()
    if unit not in _UNITS and len(unit) > 2 and near:
        unit = likely_unit(unit) or ""
    milliseconds = _UNITS.get(unit, 0)
    halves = Decimal("0.5") if found[3] else 0
    if not milliseconds:
        return None
    return (_number(found[1], unit) + halves) * milliseconds, milliseconds, found.end()


def multiple_at(text: str, at: int) -> tuple[int, int] | None:
    """How often the key after `double` or `triple` is pressed, and where the word ends."""
    found = _MULTIPLE.match(text, at)
    return (_MULTIPLES[found[1].lower()], found.end()) if found else None


def verb_of(word: str) -> str | None:
    """The verb that a word in lower case stands for, or was meant to be."""
    return _VERBS.get(word) or _VERBS.get(slip_of(word) or "")


def slip_of(word: str) -> str | None:
    """What a word with swapped, missing or wrong letters was meant to be: `wiat`, but not `what`."""
    for verbs, likeness in _LIKENESS.items():
        likely = [verb for verb in verbs if verb[0] == word[0]]
        swapped = (verb for verb in likely if sorted(verb) == sorted(word))
        if meant := next(swapped, None) or closest(word, likely, likeness):
            return meant
    return None


def count_at(text: str, at: int) -> tuple[str, int] | None:
    """The count that stands at an offset, such as `3 times`, in digits, and where it ends.

    `x33` is a count after a key, and after a longer number the extension that a person would dial.
    """
    found = _COUNT.match(text, at)
    if not found or (found[2] and not _may_count(found[2], text[:at])):
        return None
    count = found[1] or found[2] or found[3]
    return _COUNTS.get(count.lower()) or digits_of(count), found.end()


def _may_count(count: str, before: str) -> bool:
    run = re.search(r"[0-9*#(). \t-]*$", before[-_PHONE_NUMBER:])
    keys = sum(character in KEYS for character in run[0]) if run else 0
    return keys <= 1 or (keys < LOCAL_NUMBER and len(count) == 1)


def name_at(text: str, at: int) -> tuple[str, int] | None:
    """The use of a value's name at an offset, as any language writes it, and where it ends."""
    found = _VALUE_NAME.match(text, at)
    if not found:
        return None
    name = next(group for group in found.groups() if group)
    return "$" + name.lower().replace("-", "_"), found.end()


@attrs.frozen
class Written:
    """What a statement's text holds, in order: keys one by one, times in milliseconds, and `$names`.

    `counts` are how often something is to be done; they may stand before or after it.
    """

    values: tuple[str | Decimal, ...]
    counts: tuple[str, ...] = ()

    def same(self, other: Written) -> bool:
        """Whether another holds this, where `1 three times` may also be written out as `111`."""
        if other.counts or len(self.counts) != 1:
            return self == other
        times, more = int(self.counts[0]), len(other.values) - len(self.values)
        if times < 2 or more <= 0 or more % (times - 1):
            return False
        length = more // (times - 1)
        return any(
            (*self.values[:at], *self.values[at : at + length] * times, *self.values[at + length :])
            == other.values
            for at in range(len(self.values) - length + 1)
            if all(isinstance(value, str) for value in self.values[at : at + length])
        )


@lru_cache(maxsize=32)
def written(text: str) -> Written:
    """The keys, times, names and counts of a statement, or of several.

    Marks of lists, comments, labels and cues in quotes are left out; `star`, `two` and `O` are their keys,
    letters to spell are their keys, and `wait 3` is three seconds. The text need not be valid.
    """
    reader = _Reader()
    for number, line in enumerate(plain(text).splitlines()):
        line = re.sub(
            rf"({STRING.pattern})|//.*|/\*.*?(?:\*/|$)|<!--.*?(?:-->|$)", lambda found: found[1] or "", line
        )
        if number == 0:
            line = re.sub(rf"\A{REMARK}", "", line)
            line = re.sub(r"\A\s*#+", "", unlisted(line))
        if trailing := re.match(TRAILING_REMARK, line):
            line = line[: trailing.start("remark")]
        reader.read(line)
    return Written(tuple(reader.values), tuple(sorted(reader.counts)))


class _Reader:
    """Reads a line from left to right and remembers what the words before a number make of it."""

    def __init__(self) -> None:
        self.values: list[str | Decimal] = []
        self.counts: list[str] = []
        self.verb = ""
        self.before = ""  # the last word
        self.time_end = -1  # where the last time ended, if nothing else has come since
        self.time_index = 0  # which value it is
        self.minutes = False  # and whether it ended with minutes
        self.multiple = 1  # how often the next key is pressed
        self.named = False  # whether the last key was a word
        self.clause = 0  # how many values stand before the last verb that presses
        self.belated = False  # whether the next time was to pass before that verb

    def read(self, text: str) -> None:
        self.time_end = -1
        self.before = ""
        at = self._head(text)
        while at < len(text):
            at = self._one(text, at)

    def _head(self, text: str) -> int:
        """Skips the name that a statement gives to something, which may hold digits."""
        if loop := re.match(LOOP, text):
            self.verb = "repeat"
            self.counts.append(loop[1])
            return loop.end()
        self.verb = "press"
        named = re.match(
            r"(?i)\s*(?:(?:let|set|var|const|param|secret)\s+(?:[^=:;\"]*(?=[=:])|\S+)|(?:define|def|sub)\b[^{]*"
            rf"|(?!{any_of(_VERBS)})[^\W\d]\w*\s*(?==)|(?=[^\W\d])(?!spell|press|wait|repeat)[a-z]\w*\s*\()",
            text,
        )
        if not named:
            return 0
        self.verb = "let"
        return named.end()

    def _one(self, text: str, at: int) -> int:
        """Takes in what stands at an offset; returns where to go on."""
        if text[at] in " \t":
            return at + 1
        if found := STRING.match(text, at):
            self._string(found[0][1:-1])
            return found.end()
        if name := name_at(text, at):
            self._value(name[0])
            return name[1]
        if multiple := multiple_at(text, at):
            self.multiple = multiple[0]
            return multiple[1]
        if (count := count_at(text, at)) and not (self.verb == "wait" and text[count[1] - 1] in "x×"):
            self.counts.append(count[0])
            self.before = ""
            return count[1]
        if self.values and (found := _REPEATED.match(text, at)):
            key = KEY_WORDS.get(found[1].lower()) or digits_of(found[1])
            if key == self.values[-1] and self.named == (key == found[1]):
                return found.end()  # the `(#)` of `the pound key (#)`
        if self.verb == "wait" and (found := _CLOCK.match(text, at)):
            self._time(Decimal(found[1]) * 60_000 + Decimal(found[2]) * 1000, text, *found.span())
            return found.end()
        near = self.verb in ("wait", "let") or self.before == "every"
        if time := time_at(text, at, near=near):
            self._time(time[0], text, at, time[2], minutes=time[1] == 60_000)
            return time[2]
        if (found := _BARE.match(text, at)) and (end := self._bare(found[0], text, *found.span())):
            return end
        if (found := _RUN.match(text, at)) and re.search(r"[0-9*#]", found[0]):
            for key in found[0]:
                self._value(LOOKALIKES.get(key, key))
            return found.end()
        if found := _WORD.match(text, at):
            return self._word(text, found)
        if self.verb == "wait" and (text[at] in "→⇒➔>" or (text[at] == "," and at == self.time_end)):
            self.verb = "press"
        if (key := LOOKALIKES.get(text[at], text[at])) in KEYS:
            self._value(key)
        return at + 1

    def _bare(self, number: str, text: str, start: int, end: int) -> int:
        """A number without a unit: a count, seconds, or keys."""
        if self.before == "repeat":
            self.counts.append(digits_of(number))
            self.before = ""
        elif self.minutes and start == self.time_end and len(number) <= 2:
            self._time(Decimal(number) * 1000, text, start, end)
        elif self.verb == "wait" or self.before == "every":
            self._time(_number(number) * 1000, text, start, end)
        elif number[0].isalpha():
            for key in digits_of(number):
                self._value(key)
            self.named = True
        else:
            return 0
        return end

    def _word(self, text: str, found: re.Match[str]) -> int:
        word, lower = found[0], found[0].lower()
        before, self.before = self.before, lower
        if lower in KEY_WORDS or (lower == "number" and _SIGN.match(text, found.end())):
            self._value(KEY_WORDS.get(lower, "#"))
            self.named = True
        elif before == "spell" and lower == "out":
            self.before = "spell"
        elif before == "spell" or self._vanity(text, found):
            self._keys_of(word, spelled=True)
        elif verb := verb_of(lower):
            self.verb = verb if verb != "pace" else "wait"
            self.before = verb
            if self.verb == "press":
                self.clause = len(self.values)
            if verb == "raw":
                return self._raw(text, found.end())
        elif lower == "then" and self.verb == "wait":
            self.verb = "press"
        elif lower == "after":
            self.belated = not _PARTED.search(text[: found.start()])
        elif word == "a" and (
            (before == "press" and _ARTICLE.match(text, found.end())) or time_at(text, found.end() + 1)
        ):
            pass
        elif set(word) <= set("ABCD") or (
            word in LOOKALIKES and self.verb != "wait" and _ALONE.match(text, found.end())
        ):
            for key in word:
                self._value(LOOKALIKES.get(key, key))
        return found.end()

    def _vanity(self, text: str, found: re.Match[str]) -> bool:
        """Whether a word is part of a number: `1-800-FLOWERS`."""
        start = found.start()
        if start == 0 or text[start - 1] not in "-.0123456789" or len(found[0]) < 2:
            return False
        run = text[max(0, start - _PHONE_NUMBER) : start].split()[-1]
        return sum(character in "0123456789" for character in run) >= 3 and found[0].lower() not in _UNITS

    def _raw(self, text: str, at: int) -> int:
        """A dial string, letter by letter, and its dialect."""
        found = _DIAL_STRING.match(text, at)
        if not found:
            return at
        self.values += found[1] or found[2] or found[3] or ""
        return found.end()

    def _string(self, inner: str) -> None:
        before, self.before = self.before, ""
        if before in ("for", "until") or self.verb == "use":
            return
        if self.verb == "wait":
            self._nested(inner)
        elif before == "spell":
            self._keys_of(inner, spelled=True)
        elif inner in LOOKALIKES or inner.lower() in NUMBERS:
            self._value(LOOKALIKES.get(inner) or NUMBERS[inner.lower()])
        elif self.verb == "press":
            self._keys_of(inner, spelled=not accepted(read_keys, inner))
        else:
            self._nested(inner)

    def _keys_of(self, text: str, *, spelled: bool) -> None:
        if accepted(spell if spelled else read_keys, text):
            for key in spell(text) if spelled else read_keys(text):
                self._value(key)
        else:
            self._nested(text)

    def _nested(self, text: str) -> None:
        inner = written(text)
        self.values += inner.values
        self.counts += inner.counts
        self.time_end = -1

    def _value(self, value: str) -> None:
        self.values += [value] * self.multiple
        self.multiple = 1
        self.named = self.belated = False
        self.time_end = -1
        self.before = ""

    def _time(self, time: Decimal, text: str, start: int, end: int, *, minutes: bool = False) -> None:
        """A time, which adds to the one before it if nothing parts them: `3 s and 4 s`."""
        if self.time_end >= 0 and _AND.fullmatch(text, self.time_end, start):
            self.values[self.time_index] = Decimal(self.values[self.time_index]) + time
        else:
            # `press 1 after 3s` waits first.
            self.time_index = self.clause if self.belated else len(self.values)
            self.values.insert(self.time_index, time)
        self.belated = False
        self.time_end, self.minutes = end, minutes
        self.before = ""


def digits_of(number: str) -> str:
    """A number in digits, which may be in words."""
    return NUMBER_WORDS.get(number.lower().replace("-", " "), number)


def _number(text: str, unit: str = "s") -> Decimal:
    """A number in digits or words. Its comma parts thousands if milliseconds follow, and decimals if not."""
    lower = text.lower()
    if "half" in lower:
        whole = re.match(r"(.+?)[ \t]+and[ \t]+a[ \t]+half", lower)
        return Decimal("0.5") + (_number(whole[1]) if whole else 0)
    if lower in ("", "a", "an"):
        return Decimal(1)
    if re.fullmatch(r"[0-9]+,[0-9]{3}", text) and unit.lower().startswith(("ms", "mil")):
        return Decimal(text.replace(",", ""))
    return Decimal(digits_of(text).replace(",", "."))
