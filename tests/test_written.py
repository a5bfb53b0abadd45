"""The keys and times that an author wrote, read off valid and invalid statements."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dtmfdsl.language.mistakes.written import Written, written

# Each line's statements all hold the same.
SAME = """\
press 12 # | press 12 # sign | press 12# please | PRESS one two pound | enter "12#" | press １② hash | #press 12#
press 10 | press 1O | press 1 "O" | press l0 | press one zero | 1. Press 10 | • press 1-0 | press 10 // or 2
press A | press a | press "A" | press 'a' | (a) press A
press 18003569377 | press 1-800-FLOWERS | press 1-800 spell "FLOWERS" | press 1800 spell flowers
press 76484 | press "Smith" | press spell "Smith" | press spell Smith
press 1 for "Line 2" | press 1 for “Line 2” | press 1 for 'Line 2' | press 1
wait 3s | wait 3 | pause for three seconds | Wait 3 sec. | wait 3000ms | wait 3,0 s | sleep 3 SECONDS | wait 3.0
wait 1m 30s | wait 1m30 | wait 1:30 | wait 1 minute and 30 seconds | wait 90 | wait 1 min, 30 secs
wait 500ms | wait .5 | wait half a second | wait 0,5 s | wait 500 msecs
wait 1.5s | wait 1 1/2 seconds | wait 1½ s | wait for 1 and 1/2 sec | asyncio.sleep(1.5) | wiat 1.5
press 123 | press one-two-three | <press 123> | digits: 123 | send_dtmf("123") | press "one" 23 | **Press** 123
press 1; wait 1s; press 2 | sendDigits("1ww2") | <Play digits="1ww2"/>
wait 4s | wait 4s # greeting | wait 4s // 5 | wait 4s <!-- 5 -->
wait 25s | wait twenty-five seconds | wait twenty five seconds
wait up to 10s for "beep" | wait for "beep" for up to 10s | wait up to ten secs until "beep 2"
press 12 every 2s | press 12 every 2 | press 1 2 every two seconds
repeat 3 { press 0 } | press 0 three times | press 0 3x | loop three times { press 0
press $pin | press {pin} | press ${pin} | press {{ pin }} | press %pin% | press <pin> | press $Pin | press #{pin}
raw "1W2" as twilio | raw 1W2 | raw '1W2' twilio | raw "1W2" in bandwidth-v1
let menu_2 = 5# | let menu-2 = 5# | menu2 = 5# | set Menu2 5# | let menu2 = "5#"
// 5 | # Step 5 | /* press 5 */ | press | let menu5
"""

DIFFERENT = """\
press 5551212 x33 | press 5551212 | press 5551212 33 times
wait 4s # 5 | wait 4s | wait 4s # star
press 12# | press 12 | press 1#2 | press 12 #, 3 | press 12# wait 1s | press 12# twice | press # 12
press 1 for "2" | press 1 for 2 | press 1 or 2s
wait 1e3ms | wait 1ms | wait 1s | wait 1,200s
wait 3s; wait 4s | wait 3s | wait 4s | wait 7s | wait 4s; wait 3s
press $pin | press pin | press spell "pin" | press $pan
"""


@pytest.mark.parametrize("line", SAME.splitlines())
def test_statements_that_hold_the_same_keys_and_times(line: str) -> None:
    found = {statement.strip(): written(statement.strip()) for statement in line.split(" | ")}
    first = next(iter(found.values()))
    assert {statement: each for statement, each in found.items() if each != first} == {}


@pytest.mark.parametrize("line", DIFFERENT.splitlines())
def test_statements_that_hold_different_keys_and_times(line: str) -> None:
    found = [written(statement) for statement in line.split(" | ")]
    assert len({(each.values, each.counts) for each in found}) == len(found)


def test_keys_times_names_and_counts_stand_in_order() -> None:
    text = "Press 1, pause for two seconds, enter {pin} and pound, all of it twice"
    assert written(text) == Written(("1", Decimal(2000), "$pin", "#"), ("2",))
