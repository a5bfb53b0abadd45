"""Strings that real people wrote. `data/strings.jsonl` names the source of each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import attrs
import pytest
from compiling import joined

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.decompiler import read_back, read_strings

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "strings.jsonl").read_text(encoding="utf-8").splitlines()
]
OURS = {
    "asterisk SendDTMF": "asterisk",
    "asterisk test suite dtmf": "asterisk",
    "bandwidth-v1": "bandwidth-v1",
    "bandwidth-v2": "bandwidth",
    "freeswitch": "freeswitch",
    "livekit": "livekit",
    "plivo": "plivo",
    "plivo <DTMF>": "plivo",
    "plivoframework GetDigits validDigits": "plivo",
    "signalwire SWML": "signalwire",
    "signalwire browser": "signalwire",
    "signalwire cXML <Number>": "signalwire",
    "signalwire cXML <Play>": "signalwire",
    "signalwire compatibility SendDigits": "signalwire",
    "signalwire relay": "signalwire",
    "telnyx": "telnyx",
    "twilio-senddigits": "twilio",
    "twilio-play": "twilio-play",
    "twilio-js sendDigits": "twilio",
    "vapi dtmf tool": "vapi",
    "vonage": "vonage",
    "webrtc insertDTMF": "webrtc",
}
"""Our name for the dialect that a string was written for."""
LONG = attrs.evolve(dtmfdsl.get_dialect("twilio"), limit=None)  # as the service that wrote them took them
CARD = "5077081111222233"


def filled(string: str) -> str:
    """The string with a made-up card number where the author's program put one in."""
    string = string.replace("#{waiting_ebt_number}", "w".join(CARD))
    return re.sub(r"[#$]?\{@?\w+(\.to_s)?\}", CARD, string)


MISREAD = [row for row in ROWS if "{" in row["string"] and row["valid"] is False]
CALLS = ["${STRBETWEEN(digits,w)}", "W$1#@500"]  # code of a dial plan, and no string yet
SOUND = [
    (row, filled(row["string"]))
    for row in ROWS
    if row["dialect"] in OURS and row["valid"] is not False and row["string"] not in CALLS
]
BROKEN = [row for row in ROWS if row["dialect"] in OURS and row["valid"] is False and row not in MISREAD]


def test_the_corpus_is_there() -> None:
    assert len(SOUND) > 110
    assert {OURS[row["dialect"]] for row, _ in SOUND} == {*OURS.values()}
    assert len(BROKEN) >= 5


@pytest.mark.parametrize(("row", "string"), SOUND, ids=[row["string"] for row, _ in SOUND])
def test_a_valid_string_reads_prints_and_compiles_back(row: dict[str, object], string: str) -> None:
    dialect = dtmfdsl.get_dialect(OURS[str(row["dialect"])])
    if dialect.limit is not None and len(string) > dialect.limit:
        # Longer than is documented today; as chunks of the length allowed it still means the same.
        with pytest.raises(DtmfError) as caught:
            dtmfdsl.decompile(string, dialect)
        assert [found.code for found in caught.value.diagnostics] == ["string-too-long"]
        strings = [string[at : at + dialect.limit] for at in range(0, len(string), dialect.limit)]
    else:
        strings = [string]
    script = dtmfdsl.decompile(strings, dialect)
    program = dtmfdsl.lower(dtmfdsl.parse(script))
    compiled = dtmfdsl.compile(script, dialect=dialect)
    read = [step for text in strings for step in dialect.decode(text).steps()]
    again = [step for text in compiled.texts for step in dialect.decode(text).steps()]
    assert joined(again) == joined(read) == list(program.steps())
    assert sum(map(len, compiled.texts)) <= len(string)


@pytest.mark.parametrize(("row", "string"), SOUND, ids=[row["string"] for row, _ in SOUND])
def test_without_its_dialect_a_string_means_the_same_or_is_a_choice(row: dict[str, str], string: str) -> None:
    dialect = dtmfdsl.get_dialect(OURS[row["dialect"]])
    if dialect.by_name_only or (dialect.limit is not None and len(string) > dialect.limit):
        return
    try:
        assert read_strings(string) == dialect.decode(string)
    except DtmfError as error:
        (found,) = error.diagnostics
        assert found.code == "ambiguous-string"
        assert "`--dialect phone`" in found.notes[-1].message  # its comma, and numbers that it would call


ARGUMENTS = [
    row["string"] for row in ROWS if row["dialect"] in ("asterisk SendDTMF arguments", "asterisk Dial D()")
]


