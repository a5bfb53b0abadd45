"""Whole sentences as people write steps: the statements that they become, and what stays with the author."""

from __future__ import annotations

import pytest

import dtmfdsl
from dtmfdsl.language.mistakes.spoken import Lacking, spoken

BECOMES = """\
Press 1 for English. Wait 4 seconds. Press 3 for billing. => press 1 for "English" | wait 4 seconds | press 3 for "billing"
Wait about 10 seconds then press 0 => wait 10 seconds | press 0
First press 2, then wait for 5 seconds, then enter 1234 and press pound. => press 2 | wait 5 seconds | press 1234 | press pound
You press 1, wait five seconds, press 2 => press 1 | wait 5 seconds | press 2
Wait 3 seconds and then dial extension 204 => wait 3 seconds | press 204
1, wait 2s, 2, wait 2s, 3# => press 1 | wait 2s | press 2 | wait 2s | press 3#
Press 1 -> wait 2s -> press 2 => press 1 | wait 2s | press 2
Please press 1, pause 3 seconds, and then press 2 and the star key => press 1 | wait 3 seconds | press 2 | press star
press 5 twice => repeat 2 { press 5 }
Select option 3 => press 3
Choose option 2 for claims, wait 6 seconds, choose 1 => press 2 for "claims" | wait 6 seconds | press 1
Dial *67 => press *67
wait one minute, press 1 => wait 1 minute | press 1
wait half a minute, then press 1 => wait 30s | press 1
Send 1 then 2 then 3 => press 1 | press 2 | press 3
Send 1, 2 and 3 => press 1 | press 2 | press 3
Input 5551234 with half a second between the digits => press 5551234 every 500ms
Enter 1234 with a 1 second pause between each digit => press 1234 every 1 second
press 1234# 250ms apart => press 1234# every 250ms
Once connected, wait 2 seconds and press 7 => wait 2 seconds | press 7
When the call connects wait 2 seconds and press 7 => wait 2 seconds | press 7
Delay 2s, send 1# => wait 2s | press 1#
sleep 2; send 1# => wait 2s; press 1#
send dtmf 1234# => press 1234#
Send DTMF tones 1 2 3 # => press 1 2 3 #
Enter one two three four pound => press 1 2 3 4 pound
Punch in 4 7 1 1 and hit the star key => press 4 7 1 1 | press star
Push the 1 button, then the 2 button => press 1 | press 2
Press 1 and, after 3 seconds, press 2 => press 1 | wait 3 seconds | press 2
Press 1. Then, 3 seconds later, press 2. => press 1 | wait 3 seconds | press 2
Wait 3 more seconds before pressing 2 => wait 3s | press 2
5 second delay then 1# => wait 5 second | press 1#
Step 1: press 1 => press 1
2) wait 5 seconds => wait 5 seconds
a. Press 5 => Press 5
[ ] press 1 => press 1
Press 1 (for English), wait 3 seconds, press 2 (for billing) => press 1 for "English" | wait 3 seconds | press 2 for "billing"
Press '2' to hear your balance => Press 2 for "hear your balance"
Press 2 to pay a bill, then wait 4 seconds, then hang up => press 2 for "pay a bill" | wait 4 seconds | hang up
press 1 wait 3 press 2 => press 1 | wait 3s | press 2
Press 1, wait 3, press 2, wait 3, press # => press 1 | wait 3s | press 2 | wait 3s | press #
wait 3s press 1 wait 3s press 2 => wait 3s | press 1 | wait 3s | press 2
enter 123456, then press the pound (#) key => press 123456 | press pound
Press the star key (*) twice => repeat 2 { press star }
Press 0 for the operator. => press 0 for "the operator"
Press # to confirm => Press # for "confirm"
Just press 0 => press 0
press 0, then 0, then 0 => press 0 | press 0 | press 0
Wait 12 seconds (long greeting), press 2 => wait 12 seconds  // long greeting | press 2
wait 12 seconds for the greeting, press 2 => wait up to 12 seconds for "the greeting" | press 2
wait for 12 seconds for the greeting to finish then press 2 => wait up to 12 seconds for "the greeting to finish" | press 2
press 1 immediately => press 1
press 1 quickly followed by 2 => press 1 2
Dial 011 44 20 7946 0958 => press 011 44 20 7946 0958
Dial (800) 555-0199 and wait 6 seconds, then press 2 => call (800) 555-0199 | wait 6 seconds | press 2
dial 9, wait 1 second, dial 5551212 => press 9 | wait 1 second | press 5551212
Press 1 — wait 3 seconds — press 2 => press 1 | wait 3 seconds | press 2
Press 1, then (after 2 seconds) press 3 => press 1 | wait 2 seconds | press 3
Wait approx. 5 secs, press 1 => wait 5 secs | press 1
wait ten seconds, press nine => wait 10 seconds | press 9
press 1, wait 90 seconds, hangup => press 1 | wait 90 seconds | hang up
Press 1 2 3 and 4 => press 1 2 3 | press 4
Hold for 20 seconds, then press 1 => wait 20 seconds | press 1
Stay on the line for 20 seconds, then press 1 => wait 20 seconds | press 1
Let it ring for 10 seconds, then press 1 => wait 10 seconds | press 1
Give it 5 seconds, press 1 => wait 5 seconds | press 1
Press 4. Press 5. Press 6. => press 4 | press 5 | press 6
Press 2 (two) and then 4 (four) => press 2 | press 4
2 for Spanish, then 4 for billing => press 2 for "Spanish" | press 4 for "billing"
Use 1 for English => press 1 for "English"
Press 1 for English , wait 3 seconds , and press 2 . => press 1 for "English" | wait 3 seconds | press 2
then press 2 => press 2
and press 2 => press 2
Finally, press #. => press #
next: press 2 => press 2
press pound twice, then hang up => repeat 2 { press pound } | hang up
press the octothorpe => press #
press 1 three times, 2 seconds apart => press 111 every 2 seconds
hit # twice with 1 second between => press ## every 1 second
Press zero four times with a 500ms pause between presses => press 0000 every 500ms
Dial 5, wait 2 s., dial 6. => press 5 | wait 2 s | press 6
"1" then "2" then "#" => press 1 | press 2 | press #
Press 1 for english, press 4 for a representative => press 1 for "english" | press 4 for "a representative"
Type 1, wait for 3 sec, type 9, hang up. => press 1 | wait 3 sec | press 9 | hang up
press "star" "6" "7" => press star 6 7
press 2 to speak with an agent => press 2 for "speak with an agent"
press 1 to reach sales => press 1 for "reach sales"
Press 3 (balance inquiry) => Press 3 for "balance inquiry"
press 3 - balance inquiry => press 3 for "balance inquiry"
press 3: balance => press 3 for "balance"
1234 with pauses of 1 s between digits => press 1234 every 1 s
Send 1234, pausing 1 second between digits => press 1234 every 1 second
Send 1234 at 1 second intervals => press 1234 every 1 second
Dial 1234 leaving half a second between each key => press 1234 every 500ms
hold on 5 secs then hit 1 => wait 5 secs | press 1
Then wait another 10 seconds, and press 1 again. => wait 10 seconds | press 1
Wait 3 seconds, press 1 again, and wait 3 seconds again => wait 3 seconds | press 1 | wait 3 seconds
After 10 seconds press 3, after another 5 seconds press 4 => wait 10 seconds | press 3 | wait 5 seconds | press 4
Give it two seconds, then key in 4711 followed by the hash key => wait 2 seconds | press 4711 hash
4 seconds later, press 2 => wait 4 seconds | press 2
Press 1 then press 1 again then press 2 => press 1 | press 1 | press 2
press one (1) for yes => press 1 for "yes"
Push button 5 => press 5
Push buttons 5 and 6 => press 5 | press 6
press #, *, 0 => press # | press * | press 0
hit the star button followed by the number 5 => press star 5
enter ext 214 => press 214
enter extension 214 and press # => press 214 | press #
Wait 1.5 seconds—then press 2 => wait 1.5 seconds | press 2
wait=3; press=1 => wait 3s; press 1
press: 1, wait: 2s, press: 2 => press 1 | wait 2s | press 2
PRESS[1] WAIT[2s] PRESS[2] => press 1 | wait 2s | press 2
press 1 / wait 2s / press 2 => press 1 | wait 2s | press 2
1 > 2 > 3 => press 1 | press 2 | press 3
press 1 ==> wait 2s ==> press 2 => press 1 | wait 2s | press 2
Press 1 --> wait 2s --> press 2 => press 1 | wait 2s | press 2
10s wait, press 2 => wait 10s | press 2
wait ten s => wait 10 s
wait a full minute then press 1 => wait 1m | press 1
wait exactly 2500 ms then press 1 => wait 2500 ms | press 1
wait 2,5 seconds then press 1 => wait 2.5s | press 1
press 1.wait 2s.press 2 => press 1 | wait 2s | press 2
wait(3), press 1 => wait 3s | press 1
press 9 x3 => repeat 3 { press 9 }
Press 9 (3 times) => repeat 3 { press 9 }
wait until the music stops, max 60 seconds, then press 1 => wait up to 60 seconds for "the music stops" | press 1
wait until you hear a beep (up to 30 seconds), then press # => wait up to 30 seconds for "a beep" | press #
wait for the prompt for at most 10 seconds => wait up to 10 seconds for "the prompt"
press 2 for billing or payments => press 2 for "billing or payments"
press ten => press 10
press twenty-one => press 21
wait 2 hours then press 1 => wait 120min | press 1
wait 30, press 1 => wait 30s | press 1
wait 1/2 second, press 1 => wait 0.5 second | press 1
wait 1 and 1/2 seconds, press 1 => wait 1.5 seconds | press 1
enter "1234" and "5678" => press 1234 | press 5678
Call (919) 555-0177. Wait 12 sec. Press 2. => call (919) 555-0177 | wait 12 sec | press 2
Please dial 1-919-555-0177. Once connected wait 3 seconds. => call 1-919-555-0177 | wait 3 seconds
press 1, end call => press 1 | hang up
terminate the call => hang up
hang up after 2 seconds => wait 2 seconds | hang up
press 1, then right away press 2 => press 1 | press 2
press 1234 each 500ms => press 1234 every 500ms
press 12# each second => press 12# every 1s
Press 1, wiat 3s, prss 2 => press 1 | wait 3s | press 2
dail 1 and paus 3s => press 1 | wait 3s
press one-two-three-pound => press 1 2 3 pound
press double-oh seven => press 00 7
Press1, Wait 2s, Press2 => press 1 | wait 2s | press 2
Wait five (5) seconds => wait 5 seconds
wait 2½ sec then press 3 => wait 2.5 sec | press 3
- **Press 1** => press 1
1. `wait 2s` => wait 2s
**Press** 1 for English => press 1 for "English"
press <1>, wait 2s, press <#> => press 1 | wait 2s | press #
press "one" => press 1
enter zip code 27701 => press 27701
Enter the passcode: 8812# => press 8812#
enter Rx number 7012345 followed by # => press 7012345 #
type date of birth 01021990 => press 01021990
send DTMF: 1234# => press 1234#
digits: 1234# => press 1234#
press 12 x2 => repeat 2 { press 12 }
press 1, then press 2 -- for billing => press 1 | press 2 for "billing"
press 1 -- English => press 1 for "English"
wait 5s - greeting => wait 5s  // greeting
- wait: 2s  # the greeting => wait 2s // the greeting
await asyncio.sleep(1.5) => wait 1.5s
Thread.sleep(2000) => wait 2000ms
session.sendDTMF("1ww2#") => press 1 | wait 1s | press 2#
await call.send_digits(digits="42#") => press 42#
<Play digits="w2"/> => wait 500ms | press 2
<Pause length="3"/> => wait 3s
<Hangup/> => hang up
"sendDigits": "1ww2" => press 1 | wait 1s | press 2
call.hangup() => hang up
press {{ card }}# => press $card#
Wait ten (10) seconds => wait 10 seconds
Start by pressing 1 => press 1
Wait 4 seconds - the greeting plays => wait 4 seconds  // the greeting plays
wait 4s - now press 2 => wait 4s | press 2
call the clinic at 919-555-0177, then press 2 => call 919-555-0177 | press 2
tel:+1-919-555-0177 => call +1-919-555-0177
""".splitlines()

