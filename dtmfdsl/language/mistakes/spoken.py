"""A whole sentence as people write steps: `Push one for billing, wait two seconds and hit pound.`

It is cut into words and marks, and read clause by clause. Only a sentence that is understood to its end
becomes statements. What it leaves open, such as a pause without a time, is named. A sentence with anything
that has no place here is left to the rules. recovery.py compares its keys and times with the statements'.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NoReturn

import attrs

from dtmfdsl.language.mistakes.pasted import LISTED_KEYS, plain, unlisted
from dtmfdsl.language.mistakes.tokens import Token, tokens_of
from dtmfdsl.language.mistakes.words import CHOICE, HELD, SPEECH, accepted, quoted
from dtmfdsl.language.mistakes.written import (
    KEY_WORDS,
    LOCAL_NUMBER,
    SPELLED,
    STRING,
    TRAILING_REMARK,
    digits_of,
)
from dtmfdsl.notation import read_duration, read_keys, spell, write_duration

_TO_CALL = r"\+?(?:[0-9(][0-9().]*[ \t-]?)+(?<![ \t.-])(?!\w)"
_WHOM = r"[ \t]*([a-z' ]{1,40}?[ \t](?:at|number|on):?[ \t]+)?"
_WRITTEN_OUT = 20
"""Write a key out at most this often, where it is pressed several times with a silence between."""

_LONG = 3
"""A run of this many digits is no choice in a menu."""

_NOT = tuple("any anything but except not never no last other without instead than sms text".split())
"""Words that change what keys before which they stand are for."""

_VALUES = ("code", "pin", "password", "account", "account number", "card number", "pin number")

_AROUND_KEYS = ("fill", "noun", "key")
_FOR_PEOPLE = ("word", "value", "with", "of", "for", "to", "extension", "about", *_AROUND_KEYS)
_NO_LAST_WORD = ("please", "now", "again", "and", "for", "to", "of", "with")
_AROUND_TIMES = ("fill", "about")


@attrs.frozen
class Lacking:
    """What a sentence leaves open that only its author can decide: an error's code, message and help.

    `alone` says that all else in the sentence is understood.
    """

    code: str
    message: str
    help: str
    start: int
    end: int
    alone: bool = False


class _NotUnderstood(Exception):
    """The sentence is none that is read here; or, with what it is about, one that leaves something open."""

    def __init__(self, lacking: Lacking | None = None):
        super().__init__(lacking)
        self.lacking = lacking


@attrs.define
class _Press:
    keys: list[str]
    every: str = ""
    label: str = ""
    count: str = ""

    def __str__(self) -> str:
        keys = " ".join(self.keys)
        if self.count and self.every:
            return f"press {read_keys(keys) * int(self.count)}{self.every}{self.label}"
        press = f"press {keys}{self.every}{self.label}"
        return f"repeat {self.count} {{ {press} }}" if self.count else press


def spoken(
    text: str, names: Collection[str] = (), *, opening: bool = False, followed: bool = False
) -> str | Lacking | None:
    """The statements that a sentence means, one a line; what it lacks; or None if it is not understood.

    `names` are those of the script's values: with `pin` among them, `enter your PIN` is `press $pin`.
    `opening` says that nothing stands before it in the script, so that it may hold the number to call, and
    `followed` that something stands after it.
    """
    if any(plain(string) != string for string in STRING.findall(text)) or re.match(LISTED_KEYS, text):
        return None  # a label would change; a number may be a list's
    read = unlisted(plain(text))
    remark = re.match(TRAILING_REMARK, read)
    reader = _Reader(read[: remark.start("remark")] if remark else read, names, opening, followed)
    try:
        steps = [str(step) for step in reader.sentence()]
    except _NotUnderstood as error:
        lacking = reader.pending or error.lacking
        return lacking and _placed(lacking, reader.text, text)
    if reader.pending:
        help = f"say how long, such as `{'; '.join(steps)}`"
        pending = attrs.evolve(reader.pending, help=help, alone=len(steps) > 1)
        return _placed(pending, reader.text, text)
    return "\n".join(steps) + (f"  // {remark['remark'].strip(' #')}" if remark else "")


def _placed(lacking: Lacking, read: str, text: str) -> Lacking:
    """What is lacking with its place in the author's text, of which `read` is a plainer form."""
    if read == text:
        return lacking
    word = read[lacking.start : lacking.end]
    start = text.find(word, lacking.start)
    start, end = (start, start + len(word)) if start >= 0 else (0, len(text))
    return attrs.evolve(lacking, start=start, end=end)


