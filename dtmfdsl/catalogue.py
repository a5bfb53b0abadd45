"""Every code that a diagnostic can carry: what it means, and an example of the mistake and of its cure.

`dtmfdsl explain CODE` prints from here, and so does docs/diagnostics.md. A test runs all the examples.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

How: TypeAlias = Literal["script", "string", "python", "files", "command"]
"""How an example is run.

A "script" is compiled. The lines of a "string" are decompiled. "python" is code with `dtmfdsl` imported.
"files" are several, each under a line `=== name ===`; the first is compiled. A "command" is such files
with the command line before them.
"""

_WIDTH = 88


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _unindented(text: str) -> str:
    return textwrap.dedent(text).strip("\n ")


@attrs.frozen
class Entry:
    """One code explained. `options` are keyword arguments of `compile`, for both examples.

    The texts may be wrapped and indented as suits the source; that is undone here.
    """

    code: str
    title: str
    meaning: str = attrs.field(converter=_unwrapped)
    wrong: str = attrs.field(converter=_unindented)
    right: str = attrs.field(converter=_unindented)
    how: How = "script"
    options: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def condition(self) -> str:
        """What the examples take for granted, such as ` (compiled for twilio)`; mostly nothing."""
        said = []
        if dialect := self.options.get("dialect"):
            said.append(f"{'read as' if self.how == 'string' else 'compiled for'} {dialect}")
        if rounding := self.options.get("rounding"):
            said.append(f"with --rounding {rounding}")
        if values := self.options.get("values"):
            said.append("with a value for " + " and ".join(f"${name}" for name in values))
        return f" ({', '.join(said)})" if said else ""

    def as_text(self) -> str:
        """The entry for a terminal."""
        return "\n".join(
            [
                f"{self.code}: {self.title}",
                "",
                textwrap.fill(self.meaning, _WIDTH, break_long_words=False, break_on_hyphens=False),
                "",
                f"Wrong{self.condition}:",
                "",
                _indented(self.wrong),
                "",
                f"Right{self.condition}:",
                "",
                _indented(self.right),
            ]
        )


def _indented(example: str) -> str:
    return textwrap.indent(example, "    ")


_TEXT = (
    Entry(
        "not-text",
        "the script or dial string is not a str",
        """
            The Python API reads scripts and dial strings as text. Bytes have to be decoded first, and a
            number has already lost its leading zeros.
        """,
        wrong='dtmfdsl.compile(b"press 1")',
        right='dtmfdsl.compile("press 1")',
        how="python",
    ),
    Entry(
        "not-utf-8",
        "the file is not UTF-8",
        """
            Script files are read as UTF-8, and this one holds a byte that cannot occur there. It was probably
            saved in an older encoding such as Latin-1. Save it again as UTF-8.
        """,
        wrong="""
            from pathlib import Path

            Path("menu.dtmf").write_text('press 1 for "Café"', encoding="latin-1")
            dtmfdsl.compile_file("menu.dtmf")
        """,
        right="""
            from pathlib import Path

            Path("menu.dtmf").write_text('press 1 for "Café"', encoding="utf-8")
            dtmfdsl.compile_file("menu.dtmf")
        """,
        how="python",
    ),
    Entry(
        "not-unicode",
        "the text holds half a character",
        """
            A character outside the basic plane, such as an emoji, was split in two and only one half arrived.
            The program that made the text decoded or cut it wrongly; the mend belongs there.
        """,
        wrong=r"""dtmfdsl.compile('press 1 for "\ud83d"')""",
        right=r"""dtmfdsl.compile('press 1 for "\U0001f4de"')""",
        how="python",
    ),
    Entry(
        "control-character",
        "an invisible control character",
        """
            Scripts, labels and cues hold no control characters apart from tabs and line ends, and labels and
            cues hold no line ends either. You cannot see such a character, and neither can the next reader.
            Delete it.
        """,
        wrong=r'dtmfdsl.press("1", label="sales\noffice")',
        right='dtmfdsl.press("1", label="sales office")',
        how="python",
    ),
    Entry(
        "odd-blank",
        "a blank that is not a space or a tab",
        """
            It looks like a space and is another character, often a no-break space that came in with a paste
            from a web page or a word processor. Type it again as a space.
        """,
        wrong=r'dtmfdsl.compile("press\u00a01")',
        right='dtmfdsl.compile("press 1")',
        how="python",
    ),
    Entry(
        "smart-quote",
        "a typographic quote",
        """
            Labels, cues and file names stand between straight double quotes. Word processors and chat
            programs turn them into curly ones. Type them again.
        """,
        wrong="press 2 for “Prescriptions”",
        right='press 2 for "Prescriptions"',
    ),
    Entry(
        "unclosed-string",
        "a text without its closing quote",
        """
            A text in double quotes ends on the line where it began. Put the second quote where the text ends.
        """,
        wrong='press 2 for "Prescriptions',
        right='press 2 for "Prescriptions"',
    ),
    Entry(
        "bad-escape",
        "a lone backslash in a text",
        r"""
            Inside double quotes a backslash starts `\"`, which is a quote, or `\\`, which is a backslash.
            Nothing else may follow it. Write the backslash twice if you mean one.
        """,
        wrong=r'press 1 for "Sales\Support"',
        right=r'press 1 for "Sales\\Support"',
    ),
    Entry(
        "hash-comment",
        "`#` where a comment was meant",
        """
            `#` is a key of the phone, so it cannot begin a comment. Comments begin with `//` and go on to the
            end of the line.
        """,
        wrong="press 59 # the account menu",
        right="press 59  // the account menu",
    ),
)

_STATEMENTS = (
    Entry(
        "unknown-statement",
        "a line that does not begin as a statement",
        """
            Every statement begins with a word of the language, such as `press` or `wait`, or with the name of
            a define and its parentheses. Other words for the same thing are not read.
        """,
        wrong="enter 59#",
        right="press 59#",
    ),
    Entry(
        "missing-blank",
        "a word of the language runs into what follows",
        """
            A blank must stand after the word that begins a statement.
        """,
        wrong="press59#",
        right="press 59#",
    ),
    Entry(
        "missing-separator",
        "two statements without a separator",
        """
            A statement ends at the end of its line, at `;` or at `}`. Here the next one begins before that.
        """,
        wrong="press 1 wait 3s",
        right="press 1; wait 3s",
    ),
    Entry(
        "unexpected-text",
        "something that cannot stand in this place",
        """
            The statement could be read up to here, and what follows does not belong to it. The help says what
            could have stood there, where that is a short list.
        """,
        wrong="wait for 3s",
        right="wait 3s",
    ),
    Entry(
        "missing-string",
        "a text in double quotes is missing",
        """
            Labels, cues, letters to spell, file names and dial strings stand in double quotes, so that they
            are never mistaken for keys. `wait up to` also needs `for` and the cue to wait for.
        """,
        wrong="press 2 for Prescriptions",
        right='press 2 for "Prescriptions"',
    ),
    Entry(
        "unclosed-parenthesis",
        "parentheses that are missing or do not match",
        """
            The values of a define stand between `(` and `)`, even if there are none. Around keys, parentheses
            come in pairs and hold nothing but keys.
        """,
        wrong="press (919 333 4444",
        right="press (919) 333 4444",
    ),
    Entry(
        "missing-block",
        "`repeat` or `define` without its block",
        """
            Both run or name a block, and its `{` stands on the same line as the word.
        """,
        wrong="""
            repeat 3
            press 1
        """,
        right="""
            repeat 3 {
                press 1
            }
        """,
    ),
    Entry(
        "unclosed-block",
        "`{` without its `}`",
        """
            A block was opened and the script ended first. Put `}` where the block ends.
        """,
        wrong="""
            repeat 3 {
                press 1
        """,
        right="""
            repeat 3 {
                press 1
            }
        """,
    ),
    Entry(
        "unopened-block",
        "`}` without its `{`",
        """
            No block is open here. Leave the brace out, or look further up for a `{` that was lost.
        """,
        wrong="""
            press 1
            }
        """,
        right="press 1",
    ),
    Entry(
        "bad-repeat",
        "`repeat` without a usable count",
        """
            `repeat` takes a whole number in digits, at most nine of them, and then its block. The count
            cannot be a name.
        """,
        wrong="""
            repeat three {
                press 1
            }
        """,
        right="""
            repeat 3 {
                press 1
            }
        """,
    ),
)

_KEYS = (
    Entry(
        "missing-keys",
        "`press` without keys",
        """
            Say which keys to press. To do nothing for a while, use `wait`.
        """,
        wrong="press",
        right="press 1",
    ),
    Entry(
        "unknown-key",
        "a character or word that is not a key",
        """
            Keys are the digits, `*`, `#` and the tones A-D in upper case; `star`, `asterisk`, `pound` and
            `hash` are names for two of them. Blanks, `-`, `.` and parentheses may part keys for the eye. A
            name's keys are pressed with `$`, letters of the keypad with `spell`.
        """,
        wrong="press 1O1",
        right="press 101",
    ),
    Entry(
        "string-as-keys",
        "a text in quotes where keys belong",
        """
            Keys are written without quotes. To press the letters of a word on the keypad, put `spell` before
            it.
        """,
        wrong='press "Smith"',
        right='press spell "Smith"',
    ),
    Entry(
        "cannot-spell",
        "a character that is on no key of a phone",
        """
            `spell` knows the letters A-Z and digits; it skips blanks, hyphens, dots and apostrophes. Write
            the nearest letter, or press the key yourself.
        """,
        wrong='press spell "Müller"',
        right='press spell "Muller"',
    ),
    Entry(
        "dial-string",
        "a carrier's dial string among the keys",
        """
            The pause characters of a carrier, such as `w` or a comma, are not keys. Write the pauses as
            `wait`, let `dtmfdsl decompile` do it, or quote the string with `raw` and name its dialect.
        """,
        wrong="press 1WWW,59#",
        right='raw "1WWW,59#" as bandwidth-v1',
    ),
    Entry(
        "keys-not-text",
        "keys that were given as a number",
        """
            A number loses its leading zeros and cannot hold `*` or `#`, so keys are always text: a str in
            Python, double quotes in a file of values.
        """,
        wrong="dtmfdsl.press(59)",
        right='dtmfdsl.press("59")',
        how="python",
    ),
)

_DURATIONS = (
    Entry(
        "missing-duration",
        "a duration is missing",
        """
            `wait`, `pace` and `every` need to know how long.
        """,
        wrong="wait",
        right="wait 3.5s",
    ),
    Entry(
        "bad-duration",
        "something that is not a duration",
        """
            A duration is a number with its unit, or several that add up, such as `1m 30s`. A duration that
            has a name is used with `$`.
        """,
        wrong="wait 1:30",
        right="wait 1m 30s",
    ),
    Entry(
        "missing-unit",
        "a number without a unit",
        """
            Three seconds and three minutes are both a `3`, so no unit is taken for granted. Write `ms`, `s`
            or `m` after the number.
        """,
        wrong="wait 3",
        right="wait 3s",
    ),
    Entry(
        "unknown-unit",
        "a unit of time that is not known",
        """
            The units are `ms` for milliseconds, `s`, `sec` or `seconds`, and `m`, `min` or `minutes`. They
            are written in lower case.
        """,
        wrong="wait 3 sek",
        right="wait 3 sec",
    ),
    Entry(
        "decimal-comma",
        "a decimal comma in a duration",
        """
            Decimals are written with a point, whatever the language of your keyboard.
        """,
        wrong="wait 3,5s",
        right="wait 3.5s",
    ),
    Entry(
        "fraction-of-millisecond",
        "a duration finer than a millisecond",
        """
            Time is counted in whole milliseconds, and no phone line is more exact than that. Round the
            duration yourself.
        """,
        wrong="wait 1.0005s",
        right="wait 1s",
    ),
    Entry(
        "wait-without-limit",
        "a wait for a cue that could last for ever",
        """
            A cue may never come, and a compiled string cannot listen for one. Say how long to wait at most:
            run blind, the script waits that long.
        """,
        wrong='wait for "enter your PIN"',
        right='wait up to 12s for "enter your PIN"',
    ),
    Entry(
        "duration-not-text",
        "a duration that was given as a number",
        """
            In the Python API a duration is text with its unit, as in a script. A bare number could be seconds
            or milliseconds.
        """,
        wrong="dtmfdsl.wait(3.5)",
        right='dtmfdsl.wait("3.5s")',
        how="python",
    ),
)

_NAMES = (
    Entry(
        "bad-name",
        "something that cannot be a name",
        """
            A name is a lower-case letter, then lower-case letters, digits or `_`. It has no `$` where it is
            defined and one where it is used. The words that begin statements cannot name a define.
        """,
        wrong="let Menu = 2#",
        right="let menu = 2#",
    ),
    Entry(
        "unknown-name",
        "a name that is not defined here",
        """
            A name can be used from its definition on, in the same block and in the blocks inside it. Look for
            a slip of the pen, or for a definition that stands in another block.
        """,
        wrong="""
            let menu = 2#
            press $meun
        """,
        right="""
            let menu = 2#
            press $menu
        """,
    ),
    Entry(
        "used-before-defined",
        "a define that stands further down",
        """
            A script is read from the top, so a define comes before the first line that runs it.
        """,
        wrong="""
            login()

            define login() {
                press 59#
            }
        """,
        right="""
            define login() {
                press 59#
            }

            login()
        """,
    ),
    Entry(
        "defined-twice",
        "one name, two definitions",
        """
            A name means one thing in its block, wherever it was defined: by `let`, `param`, `secret` or
            `define`, as a parameter or in a used file. Give one of the two another name.
        """,
        wrong="""
            let menu = 2#
            let menu = 3#
        """,
        right="""
            let menu = 2#
            let submenu = 3#
        """,
    ),
    Entry(
        "not-keys",
        "a name that does not stand for keys",
        """
            Only keys can be pressed. A duration goes after `wait`, `pace` or `every`, and a define is run by
            its name with parentheses.
        """,
        wrong="""
            let greeting = 4s
            press $greeting
        """,
        right="""
            let greeting = 4s
            wait $greeting
        """,
    ),
    Entry(
        "not-a-duration",
        "a name that does not stand for a duration",
        """
            `wait`, `pace` and `every` take a duration, and this name stands for something else. A value
            without a unit is read as keys.
        """,
        wrong="""
            let greeting = 4
            wait $greeting
        """,
        right="""
            let greeting = 4s
            wait $greeting
        """,
    ),
    Entry(
        "not-a-define",
        "a value used like a define",
        """
            Parentheses run a define. A value is used with `$` inside another statement.
        """,
        wrong="""
            let menu = 2#
            menu()
        """,
        right="""
            let menu = 2#
            press $menu
        """,
    ),
    Entry(
        "wrong-count",
        "too many or too few values for a define",
        """
            A define is run with one value for each of its parameters, in their order, with commas between.
        """,
        wrong="""
            define login(id) {
                press $id
            }

            login(1, 2)
        """,
        right="""
            define login(id) {
                press $id
            }

            login(12)
        """,
    ),
    Entry(
        "recursion",
        "a define that runs itself",
        """
            A call of itself, straight or by way of others, would never end. Write the steps out, or use
            `repeat`.
        """,
        wrong="""
            define menu() {
                press 1
                menu()
            }
        """,
        right="""
            define menu() {
                press 1
            }

            repeat 3 {
                menu()
            }
        """,
    ),
    Entry(
        "missing-value",
        "a value is missing",
        """
            A `param` or `secret` without a default was given no value, or nothing stands after a `=` or
            between two commas. On the command line, values come from the environment (`DTMF_PIN` for `$pin`),
            a file (`--values`) or, unless they are secret, `--set`; in Python, from the argument `values`.
        """,
        wrong="""
            param account: 4 digits
            press $account
        """,
        right="""
            param account: 4 digits = 1234
            press $account
        """,
    ),
    Entry(
        "bad-kind",
        "not a kind of value",
        """
            A `param` or `secret` says after its `:` what its value looks like: a count of digits or of keys,
            a range of counts such as `4..8 digits`, or `duration`.
        """,
        wrong="param account: number = 1234",
        right="param account: 4 digits = 1234",
    ),
    Entry(
        "wrong-kind",
        "a value that is not of its kind",
        """
            The value has another length than the script says, or holds keys that are not digits, or is a
            duration where keys belong. Mend the value, or the kind after the `:`.
        """,
        wrong="param account: 4 digits = 123",
        right="param account: 4 digits = 0123",
    ),
    Entry(
        "unknown-value",
        "a value that the script does not ask for",
        """
            A value was given for a name that no `param` or `secret` of the script has. It is probably a slip
            of the pen, and the value that was meant would stay at its default.
        """,
        wrong="""
            $ dtmfdsl compile menu.dtmf --set mneu=3
            === menu.dtmf ===
            param menu: 1 digit = 2
            press $menu
        """,
        right="""
            $ dtmfdsl compile menu.dtmf --set menu=3
            === menu.dtmf ===
            param menu: 1 digit = 2
            press $menu
        """,
        how="command",
    ),
    Entry(
        "bad-values",
        "a file of values that is not TOML",
        """
            A file for `--values` holds a line for each value: the name, `=`, and the keys in double quotes.
        """,
        wrong="""
            $ dtmfdsl compile menu.dtmf --values values.toml
            === menu.dtmf ===
            secret pin: 4 digits
            press $pin
            === values.toml ===
            pin: 1234
        """,
        right="""
            $ dtmfdsl compile menu.dtmf --values values.toml
            === menu.dtmf ===
            secret pin: 4 digits
            press $pin
            === values.toml ===
            pin = "1234"
        """,
        how="command",
    ),
    Entry(
        "secret-default",
        "a secret with a default",
        """
            A secret that stands in the script is not secret. Leave the default out, and give the value from
            outside each time. If the one you wrote was real, consider it known.
        """,
        wrong="""
            secret pin: 4 digits = 1234
            press $pin
        """,
        right="""
            secret pin: 4 digits
            press $pin
        """,
        options={"values": {"pin": "0000"}},
    ),
    Entry(
        "secret-duration",
        "a secret that is a duration",
        """
            Only keys can be secret: how long a script waits can be heard by anyone. Use `param`.
        """,
        wrong="""
            secret greeting: duration
            wait $greeting
        """,
        right="""
            param greeting: duration = 4s
            wait $greeting
        """,
    ),
    Entry(
        "secret-and-param",
        "one name for a secret and for a param",
        """
            A name cannot be a secret in one place and a plain value in another, because its value would be
            shown after all. Give one of the two another name, or make both a secret.
        """,
        wrong="""
            param pin: 4 digits = 1234
            define enter() { secret pin: 4 digits; press $pin }
            enter()
        """,
        right="""
            param room: 4 digits = 1234
            secret pin: 4 digits
            press $room $pin
        """,
        options={"values": {"pin": "1234"}},
    ),
    Entry(
        "exposed-secret",
        "a secret on the command line",
        """
            Others on the same machine can see the arguments of a command, and the shell keeps them in its
            history. Give a secret in the environment or in a file, or leave it out and type it when asked.
        """,
        wrong="""
            $ dtmfdsl compile menu.dtmf --set pin=1234
            === menu.dtmf ===
            secret pin: 4 digits
            press $pin
        """,
        right="""
            $ dtmfdsl compile menu.dtmf --values values.toml
            === menu.dtmf ===
            secret pin: 4 digits
            press $pin
            === values.toml ===
            pin = "1234"
        """,
        how="command",
    ),
)

_FILES = (
    Entry(
        "no-such-file",
        "a file that is not there",
        """
            A path in `use` starts from the folder of the file that it stands in. Check the spelling and the
            folder.
        """,
        wrong="""
            === menu.dtmf ===
            use "bnak.dtmf"
            === bank.dtmf ===
            let menu = 2#
        """,
        right="""
            === menu.dtmf ===
            use "bank.dtmf"
            === bank.dtmf ===
            let menu = 2#
        """,
        how="files",
    ),
    Entry(
        "not-a-file",
        "a folder where a file was expected",
        """
            Name the script itself, not the folder that it lies in.
        """,
        wrong="""
            === menu.dtmf ===
            use "banks"
            === banks/north.dtmf ===
            let menu = 2#
        """,
        right="""
            === menu.dtmf ===
            use "banks/north.dtmf"
            === banks/north.dtmf ===
            let menu = 2#
        """,
        how="files",
    ),
    Entry(
        "unreadable-file",
        "a file that the system will not open",
        """
            The file cannot be read. The message repeats what the operating system says; often it is the
            file's permissions, or a file where the path needs a folder.
        """,
        wrong="""
            === menu.dtmf ===
            use "bank.dtmf/north.dtmf"
            === bank.dtmf ===
            let menu = 2#
        """,
        right="""
            === menu.dtmf ===
            use "bank.dtmf"
            === bank.dtmf ===
            let menu = 2#
        """,
        how="files",
    ),
    Entry(
        "use-outside",
        "a used file outside the script's folder",
        """
            A script from someone else should not read what it likes on your disk, so `use` stays in the
            folder of the first script and those inside it. Move the file there, or allow the rest with
            `--allow-outside`.
        """,
        wrong="""
            === calls/menu.dtmf ===
            use "../bank.dtmf"
            === bank.dtmf ===
            let menu = 2#
        """,
        right="""
            === calls/menu.dtmf ===
            use "bank.dtmf"
            === calls/bank.dtmf ===
            let menu = 2#
        """,
        how="files",
    ),
    Entry(
        "use-circle",
        "files that use each other",
        """
            If each of two files needs the other first, neither can be read. Move what they share into a third
            file that both use.
        """,
        wrong="""
            === menu.dtmf ===
            use "bank.dtmf"
            press $menu
            === bank.dtmf ===
            use "menu.dtmf"
            let menu = 2#
        """,
        right="""
            === menu.dtmf ===
            use "bank.dtmf"
            press $menu
            === bank.dtmf ===
            let menu = 2#
        """,
        how="files",
    ),
    Entry(
        "not-run",
        "a statement of a used file that is not run",
        """
            `use` takes the names that a file defines and nothing else. This is a warning: the script compiles
            without these keys and pauses. Put them into a `define` and call it.
        """,
        wrong="""
            === menu.dtmf ===
            use "bank.dtmf"
            === bank.dtmf ===
            press 59#
        """,
        right="""
            === menu.dtmf ===
            use "bank.dtmf"
            login()
            === bank.dtmf ===
            define login() {
                press 59#
            }
        """,
        how="files",
    ),
)

_DIALECTS = (
    Entry(
        "unknown-dialect",
        "a dialect that is not known",
        """
            A dialect says how one carrier writes keys and pauses. `dtmfdsl dialects` lists those there are.
        """,
        wrong='raw "1ww59#" as twillio',
        right='raw "1ww59#" as twilio',
    ),
    Entry(
        "missing-dialect",
        "`raw` without a dialect",
        """
            The same characters mean different pauses to different carriers, so `raw` says whose string it is.
            Only then can it be read, and compiled for the others.
        """,
        wrong='raw "1WWW,59#"',
        right='raw "1WWW,59#" as bandwidth-v1',
    ),
    Entry(
        "no-such-key",
        "a key that the carrier cannot send",
        """
            Most carriers send the digits, `*` and `#`; the tones A-D are rarer. The script is sound, but this
            dialect has no way to say it.
        """,
        wrong="press 1A",
        right="press 1*",
        options={"dialect": "vonage"},
    ),
    Entry(
        "no-such-pause",
        "not a character for half a second",
        """
            `--half-second`, or `half_second` in Python, chooses between the characters that a dialect has for
            a pause of 500ms. This one is not among them.
        """,
        wrong='dtmfdsl.compile("wait 500ms", half_second="p")',
        right='dtmfdsl.compile("wait 500ms", half_second="w")',
        how="python",
    ),
    Entry(
        "unknown-rounding",
        "not a way of rounding",
        """
            A pause that the dialect cannot write is lengthened with `up` and refused with `error`. There is
            no rounding down: a key that comes too early is lost more often than one that comes too late.
        """,
        wrong='dtmfdsl.compile("wait 1.2s", rounding="down")',
        right='dtmfdsl.compile("wait 1.5s", rounding="error")',
        how="python",
    ),
    Entry(
        "rounded-pause",
        "a pause became longer",
        """
            A dialect writes pauses in steps, mostly of half a second, and this one is no multiple of the
            step. This is a warning: the string waits a little longer than the script says. Write the longer
            pause to be rid of it.
        """,
        wrong="wait 1.2s; press 1",
        right="wait 1.5s; press 1",
    ),
    Entry(
        "unwritable-pause",
        "a pause that the dialect cannot write",
        """
            A dialect writes pauses in steps, mostly of half a second, and you asked for an error where one
            would have to be rounded. Write a multiple of the step, or allow rounding up.
        """,
        wrong="wait 1.2s; press 1",
        right="wait 1.5s; press 1",
        options={"rounding": "error"},
    ),
    Entry(
        "cut-group",
        "a group of keys too long for one string",
        """
            The keys of one `press` stay in one string, but this group is longer than a string may be, so it
            is cut. This is a warning: between two strings lies a request, and a phone menu may take the
            silence for the end of the keys. Press them in several groups if you can.
        """,
        wrong="press 1234567890 1234567890 1234567890 1234",
        right="""
            press 1234567890 1234567890
            press 1234567890 1234
        """,
        options={"dialect": "twilio"},
    ),
    Entry(
        "several-chunks",
        "one string was asked for and several are needed",
        """
            The script is longer than one string of this carrier may be. `text` is for scripts that fit;
            `texts` holds the chunks, to be sent one after the other.
        """,
        wrong='dtmfdsl.compile("press 1; wait 2m; press 2").text',
        right='dtmfdsl.compile("press 1; wait 2m; press 2").texts',
        how="python",
    ),
    Entry(
        "empty-program",
        "a script that does nothing",
        """
            It presses no key and waits for nothing, so there is no string to send, and a carrier would refuse
            an empty one. On the command line this is a warning; in Python, `text` raises it.
        """,
        wrong='dtmfdsl.compile("// later").text',
        right='dtmfdsl.compile("press 1").text',
        how="python",
    ),
    Entry(
        "empty-string",
        "a dial string without a character",
        """
            No carrier accepts an empty string. Leave it out.
        """,
        wrong="""
            press 1
            raw "" as twilio
        """,
        right="press 1",
    ),
    Entry(
        "not-in-dialect",
        "a character that means nothing in this dialect",
        """
            The string holds a character that is neither a key nor a pause to this carrier. Perhaps it was
            written for another one.
        """,
        wrong="1,59#",
        right="1w59#",
        how="string",
        options={"dialect": "twilio"},
    ),
    Entry(
        "string-too-long",
        "a dial string longer than the carrier takes",
        """
            The carrier would refuse it or cut off its end. Cut it into several, best at a pause, and give
            them one a line.
        """,
        wrong="1WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW59#",
        right="""
            1WWWWWWWWWWWWWWWWWWWW
            WWWWWWWWWWWWWWWWWWWW59#
        """,
        how="string",
        options={"dialect": "twilio"},
    ),
)

_LIMITS = (
    Entry(
        "source-too-large",
        "a script larger than is read",
        """
            No script for a phone call is that long, so this is probably another file. If it is a script, move
            parts of it into other files and `use` them.
        """,
        wrong=r'dtmfdsl.compile("press 1; wait 3s\n" * 200_000)',
        right=r'dtmfdsl.compile("press 1; wait 3s\n" * 200)',
        how="python",
    ),
    Entry(
        "nested-too-deeply",
        "blocks, defines or files too deep inside each other",
        """
            Blocks inside blocks, files that use files and defines that run defines go only so deep; the
            message says how deep. Give an inner block a name with `define` and call it.
        """,
        wrong='dtmfdsl.compile("repeat 2 {" * 99 + "press 1" + "}" * 99)',
        right='dtmfdsl.compile("repeat 2 {" * 5 + "press 1" + "}" * 5)',
        how="python",
    ),
    Entry(
        "too-many-steps",
        "a script that runs to too many steps",
        """
            A `repeat` inside a `repeat` multiplies, and this script comes to more steps than any call could
            take. Look for a count with a digit too many.
        """,
        wrong="""
            repeat 1000 {
                repeat 1000 {
                    press 1
                }
            }
        """,
        right="""
            repeat 10 {
                repeat 10 {
                    press 1
                }
            }
        """,
    ),
    Entry(
        "too-many-keys",
        "more keys than any call needs",
        """
            One group, or the whole script, presses more keys than a phone call has time for. Press them in
            several groups, or look for a count with a digit too many.
        """,
        wrong='dtmfdsl.press("1" * 20_000)',
        right='dtmfdsl.press("1" * 20)',
        how="python",
    ),
    Entry(
        "too-long",
        "more silence than any call lasts",
        """
            The pauses come to more than a day, or one duration has more digits than make sense. Check the
            units: `m` is a minute, `ms` a millisecond.
        """,
        wrong="wait 3500m",
        right="wait 3500ms",
    ),
    Entry(
        "too-many-mistakes",
        "more mistakes than are shown",
        """
            Past the first hundred or so, mistakes are mostly echoes of one another. Mend those that are shown
            and run it again.
        """,
        wrong=r'dtmfdsl.compile("press a\n" * 200)',
        right=r'dtmfdsl.compile("press A\n" * 200)',
        how="python",
    ),
)


_SENDING = (
    Entry(
        "unknown-carrier",
        "a carrier that nobody has taught us",
        """
            Sending needs to know how a carrier is asked and what its answers mean, and this one is not among
            those it knows. Compiling for its dialect may work all the same.
        """,
        wrong="""
            from dtmfdsl.sending.carriers import get_carrier

            get_carrier("bandwith-v1")
        """,
        right="""
            from dtmfdsl.sending.carriers import get_carrier

            get_carrier("bandwidth-v1")
        """,
        how="python",
    ),
    Entry(
        "bad-id",
        "an id that cannot be part of an address",
        """
            A call id or user id becomes a part of the request's address. An empty one, a dot, or one with
            line ends in it could lead elsewhere.
        """,
        wrong="""
            from dtmfdsl.testline import TestLine

            line = TestLine()
            dtmfdsl.send("press 59#", "..", credentials=line.credentials)
        """,
        right="""
            from dtmfdsl.testline import TestLine

            with TestLine() as line:
                to = {"base_url": line.base_url, "credentials": line.credentials}
                dtmfdsl.send("press 59#", "c-1", **to)

            line.keys("c-1")
        """,
        how="python",
    ),
    Entry(
        "bad-address",
        "a base URL that no request can be made to",
        """
            The carrier's address is http or https and a host, perhaps with a path. It has no name or
            password, which would be shown, and no `?` or `#`, after which a path would not be one.
        """,
        wrong="""
            from dtmfdsl.sending import Sender
            from dtmfdsl.testline import TestLine

            Sender(TestLine().credentials, base_url="https://example.org/?key=1")
        """,
        right="""
            from dtmfdsl.sending import Sender
            from dtmfdsl.testline import TestLine

            Sender(TestLine().credentials, base_url="https://example.org/api")
        """,
        how="python",
    ),
    Entry(
        "no-credentials",
        "credentials that are missing or cannot be right",
        """
            Each carrier wants credentials by names of its own, from the environment, from a file given by
            --env-file, or from Python by `credentials`. The message names those that are not set, or that
            hold a line break or another character that no credential has.
        """,
        wrong="""
            dtmfdsl.send("press 1", "c-1", credentials={})
        """,
        right="""
            from dtmfdsl.sending import BANDWIDTH_V1
            from dtmfdsl.testline import TestLine

            BANDWIDTH_V1.credentials(TestLine().credentials)
        """,
        how="python",
    ),
    Entry(
        "other-dialect",
        "a plan in a dialect that the carrier does not speak",
        """
            The same character is another key or another time in another dialect, so that a plan is for the
            carriers of its own alone.
        """,
        wrong="""
            from dtmfdsl.sending import make_plan
            from dtmfdsl.testline import TestLine

            plan = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("vonage"))
            dtmfdsl.send(plan, "c-1", credentials=TestLine().credentials)
        """,
        right="""
            from dtmfdsl.sending import plan_call

            plan_call(dtmfdsl.press("1"), carrier="bandwidth-v1")
        """,
        how="python",
    ),
    Entry(
        "session-repeats",
        "a session that repeats requests by itself",
        """
            A session whose adapter retries could press a key twice, and nobody would know. Mount an adapter
            without retries: the sender repeats what was certainly not executed.
        """,
        wrong="""
            import requests
            from requests.adapters import HTTPAdapter
            from dtmfdsl.testline import TestLine

            session = requests.Session()
            session.mount("https://", HTTPAdapter(max_retries=3))
            dtmfdsl.send("press 1", "c-1", session=session, credentials=TestLine().credentials)
        """,
        right="""
            import requests
            from dtmfdsl.sending import Sender
            from dtmfdsl.testline import TestLine

            Sender(TestLine().credentials, session=requests.Session())
        """,
        how="python",
    ),
    Entry(
        "in-doubt",
        "a string that may or may not have been played",
        """
            The journal does not tell how the last request ended: its answer was lost, or the sender was
            killed before it came. Listen to the call. To press the keys again, resume with --repeat, or
            from Python with `doubt="repeat"`; to leave them out, with --skip, or `doubt="skip"`.
        """,
        wrong="""
            from dtmfdsl.testline import TestLine

            line = TestLine().start()
            line.misbehave("close-after")
            to = {"base_url": line.base_url, "credentials": line.credentials}
            dtmfdsl.send("press 1", "c-1", journal="call.journal", **to)
            line.stop()
            dtmfdsl.send("press 1", "c-1", journal="call.journal", resume=True, **to)
        """,
        right="""
            from dtmfdsl.testline import TestLine

            line = TestLine().start()
            line.misbehave("close-after")
            to = {"base_url": line.base_url, "credentials": line.credentials}
            dtmfdsl.send("press 1", "c-1", journal="call.journal", **to)
            line.stop()
            to |= {"journal": "call.journal", "resume": True}
            dtmfdsl.send("press 1", "c-1", doubt="skip", **to)
        """,
        how="python",
    ),
    Entry(
        "journal-exists",
        "a journal that is there already",
        """
            A new delivery does not write over the journal of another. Go on with that one by --resume, or
            name another file.
        """,
        wrong="""
            from dtmfdsl.sending.journal import Journal

            Journal("call.journal", resume=False).close()
            Journal("call.journal", resume=False)
        """,
        right="""
            from dtmfdsl.sending.journal import Journal

            Journal("call.journal", resume=False).close()
            Journal("another.journal", resume=False).close()
        """,
        how="python",
    ),
    Entry(
        "journal-in-use",
        "a journal that another sender is using",
        """
            Two senders on one journal would press the same keys. Wait until the other has finished.
        """,
        wrong="""
            from dtmfdsl.sending.journal import Journal


            def send():
                with Journal("call.journal", resume=False):
                    Journal("call.journal", resume=True)


            send()
        """,
        right="""
            from dtmfdsl.sending.journal import Journal
            from dtmfdsl.sending.plan import make_plan

            plan = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("bandwidth-v1"))


            def send():
                with Journal("call.journal", resume=False) as journal:
                    journal.begin({"c-1": plan})
                with Journal("call.journal", resume=True) as journal:
                    journal.begin({"c-1": plan})


            send()
        """,
        how="python",
    ),
    Entry(
        "other-journal",
        "a journal of another script or call",
        """
            What was sent for another script, with other options, or on another call says nothing of this one.
            Resume with what the journal was begun with.
        """,
        wrong="""
            from dtmfdsl.sending.journal import Journal
            from dtmfdsl.sending.plan import make_plan

            plan = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("bandwidth-v1"))


            def send():
                with Journal("call.journal", resume=False) as journal:
                    journal.begin({"c-1": plan})
                with Journal("call.journal", resume=True) as journal:
                    journal.begin({"c-2": plan})


            send()
        """,
        right="""
            from dtmfdsl.sending.journal import Journal
            from dtmfdsl.sending.plan import make_plan

            plan = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("bandwidth-v1"))


            def send():
                with Journal("call.journal", resume=False) as journal:
                    journal.begin({"c-1": plan})
                with Journal("call.journal", resume=True) as journal:
                    journal.begin({"c-1": plan})


            send()
        """,
        how="python",
    ),
    Entry(
        "broken-journal",
        "a file that is no journal, or was changed",
        """
            The lines of a journal follow one another in a certain way, and these do not. It cannot tell which
            keys were pressed. A last line that was torn off is no such fault: it leaves a request in doubt.
        """,
        wrong="""
            from dtmfdsl.sending.journal import Journal

            open("call.journal", "w").close()
            Journal("call.journal", resume=True)
        """,
        right="""
            from dtmfdsl.sending.journal import Journal

            Journal("call.journal", resume=False).close()
        """,
        how="python",
    ),
    Entry(
        "unwritable-journal",
        "a journal that cannot be written",
        """
            The disk is full, say, or was taken away. Nothing is sent that cannot be written down first.
        """,
        wrong="""
            from dtmfdsl.sending.journal import Journal
            from dtmfdsl.sending.plan import make_plan

            plan = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("bandwidth-v1"))


            def send():
                with Journal("call.journal", resume=False) as journal:
                    journal.file.close()
                    journal.file = open("/dev/full", "rb+", buffering=0)
                    journal.begin({"c-1": plan})


            send()
        """,
        right="""
            from dtmfdsl.sending.journal import Journal
            from dtmfdsl.sending.plan import make_plan

            plan = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("bandwidth-v1"))


            def send():
                with Journal("call.journal", resume=False) as journal:
                    journal.begin({"c-1": plan})
                    journal.sending("c-1", 0, 1)


            send()
        """,
        how="python",
    ),
)

GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("The text", _TEXT),
    ("Statements and blocks", _STATEMENTS),
    ("Keys", _KEYS),
    ("Durations", _DURATIONS),
    ("Names and values", _NAMES),
    ("Files", _FILES),
    ("Dialects and strings", _DIALECTS),
    ("Limits", _LIMITS),
    ("Sending", _SENDING),
)
"""All entries in the order in which they are best read, under headings."""

CATALOGUE: dict[str, Entry] = {
    entry.code: entry
    for entry in sorted((entry for _, entries in GROUPS for entry in entries), key=lambda entry: entry.code)
}
"""All entries by code, in the order of the alphabet."""