# An event, a choice, a time that is missing, an order that is not that of the words, or words that change all.
LEFT = """\
After the greeting press 1
Hit 0 a few times
press zero until you get a person
wait a bit and press 1
press 1 and wait
press 1, wait for the beep, press 2
wait (at most 15 seconds) until you hear the beep
press 1 for sales or 2 for support
Input 5551234 slowly
Enter 1234, one digit every second
At the main menu press 3
Press 3 at the main menu
Push the number 1 key, and after 3 seconds the number 2 key
pause 2 secs between 1 and 2
Press 1 to confirm or 2 to cancel
Press 1 if you are a member
Say "representative"
Enter your birthday
Press 1... wait 3 seconds... press 2
Wait 2-3 seconds, press 1
wait 2 or 3 seconds, press 1
Repeat 3 times: press 1
press 1; wait 2s; repeat
go to option 4
press hash tag
wait 2 seconds after the beep, then press 1
pause 1 s between digits: 1234
press 3 after 10 seconds and 4 after another 5 seconds
The system answers; wait 4 seconds; press 2
Ignore the first menu, wait 20 seconds, press 2
Press 1 within 3 seconds
Press 1 and hold for 2 seconds
press and hold 1
long press 0
enter 0214 when prompted, wait 3 seconds, press 1
wait 5 seconds , then 2 seconds more, then press 1
<press 1>
10s, press 2
t+5s: press 2
say "agent" then press 0
tell it your name
listen to the menu, then press 2
wait for main menu, 8 seconds
Press 1, before that wait 3 seconds
before you press 2, wait 3 seconds
Press 1 for yes and 2 for no
Do not press 1
Don't press 2, press 3
press anything but 1
press 1 instead of 2
press 1 without waiting
press any key
press 1 or wait
Don't wait, press 1
Never press 0, wait 3 s
press 1, not 2
Wait 5 seconds. Don't press 1.
press 2 at least 3 times
press 2 up to 3 times
press 1 every other second
press 1 for every call
press 1, 2 or 3
press 1 and/or 2
enter the last 4 of 1234567
enter 4 digits
press 1 twice a day
press 5 after the beep
after the beep press 5
press 5 as soon as you hear the beep
wait for 3 rings, press 1
wait 3 rings then press 1
press 1 3 seconds after the beep
press 1 after 3 seconds press 2
wait 3 seconds after pressing 1
press 1 until it beeps
wait a while, then press 1
wait a moment, press 1
press 1 on the first menu and 2 on the second
optionally press 1
maybe press 1
try 1, if that fails try 2
press 1; if busy, press 2
skip 1, press 2
press 1, wait 3 seconds unless it beeps
wait less than 3 seconds, press 1
wait more than 3 seconds, press 1
wait no more than 3 seconds, press 1
wait at most 3 seconds, press 1
wait 3 seconds max, press 1
press 1 between 2 and 3 seconds
dial the number 5551234 and say hello
undo: press 1
press 1 (2 if Spanish)
press 1 (or 2 for Spanish)
press 1 / 2
press 1 plus 2
press 1 times 3
press one hundred
press 2 1/2
wait 100, press 1
press 1 in 5 seconds
press 1 for 5 seconds
press 1 for option 2
wait for option 2
press 11 for menu 12
12:30 press 1
press 1 (wait)
send SMS 1234
call bank, press 1
call 5551234 and 5551235
press "1 or 2"
enter 1,250
enter 10/12/2024
enter $5
press 5551212 x33
dial 555-1212 x 204
press 18005550199 x2
press 12 x10
press 1234567 times 2
wait a couple of seconds, press 1
wait 3 4
press 5 1/2 second later
wait 1/3 second
**1**
1. 2#
* press 1
Press **1**, wait **3 seconds**
press one or two-three
enter anything but 12345
press the last number 12345
enter code # then 1
enter my account number *
sendDigits("1W2")
sendDigits("1,,2")
press 1,2,3
WAIT=$3
phase 2: press 3
call me at 5 and press 1
call extension number 204
Wait ten (9) seconds
entry 2, press 3
""".splitlines()


