"""What people write by mistake, and that the way out which they are shown leads out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import Diagnostic, DtmfError
from dtmfdsl.language.grammar import grammar_text
from dtmfdsl.language.mistakes import RULES
from dtmfdsl.language.mistakes.rule import Row
from dtmfdsl.language.mistakes.words import RESERVED, VERBS
from dtmfdsl.notation import KEY_NAMES, UNITS
from examples import EXAMPLES

CASES = Path(__file__).parent / "cases" / "invalid"

# One statement each, as operators, volunteers and programmers have written it.
NATURAL = """\
enter 5
Enter 5
dial 8005551212
PRESS 1
Press 1 for English
pres 1
press1
press:1
press("1")
press '1'
press "1"
press "59#"
press "Smith"
press Smith
press one
press O
press 1O
press a
press ＃
press １２
press “1”
press 1, 2
press 1 then 2
press 1 wait 2s
press 0 three times
press 0 3 times
press the 1 key
press pound key
press 59pound
press pound59
press 1-800-FLOWERS
press 59-
press spell Smith
press spell
press pin
press $Pin
press $account-number
press ${pin}
press {{pin}}
press #{ebt_number}
press login()
press Account
press 1 # English
press 1 #English
press 12 every 3
press 1 every
press 1 for English
press 1 for 'English'
press 12 evry 2s
press (919
press ()
press 1WWW,59#
press 5551212,,1234#
1WWW,59#
1
$pin
wait
wait 3
wait 500
wait 3 s and 4 s
wait 3,5s
wait 3,5 s
wait 1,500ms
wait 1,500s
wait .5s
wait .5
wait 1:30
wait a second
wait half a second
wait two seconds
wait 500 millis
wait 500msecs
wait 5 milliseconds
wait 2h
wait 3 secnds
wait 3S
wait 5-10s
wait 1/2 s
wait 3.5.2s
wait "3s"
wait for 3s
wait for the beep
wait for "x"
wait until "x"
wait until beep
wait for "x" up to 10s
wait up to 12s
wait up to 12s for beep
wait up to 12s for 'x'
wait up to 12s until "x"
wait upto 12s for "x"
wait 12s for "x"
wait greeting
wait 3s # hold
wait3s
pause 3
sleep 3s
Wait 3
hold 2s
pace 500
pace
repeat 3
repeat three { press 1 }
repeat { press 1 }
repeat 3x { press 1 }
repeat 3 press 1
loop 3 times { press 1 }
let Menu = 2#
let $menu = 2#
let menu-two = 2#
let my pin = 1234
let menu 2#
let menu
let x = 3,5s
let x = 4 secnds
x = 3
set x = 3
param x
param x: 4 digit codes
param X: 4 digits
define login { press 1 }
define Login() { press 1 }
define login($a) { press 1 }
define press() { press 1 }
def login() { press 1 }
login($a
login(1,,2)
login 5
use bank.dtmf
use 'bank.dtmf'
include "bank.dtmf"
raw 1W2
raw "1W2"
raw "1W2" as Twilio
raw "1W2" as "twilio"
raw "1ww" twilio
raw "1W2" in bandwidth-v1
# a comment
/* a comment */
-- a comment
hello world
""".splitlines()


def found(text: str) -> list[Diagnostic]:
    try:
        return list(dtmfdsl.compile(text).warnings)
    except DtmfError as error:
        return list(error.diagnostics)


# What is no mistake of the statement, once it can be read.
ELSEWHERE = ("missing-value", "unknown-name", "rounded-pause", "no-such-file", "wrong-count", "no-map")


def mistakes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in found(text) if diagnostic.code not in ELSEWHERE]


def followed(statement: str, diagnostic: Diagnostic) -> str | None:
    """The statement with the suggestion of a diagnostic in it, if there is one."""
    if diagnostic.suggestion is None or diagnostic.span is None:
        return None
    return statement[: diagnostic.span.start] + diagnostic.suggestion + statement[diagnostic.span.end :]


def offers(statement: str) -> list[str]:
    """The statements that are offered in place of a wrong one, by a suggestion or in the help."""
    offered = []
    for diagnostic in found(statement):
        offered.append(followed(statement, diagnostic))
        for written in re.findall(r"write `([^`]+)`", diagnostic.help or ""):
            if written.split()[0] in VERBS and "…" not in written:
                offered.append(written + "}" * (written.count("{") - written.count("}")))
    return [each for each in offered if each is not None]


@pytest.mark.parametrize("statement", NATURAL)
def test_a_natural_mistake_is_one_error_with_a_place_and_a_way_out(statement: str) -> None:
    diagnostics = found(statement)
    assert len(diagnostics) == 1, diagnostics
    (only,) = diagnostics
    assert only.span
    assert only.span.source.text == statement
    assert only.span.text.strip(), "the place is in the statement, and not a blank"
    assert only.code != "unexpected-text" or only.help
    assert "help:" in str(DtmfError(only)), statement


@pytest.mark.parametrize(
    ("statement", "offered"), [(statement, offered) for statement in NATURAL for offered in offers(statement)]
)
def test_what_is_offered_works_when_it_is_followed(statement: str, offered: str) -> None:
    assert offered != statement
    assert mistakes(offered) == []


SCRIPTS = [path.read_bytes().decode() for path in CASES.glob("*.dtmf")]
SCRIPTS += [wrong.text for wrong, _ in EXAMPLES.values() if wrong.how == "dtmf"]
LINES = sorted(
    {
        line.strip()
        for script in SCRIPTS
        for line in script.splitlines()
        if line.strip() and "{" not in line and "}" not in line
    }
)


SUGGESTED = [
    (statement, diagnostic)
    for statement in LINES
    for diagnostic in found(statement)
    if diagnostic.suggestion is not None and diagnostic.code not in ELSEWHERE
]


@pytest.mark.parametrize(
    ("statement", "diagnostic"), [pytest.param(*each, id=f"{each[0]}-{each[1].code}") for each in SUGGESTED]
)
def test_the_suggestions_of_every_case_work_too(statement: str, diagnostic: Diagnostic) -> None:
    fixed = followed(statement, diagnostic)
    assert fixed is not None
    near = [
        other
        for other in found(fixed)
        if other.code not in ELSEWHERE
        and other.span
        and diagnostic.span
        and abs(other.span.start - diagnostic.span.start) < 2
    ]
    assert near == []


@pytest.mark.parametrize(
    ("statement", "offered"),
    [
        ("press a", "A"),
        ("wait 3", "3s"),
        ("wait 3,5s", "3.5s"),
        ("enter 5", "press"),
        ("sleep 3s", "wait"),
        ("press ＃", "#"),
        ("press 1O", "0"),
        ("press “1”", "press 1"),
        ("let menu = 2#; press $meun", "$menu"),
        ("wait 500 millis", "500ms"),
        ("wait 1,500ms", "1500ms"),
        ("press 0 three times", "repeat 3 { press 0 }"),
        ("Press 1 for English", 'for "English"'),
        ("press 1 every$gap", "every $gap"),
        ("wait 1m30", "30s"),
        ("wait 1m30S", "30s"),
        ("wait 3s0", "0s"),
        ("wait for up to 10s", 'wait up to 10s for "enter your PIN"'),
    ],
)
def test_the_way_out_is_the_one_that_was_meant(statement: str, offered: str) -> None:
    (only,) = found(statement)
    assert only.suggestion == offered or f"`{offered}`" in (only.help or "")


@pytest.mark.parametrize("statement", ["wait 1 minute later", "wait 1m30s later", "pace 0.1ms 3"])
def test_a_duration_that_can_be_read_is_not_called_wrong(statement: str) -> None:
    (only,) = found(statement)
    assert only.span
    assert only.span.start > len("pace 0.1")
    assert "is not a duration" not in only.message
    assert "is not a unit" not in only.message


# The author wrote a key or a time here that the likely way out would lose, or none where it would add one.
LOSSY = """\
press 5 # English
wait 3s # hold
wait for the beep
wait until "x"
wait 1e3ms
press 1 for option 2
press 1 for 250ms
# press 5
#press12#
# please press 5
#1
press 59 poud
press start
raw "1W2"
raw 1W2
wait 3,5ms
let menu
param x
""".splitlines()


@pytest.mark.parametrize("statement", LOSSY)
def test_what_would_lose_or_add_a_key_or_a_time_is_help_in_words(statement: str) -> None:
    (only,) = found(statement)
    assert only.suggestion is None
    assert only.help
    assert not re.match("write `", only.help)


@pytest.mark.parametrize(
    ("statement", "fixed"),
    [
        ("pause 3", "wait 3s"),
        ("Pause for 3 secs", "wait 3 secs"),
        ("press “1”", "press 1"),
        ("enter the one key", "press 1"),
        ("Press 1 every 3 for English", 'Press 1 every 3s for "English"'),
        ("wait3,5s", "wait 3.5s"),
    ],
)
def test_a_suggestion_after_which_more_is_wrong_becomes_the_whole_statement(
    statement: str, fixed: str
) -> None:
    (only,) = [each for each in found(statement) if each.code != "unclosed-block"]
    assert followed(statement, only) == fixed


def test_a_first_good_suggestion_stays_though_the_rest_has_no_way_out() -> None:
    (only,) = found("Enter 1 or 2")
    assert followed("Enter 1 or 2", only) == "press 1 or 2"
    assert only.help == "write `press`"


MEANT = """\
press 12 # sign => press 12 #
press 59# please => press 59#
press # code => press #
press the # key => press #
please press 1 => press 1
pause for two seconds => wait 2 seconds
wait for "beep" for up to 10s => wait up to 10s for "beep"
wait 3 sec. => wait 3 sec
enter 1234 followed by pound => press 1234 pound
press 1 to confirm => press 1 for "confirm"
press 1 (English) => press 1 for "English"
press ① => press 1
press ٣ => press 3
1. Press 1 => Press 1
• Press 2 => Press 2
press "O" => press 0
hangup => hang up
press 1–800–555 => press 1-800-555
press 1-800-FLOWERS => press 1-800 spell "FLOWERS"
press 1-800-GO-FEDEX => press 1-800 spell "GO-FEDEX"
press +1 919 333 4444 => press 1 919 333 4444
press %pin% => press $pin
press <pin> => press $pin
let pin be 1234 => let pin = 1234
""".splitlines()


@pytest.mark.parametrize("row", MEANT)
def test_what_people_write_leads_to_what_they_meant(row: str) -> None:
    statement, meant = row.split(" => ")
    fixed = dtmfdsl.fix(statement)
    assert " ".join(fixed.text.split()) == meant
    assert not fixed.left


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("press 1 or 2", "choose one"),
        ("press 1 for 2s", "add a step"),
        ("hold 1 for 2s", "press"),
        ("press 123 slowly", "every 1s"),
        ("press 1 each 1s", "every 1s"),
        ("press 5551212 ext 33", "after a wait"),
        ("press abcd", "ABCD"),
        ("param pin = 1234", "such as `param pin: 4 digits`"),
        ("press 1 2 seconds", "a wait is a step of its own"),
        ("press 5s", "a wait is a step of its own"),
        ('wait till "enter pin"', 'wait up to 12s for "enter pin"'),
        ("wait til the beep", 'wait up to 12s for "the beep"'),
    ],
)
def test_what_only_the_author_can_decide_is_help_in_words(statement: str, shown: str) -> None:
    (only,) = found(statement)
    assert only.suggestion is None or only.code == "unknown-statement"
    assert shown in (only.help or "")


def listed(terminal: str) -> list[str]:
    """The words that the pattern of a terminal of the grammar lists first, as they are without capitals."""
    words = re.search(
        rf"^{terminal}: /.*?\(((?:(?:\[[A-Z][a-z]\])?[a-z]+\|){{2,}}[][A-Za-z]+)\)",
        grammar_text(),
        re.MULTILINE,
    )
    assert words, terminal
    return sorted(re.sub(r"\[[A-Z]([a-z])\]", r"\1", words[1]).split("|"))


def test_the_grammar_and_the_mistakes_know_the_same_words() -> None:
    assert listed("CALL") == sorted((*VERBS, *RESERVED))
    assert listed("THEN") == sorted(VERBS)
    assert listed("UNIT") == sorted(UNITS)
    assert listed("KEY_NAME") == sorted(KEY_NAMES)
    assert sorted(RULES) == sorted((*VERBS, "a call", "no verb"))


ROWS = sorted(
    {rule for rules in RULES.values() for rule in rules if isinstance(rule, Row)},
    key=lambda row: (row.code, row.pattern),
)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.code}-{at}" for at, row in enumerate(ROWS)])
def test_a_row_has_a_pattern_and_templates_that_fit_it(row: Row) -> None:
    for template in (row.message, row.fix, row.help):
        re.sub(row.pattern, template if isinstance(template, str) else "", "")


def test_mistakes_are_told_in_the_order_of_the_script_without_echoes() -> None:
    script = "press a\nlet x = 4k\nwait $x\nrepeat 3\n{\n  enter 5\n}\npress $nobody\nwait up to 3s\n"
    assert [diagnostic.code for diagnostic in found(script)] == [
        "unknown-key",
        "unknown-key",
        "missing-block",
        "unknown-statement",
        "unknown-name",
        "missing-string",
    ]
    places = [diagnostic.span.position[0] for diagnostic in found(script) if diagnostic.span]
    assert places == [1, 2, 4, 6, 8, 9]


@pytest.mark.parametrize(
    "statement",
    [
        "secret pin: 8371",
        'secret pin: "8371"',
        "secret 8371",
        "secret pin 8371",
        "secret pin: 4 digits 8371",
        "secret pin: 4 digits = 8371",
        "Secret pin: 4 digits = 8371",
        "SECRET pin = 8371",
        "let secret pin = 8371",
        "secret a: 4 digits = 8371; secret b: 4 digits = 8371",
        "secret pin: 4 digits = 8371x",
        "secrets pin = 8371",
        "scret pin: 4 digits = 8371",
        "sekret pin = 8371",
        "# secret pin = 8371",
        "-- secret pin 8371",
        "let pin: secret = 8371",
        "secret pin: 4 digits = {8371}",
        "secret pin: 4 digits =\n8371",
        "press 1, secret pin: 4 digits = 8371",
        "press 1 and secret pin 8371",
        "wait 1s and then Secret pin: 8371",
        "secret pin: 4 digits = ;8371",
        "ｓecret pin = 8371",
    ],
)
def test_a_secret_written_wrongly_is_not_repeated(statement: str) -> None:
    shown = "".join(dtmfdsl.render(diagnostic) for diagnostic in found(statement + "\npress a"))
    assert shown
    assert "8371" not in shown


@pytest.mark.parametrize(
    "line", ['press 5 for "secret code" evry 2s', "press a // the secret is out", "secret greeting: duration"]
)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert line in "".join(dtmfdsl.render(diagnostic) for diagnostic in found(line))