class _Reader:
    """Reads tokens from left to right. `at` is the place of the next one."""

    def __init__(self, text: str, names: Collection[str], opening: bool, followed: bool):
        self.text, self.opening, self.followed = text, opening, followed
        self.tokens = tokens_of(text, {name.replace("_", " "): f"${name}" for name in names})
        self.at = 0
        self.steps: list[_Press | str] = []
        self.pending: Lacking | None = None  # a pause without a time, if the rest is understood
        self.bound = False  # whether the last step ends in `after 3 seconds`

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, *kinds: str) -> Token | None:
        """The next token, if it is of one of these kinds."""
        token = self.token
        if token.kind not in kinds:
            return None
        self.at += 1
        return token

    def skip(self, *kinds: str) -> None:
        while self.take(*kinds):
            pass

    def lacks(self, code: str, message: str, help: str, token: Token | None = None) -> NoReturn:
        token = token or self.token
        raise _NotUnderstood(Lacking(code, message, help, token.start, token.end))

    # Sentences

    def sentence(self) -> list[_Press | str]:
        while self.token.value in ("then", "and", "next", "finally", "lastly", "after that", ",", ":"):
            self.at += 1
        self.clause("")
        while self.token.kind != "end":
            parted = self.parted()
            if self.token.kind == "end":
                break
            if not parted and (self.bound or not self.verb()):
                raise _NotUnderstood
            self.clause(parted)
        return self.steps

    def parted(self) -> str:
        """Takes what stands between two clauses: its last word or mark, `join` for one that adds keys."""
        last = ""
        self.skip("fill")
        while token := self.take("part", ":", "-", "(", ")", "join"):
            last = "join" if token.kind == "join" else last + token.value
            self.skip("fill")
        # `wait 3s before pressing 1` is in order; any other `before` is not.
        if "before" in last and not (last == "before" and str(self.steps[-1]).startswith("wait")):
            raise _NotUnderstood
        if self.token.kind == "end" and last.strip(".!,;)"):
            raise _NotUnderstood
        return last

    def verb(self) -> bool:
        at = self.at
        self.skip("fill", "noun")
        found = self.token.kind in ("press", "key", "wait", "hang up", "call")
        self.at = at
        return found

    def clause(self, parted: str) -> None:
        self.bound = False
        self.skip(*_AROUND_TIMES, "with")
        if self.steps or self.token.value in ("first", "once"):
            self.skip("noun")
        if self.take("answered"):
            if self.steps and not str(self.steps[-1]).startswith("call"):
                raise _NotUnderstood
            self.skip("part", "fill")
        if self.token.kind == "(" and self.tokens[self.at + 1].kind in ("wait", "time", "after"):
            self.at += 1
        token = self.token
        if times := self.take("count"):
            token = self.token
        if token.kind in ("press", "key", "spell"):
            self.at += token.kind != "spell"
            step = self.press(token)
            if times and (not step or step.count or step.every):
                raise _NotUnderstood
            if times and step:
                step.count = times.value
        elif times:
            raise _NotUnderstood
        elif self.take("wait"):
            if token.value == "hold" and parted == "and" and isinstance(self.steps[-1], _Press):
                self.lacks("unknown-statement", *HELD, token)  # `press 1 and hold`
            self.wait(token)
        elif token.kind == "time":
            self.steps.append(f"wait {self.time()}")
            if not self.take("wait", "later"):
                raise _NotUnderstood
            self.skip("part" if self.tokens[self.at - 1].kind == "later" else "fill")
        elif self.take("after"):
            self.skip(*_AROUND_TIMES, "wait", "of", "for")
            self.steps.append(f"wait {self.time()}")
            self.skip("fill", "wait")
            self.take(")")
            if self.token.value in (",", "then"):
                self.at += 1
            if not self.verb():
                raise _NotUnderstood
            self.clause("")
        elif self.take("hang up"):
            self.steps.append("hang up")
            if self.take("after"):
                self.steps.insert(-1, f"wait {self.time()}")
        elif token.kind == "or" and self.steps:
            self.or_hang_up()
        elif self.take("call"):
            self.call(token)
        elif token.kind in ("keys", "string", "name", "value"):
            self.more_keys(parted)
            if len(self.steps) == 1 and self.verb():  # `* press 1` may be a list's entry
                raise _NotUnderstood
        else:
            self.open_end()

    def or_hang_up(self) -> None:
        """A last `or simply hang up`: the call ends after the script anyway, and this is a remark."""
        start = self.token.start
        self.at += 1
        self.skip("fill")
        if not self.take("hang up"):
            self.at -= 1
            self.open_end()
        self.skip("part", "fill")
        if self.token.kind != "end":
            raise _NotUnderstood
        self.steps[-1] = f"{self.steps[-1]}  // {self.text[start:].strip(' .!')}"

    def open_end(self) -> NoReturn:
        """Names what stands in the way, if it is known."""
        token = self.token
        match token.kind:
            case "if":
                self.lacks("unknown-statement", *CHOICE)
            case "say":
                self.lacks("unknown-statement", *SPEECH)
            case "or":
                self.lacks(
                    "unknown-key",
                    "a script presses one thing, and does not choose",
                    "choose one of them, and leave the other out",
                )
            case "event":
                self.lacks(
                    "wait-without-limit",
                    f"`{token.value}` is a moment that a script cannot hear",
                    'say how long that takes at most, such as `wait up to 12s for "the tone"`',
                )
        raise _NotUnderstood

    # Clauses

    def press(self, verb: Token) -> _Press | None:
        if self.opening and not self.steps and verb.value.startswith("dial") and self.number(verb):
            return None
        keys = self.keys()
        if not keys:
            if self.token.kind not in ("end", "word", "join") and self.token.value not in ",.;andthen":
                raise _NotUnderstood
            word = self.text[verb.start : verb.end]
            self.lacks(
                "missing-keys",
                f"`{word}` names no keys",
                "write the keys, or a name for them, such as `press $pin` below `param pin: 4 digits`",
                verb,
            )
        step = _Press(keys)
        self.steps.append(step)
        self.tails(step)
        return step

    def tails(self, step: _Press) -> None:
        """What may follow the keys of a press: how often, how far apart, after how long, what for."""
        while True:
            token = self.token
            self.at += 1
            if token.kind in _AROUND_KEYS:
                continue
            if not step.every and (gap := self.gap(token)):
                step.every = f" every {gap}"
            elif token.kind == "(" and self.token.kind == "count" and self.tokens[self.at + 1].kind == ")":
                step.count = self.token.value
                self.at += 2
            elif token.kind == "count" and not step.count:
                step.count = token.value
            elif token.kind == "every" and not step.every:
                step.every = f" every {self.time()}"
            elif token.kind == "after" and self.token.kind == "time":
                self.steps.insert(-1, f"wait {self.time()}")
                self.bound = True
            elif token.kind in ("for", "to") and not step.label:
                if self.token.kind == "time":
                    self.lacks(
                        "missing-string",
                        "how long a tone lasts is up to the carrier",
                        "to wait after the keys, add a step, such as `wait 2s`",
                    )
                step.label = f" for {quoted(self.words())}"
            elif token.kind in (":", "=", "-") and self.token.kind in ("word", "for") and not step.label:
                self.take("for")
                step.label = f" for {quoted(self.words())}"
            elif token.kind == "(" and self.token.kind not in ("wait", "time") and not step.label:
                self.take("for", "to")
                step.label = f" for {quoted(self.words())}"
                if not self.take(")"):
                    raise _NotUnderstood
            else:
                self.at -= 1
                break
        if self.token.kind in ("or", "event", "if"):
            self.open_end()
        if step.every and self.one_or_many(step):
            raise _NotUnderstood

    def gap(self, token: Token) -> str | None:
        """A time between keys: `, 2 seconds apart`, `with a pause of 1s between digits`."""
        at = self.at
        if token.value not in (",", "and", "at"):
            self.at -= 1
        self.skip("with", "wait", "of", *_AROUND_TIMES)
        if self.token.kind == "time":
            time = self.time()
            self.skip("fill", "wait")
            if self.take("between"):
                self.skip(*_AROUND_KEYS, "every")
                if self.token.value.startswith("press"):  # `between presses`
                    self.at += 1
                return time
        self.at = at
        return None

    @staticmethod
    def one_or_many(step: _Press) -> bool:
        """Whether the keys of a press cannot stand apart: there is one, or too many to write out."""
        if not step.count:
            return len(step.keys) == 1 and len(step.keys[0]) == 1
        return not (accepted(read_keys, " ".join(step.keys)) and 1 < int(step.count) <= _WRITTEN_OUT)

    def more_keys(self, parted: str) -> None:
        """Keys without a verb of their own: `press 1, then 2`, `1234 followed by pound`."""
        last = self.steps[-1] if self.steps else None
        if isinstance(last, _Press) and parted == "join" and not (last.count or last.every):
            last.keys += self.keys()
            self.tails(last)
        elif last and (parted == "join" or set(parted) & set(".;:!/|") or str(last).startswith("call")):
            raise _NotUnderstood
        elif isinstance(last, _Press) and last.label and "then" not in parted:
            raise _NotUnderstood  # `1 for yes and 2 for no` may be a choice
        else:
            self.press(self.token)

    def wait(self, verb: Token) -> None:
        self.skip(*_AROUND_TIMES, ":", "=")
        if self.token.kind == "keys" and verb.value == "hold":
            self.lacks("unknown-statement", *HELD, verb)
        introduced = self.take("for", "of", "until")
        cue_at = self.at
        self.skip(*_AROUND_TIMES)
        limit = self.take("limit")
        bracket = self.take("(")  # `wait(3)`
        if self.token.kind in ("time", "keys"):
            time = self.time()
            if bracket and not self.take(")"):
                raise _NotUnderstood
            self.skip("fill")
            if self.take("for", "until"):
                self.steps.append(f"wait up to {time} for {quoted(self.cue())}")
            elif limit:
                raise _NotUnderstood
            else:
                self.steps.append(f"wait {time}")
            self.skip("fill")
            if mark := self.take("(", "-"):
                if self.verb() or self.token.kind not in ("word", "fill", "noun"):
                    self.at -= 1
                    return
                self.steps[-1] = f"{self.steps[-1]}  // {self.words()}"
                if mark.kind == "(" and not self.take(")"):
                    raise _NotUnderstood
            self.take("answered")
            return
        if bracket:
            raise _NotUnderstood
        if introduced and not limit and self.token.kind != "end":
            self.at = cue_at
            cue = self.cue()
            self.skip("part", "for", "(")
            if self.take("limit"):
                self.steps.append(f"wait up to {self.time()} for {quoted(cue)}")
                self.skip(")")
                return
        word = self.text[verb.start : verb.end]
        if introduced:
            self.lacks(
                "wait-without-limit",
                "a wait needs a limit",
                'say how long it takes at most, such as `wait up to 12s for "enter your PIN"`',
                verb,
            )
        message = f"`{word}` needs a duration"
        self.pending = self.pending or Lacking(
            "missing-duration", message, "such as `wait 3.5s`", verb.start, verb.end
        )
        self.steps.append("wait 3s")

    def call(self, verb: Token) -> None:
        if not self.opening or self.steps or not self.number(verb):
            raise _NotUnderstood

    def number(self, verb: Token) -> bool:
        """Takes the number to call after a verb. After `dial`, ten digits are one if a step follows."""
        found = re.compile(rf"{_WHOM}({_TO_CALL})", re.I).match(self.text, verb.end)
        if not found:
            return False
        at = self.at
        while self.token.start < found.end() and self.token.kind != "end":
            self.at += 1
        whom, number = found.groups()
        digits = sum(character.isdigit() for character in number)
        goes_on = self.token.kind == "part" or (self.token.kind == "end" and self.followed)
        called = verb.kind == "call" and (digits >= LOCAL_NUMBER or not whom)
        if called or number[0] == "+" or (digits >= 10 and goes_on):
            self.steps.append(f"call {number}")
            return True
        self.at = at
        return False

    # Parts of clauses

    def keys(self) -> list[str]:
        """The keys, names and texts that stand here, as a script has them."""
        keys: list[str] = []
        measured = False  # by `4-digit`, which is no key
        while True:
            token = self.token
            self.at += 1
            before = token.kind in (":", "=", "extension", "length") or self.describes(token)
            if token.kind in _AROUND_KEYS or (before and not keys):
                measured = measured or token.kind == "length"
                if token.value.endswith(_VALUES) and self.token.value in ("#", "*", *KEY_WORDS):
                    raise _NotUnderstood  # `PIN #` may be the PIN, and then the key
                continue
            if token.kind == "(" and keys and self.token.kind == "keys" and self.repeats(keys[-1]):
                continue
            if token.kind == "extension" and self.token.kind == "keys":
                self.lacks(
                    "unknown-key",
                    "an extension is dialled when the call is answered",
                    "it is a step of its own, after a wait: `press 5551212; wait 3s; press 33`",
                    token,
                )
            if token.kind in ("keys", "name"):
                keys.append(token.value)
            elif token.kind == "value" and not keys:
                self.skip(*_AROUND_KEYS)
                if [each.kind for each in self.tokens[self.at : self.at + 3]] == ["(", "length", ")"]:
                    self.at += 3
                if self.token.value == "#":  # `card #` may be the card's number
                    raise _NotUnderstood
                if self.token.kind not in ("keys", "name", "string"):
                    return [token.value]
            elif token.kind == "string":
                keys.append(_inner(token.value))
            elif token.kind == "multiple" and self.token.kind == "keys":
                key = self.take("keys")
                keys.append(read_keys(key.value) * int(token.value) if key else "")
            elif token.kind == "spell" and self.token.kind in ("string", "word", "fill", "noun"):
                letters = self.text[self.token.start : self.token.end].strip("\"'")
                if not accepted(spell, letters):
                    raise _NotUnderstood
                keys.append(f"spell {quoted(letters)}")
                self.at += 1
            else:
                self.at -= 1
                if keys and measured:
                    raise _NotUnderstood
                return keys

    def describes(self, token: Token) -> bool:
        """Whether a word says what the long run of keys is that stands after it: `zip code 27701`."""
        at = self.at
        before = [token]
        while before[-1].kind in ("word", "noun", "value", "of", ":"):
            before.append(self.tokens[at])
            at += 1
        keys = before.pop()
        long = keys.kind == "keys" and len(keys.value) >= _LONG and keys.value not in KEY_WORDS
        return token.kind in ("word", "of") and long and not any(each.value in _NOT for each in before)

    def repeats(self, key: str) -> bool:
        """Whether the `(#)` of `the pound key (#)` stands here: the same key once more."""
        same = read_keys(self.token.value) == (read_keys(key) if accepted(read_keys, key) else "")
        if same and self.tokens[self.at + 1].kind == ")":
            self.at += 2
            return True
        return False

    def time(self) -> str:
        """A duration as a script has it. A number without a unit is in seconds."""
        token = self.token
        self.at += 1
        if token.kind == "keys" and re.fullmatch(r"[0-9]{1,2}(?:\.[0-9]+)?", token.value):
            return f"{token.value}s"
        if token.kind != "time":
            raise _NotUnderstood
        total, parts = token.time, [token.value]
        while True:
            at = self.at
            if self.token.value in ("and", ","):
                self.at += 1
            more = self.take("time")
            if not more or more.time >= token.time:
                self.at = at
                break
            total += more.time
            parts.append(more.value)
        text = re.sub(SPELLED, lambda found: digits_of(found[0]), " ".join(parts).lower(), flags=re.I)
        if accepted(lambda text: str(read_duration(text)), text):
            return text
        if total != int(total):
            raise _NotUnderstood
        return re.sub(r"([0-9]{2})m$", r"\1min", write_duration(int(total)))

    def cue(self) -> str:
        if string := self.take("string"):
            return string.value
        return self.words()

    def words(self) -> str:
        """Words for people: a label or a cue, up to the next clause. None is a key, a time or a choice."""
        if string := self.take("string"):
            return string.value
        first = self.at
        while True:
            on = self.token.value in ("and", "&", "/", "or") and self.goes_on()
            verb = self.at == first and self.token.kind in ("press", "wait", "say", "hang up")
            if on or verb or self.token.kind in _FOR_PEOPLE:
                self.at += 1
            else:
                break
        while self.at > first and self.tokens[self.at - 1].value in _NO_LAST_WORD:
            self.at -= 1
        if self.at == first or self.token.kind == "or":
            self.open_end()
        return self.text[self.tokens[first].start : self.tokens[self.at - 1].end]

    def goes_on(self) -> bool:
        """Whether words follow the next token, and no clause."""
        at, self.at = self.at, self.at + 1
        found = not self.verb() and self.token.kind in ("word", "fill", "noun", "value")
        self.at = at
        return found


def _inner(string: str) -> str:
    """The keys in quotes."""
    if string in ("O", "o"):
        return "0"
    keys = KEY_WORDS.get(string.lower(), string)
    if not accepted(read_keys, keys):
        raise _NotUnderstood
    return keys