@pytest.mark.parametrize("row", BECOMES)
def test_a_sentence_becomes_statements_one_a_line(row: str) -> None:
    typed, statements = row.split(" => ")
    fixed = dtmfdsl.fix(typed)
    assert fixed.text.replace("\n", " | ") == statements
    assert not fixed.left


@pytest.mark.parametrize("typed", LEFT)
def test_a_sentence_that_is_not_understood_wholly_stays_as_it_is(typed: str) -> None:
    fixed = dtmfdsl.fix(typed)
    assert fixed.text == typed
    assert fixed.left


DECLARED = "secret pin: 4 digits\nparam account: 10 digits\n"


@pytest.mark.parametrize(
    ("typed", "fixed"),
    [
        ("enter your PIN", "press $pin"),
        ("Enter your 4-digit PIN and press #", "press $pin\npress #"),
        ("enter account number (10 digits), then pound", "press $account\npress pound"),
        ("enter account followed by pin followed by #", "press $account $pin #"),
        ("enter PIN 9876", "press 9876"),
        ("enter account #", None),  # the account's number, or a key?
        ("enter 12 digits 34", None),
        ("enter card number", None),
        ("send pin#", None),
    ],
)
def test_a_value_of_the_script_is_known_by_its_name(typed: str, fixed: str | None) -> None:
    assert dtmfdsl.fix(DECLARED + typed).text == DECLARED + (typed if fixed is None else fixed)