@pytest.mark.parametrize("string", [*ARGUMENTS, *CALLS])
def test_the_arguments_of_a_dial_plan_are_no_string(string: str) -> None:
    for dialect in ("asterisk", "freeswitch"):
        with pytest.raises(DtmfError, match="not-in-dialect"):
            dtmfdsl.decompile(string, dialect)


@pytest.mark.parametrize(
    ("string", "dialect", "steps"),
    [
        ("1www2WABCDw9", "telnyx", ("1", 1500, "2", 1000, "ABCD", 500, "9")),
        ("0123456789ABCD*#@100", "freeswitch", ("0123456789ABCD*#",)),
        ("1w2W3@1000", "plivo", ("1", 500, "2", 1000, "3")),
        ("abc*#", "livekit", ("ABC*#",)),
        ("12,34", "webrtc", ("12", 2000, "34")),
        ("12w34", "bandwidth", ("12", 500, "34")),
        ("1w2W#", "signalwire", ("1", 500, "2", 1000, "#")),
        ("*w2", "asterisk", ("*", 500, "2")),
        ("1w2w3W4#", "vapi", ("1", 500, "2", 500, "3", 1000, "4#")),
        ("www1ww1ww2", "twilio-play", (1500, "1", 1000, "1", 1000, "2")),
        ("2p02p", "vonage", ("2", 500, "02", 500)),
    ],
)
def test_what_an_author_meant_is_what_is_read(
    string: str, dialect: str, steps: tuple[str | int, ...]
) -> None:
    assert any(row["string"] == string and OURS.get(row["dialect"]) == dialect for row in ROWS)
    assert dtmfdsl.get_dialect(dialect).decode(string).steps() == steps


@pytest.mark.parametrize("row", BROKEN, ids=[row["string"][:20] or "empty" for row in BROKEN])
def test_a_broken_string_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.decompile(str(row["string"]), OURS[str(row["dialect"])])
    assert {found.code for found in caught.value.diagnostics} <= {
        "empty-string",
        "string-too-long",
        "not-in-dialect",
    }
    assert all(found.span for found in caught.value.diagnostics)


def test_braces_that_were_sent_as_they_are_show_as_a_value() -> None:
    (row,) = MISREAD
    found = read_back(row["string"])
    assert [warning.message for warning in found.warnings] == [
        "`{ebt_number}` is read as `$ebt_number`, a value that the script is given"
    ]


TEMPLATES = [row for row in ROWS if row["dialect"] in OURS and "#{" in row["string"]]


@pytest.mark.parametrize("row", TEMPLATES, ids=[row["string"] for row in TEMPLATES])
def test_a_template_of_rubys_has_two_readings(row: dict[str, str]) -> None:
    pieces = re.split(r"#\{@?(\w+)(?:\.to_s)?\}", row["string"])
    readings = []
    for template in ("ruby", "braces"):
        with pytest.raises(DtmfError, match="ambiguous-string"):
            dtmfdsl.decompile(row["string"])
        script = dtmfdsl.parse(dtmfdsl.decompile(row["string"], LONG, template=template))
        readings.append(dtmfdsl.lower(script, dict.fromkeys(pieces[1::2], CARD)).steps())
        key = "" if template == "ruby" else "#"
        assert readings[-1] == LONG.decode((key + CARD).join(pieces[::2])).steps()
    assert readings[0] != readings[1]


# Mistakes whose author took a pause for another length, or a character for another: read in the dialect that
# got the string, each is an error, or a script that says plainly what would really happen.
@pytest.mark.parametrize(
    ("string", "dialect", "plain"),
    [
        ("wwww700", "twilio", "wait 2s\n"),  # the author meant four seconds
        ("1w2", "bandwidth-v1", "wait 500ms\n"),  # one page swaps w and W
        ("wwwwwwwwwwwwwwwwwwww123", "twilio", "wait 10s\n"),  # heard as five because of a bug
        ("555-555-5555|wwww700", "twilio", None),
        ("8885551212%7Cwwww700", "twilio", None),
        ("18001234567890,,,2#,,,,,456", "twilio", None),  # a phone's comma is two seconds, here it is none
        ("18001234567890,,,2#,,,,,456", "bandwidth-v1", "wait 1.5s\n"),
        ("1–555–555–555,,123456#", "bandwidth-v1", None),
        ("+14156550001#555012345", "vonage", None),
        ("1A", "vonage", None),
        ("abc", "bandwidth-v1", None),
    ],
)
def test_a_misread_string_shows_its_mistake(string: str, dialect: str, plain: str | None) -> None:
    if plain is None:
        with pytest.raises(DtmfError):
            dtmfdsl.decompile(string, dialect)
    else:
        assert plain in dtmfdsl.decompile(string, dialect)