def test_a_number_that_is_dialled_first_is_called() -> None:
    sentence = "dial 1-800-555-0199, wait 5 seconds and press 1"
    steps = "1-800-555-0199\nwait 5 seconds\npress 1"
    assert dtmfdsl.fix(f"// Acme\nparam x: keys\n{sentence}").text.endswith(f"\ncall {steps}")
    assert dtmfdsl.fix(f"press 9\n{sentence}").text == f"press 9\npress {steps}"
    assert dtmfdsl.fix("dial 18005550199").text == "press 18005550199"
    listed = "1. Dial 919-555-0177\n2. Wait 5s"
    assert dtmfdsl.fix(listed).text == "call 919-555-0177\nWait 5s"


@pytest.mark.parametrize(
    ("typed", "code", "marked", "help"),
    [
        (
            "Press 2 for Spanish, pause, and then press 4 for billing",
            "missing-duration",
            "pause",
            'say how long, such as `press 2 for "Spanish"; wait 3s; press 4 for "billing"`',
        ),
        ("press 2 for Spanish if it asks", "unknown-statement", "if", "one case"),
        ("press 2 for Spanish or 3 for French", "unknown-key", "or", "choose one"),
        ("press 2 for Spanish when prompted", "wait-without-limit", "when", "at most"),
        ("press 2 for Spanish and hold for 2s", "unknown-statement", "hold", "add a step"),
        ("press 2 for Spanish, then say yes", "unknown-statement", "say", "take a key"),
    ],
)
def test_what_a_sentence_lacks_is_named(typed: str, code: str, marked: str, help: str) -> None:
    lacking = spoken(typed)
    assert isinstance(lacking, Lacking)
    assert (lacking.code, typed[lacking.start : lacking.end]) == (code, marked)
    assert help in lacking.help
    first = dtmfdsl.check(typed)[0]
    assert first.suggestion is None
    assert first.span


def test_a_sentence_keeps_the_indentation_and_the_line_ends_of_its_place() -> None:
    typed = "repeat 2 {\r\n\tpush one, then wait two seconds // x\r\n}\r\n"
    assert dtmfdsl.fix(typed).text == "repeat 2 {\r\n\tpress 1\r\n\twait 2 seconds // x\r\n}\r\n"


def test_a_label_is_left_to_the_letter() -> None:
    assert dtmfdsl.fix('please press 0 for "¹"').text == 'press 0 for "¹"'


def test_a_pause_without_a_time_is_what_the_message_is_about() -> None:
    (only,) = dtmfdsl.check("Press 1, pause, press 2")
    assert only.message == "`pause` needs a duration"
    assert only.help == "say how long, such as `press 1; wait 3s; press 2`"
