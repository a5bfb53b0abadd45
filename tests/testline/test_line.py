"""The test line: its limit, what it hears and when."""

from __future__ import annotations

import base64
import queue

from wire import PATH, Clock, ask, send

import dtmfdsl
from dtmfdsl.sending import Credentials
from dtmfdsl.sending.carriers.bandwidth_v1 import SECRET, TOKEN
from dtmfdsl.testline import Collision, Heard, LineEvent, Received, TestLine


def test_a_call_takes_one_request_a_second(line: TestLine, clock: Clock) -> None:
    assert send(line, "1").status == 200
    clock.ms += 999
    answer = send(line, "2")
    assert answer.status == 429
    assert send(line, "3", "c-2").status == 200
    clock.ms += 1
    assert send(line, "4").status == 200
    assert line.keys("c-1") == "14"
    reset = (
        "1700000006001"  # the wall clock's 1_700_000_005_999.5 at the request, and a millisecond, rounded up
    )
    assert answer.headers["X-RateLimit-Reset"] == reset
    assert answer.error == {
        "category": "too-many-requests",
        "code": "rate-limit-reached",
        "details": [
            {"name": "rateLimitResetTime", "value": reset},
            {"name": "requestMethod", "value": "POST"},
            {"name": "remoteAddress", "value": "127.0.0.1"},
            {"name": "requestPath", "value": "users/u-test/calls/c-1/dtmf"},
        ],
    }


def test_a_refused_value_counts_and_a_429_does_not(line: TestLine, clock: Clock) -> None:
    assert send(line, "x").status == 400
    for _ in range(3):
        clock.ms += 300
        assert send(line).status == 429
    clock.ms += 100
    assert send(line).status == 200


def test_the_limit_is_on_the_lines_own_clock(clock: Clock) -> None:
    with TestLine(clock=clock, speed=20) as line:
        send(line)
        clock.ms += 49
        assert send(line).status == 429
        clock.ms += 1
        assert send(line).status == 200
        assert [request.at_ms for request in line.requests] == [0, 980, 1000]


def test_keys_gaps_and_pauses_have_their_times(clock: Clock) -> None:
    with TestLine(clock=clock, tone_ms=80, gap_ms=40) as line:
        clock.ms += 1_000
        send(line, ",1W2w34")
        assert line.heard("c-1") == (
            Heard("1", 1_500, 1_580, 1),
            Heard("2", 2_620, 2_700, 1),
            Heard("3", 3_240, 3_320, 1),
            Heard("4", 3_360, 3_440, 1),
        )


def test_speed_is_the_clocks_and_not_the_keys(clock: Clock) -> None:
    with TestLine(clock=clock, speed=10) as line:
        clock.ms += 7
        send(line, "12")
        assert [(heard.start_ms, heard.end_ms) for heard in line.heard("c-1")] == [(70, 170), (270, 370)]


def test_strings_that_overlap_collide_and_are_both_heard(line: TestLine, clock: Clock) -> None:
    line.rate_limit_ms = 0
    send(line, "1W2")
    clock.ms += 500
    send(line, "34")
    clock.ms += 700
    send(line, "5")
    assert line.collisions("c-1") == (Collision(2, 1, 500), Collision(3, 1, 1_200))
    assert line.keys("c-1") == "13425"
    assert [heard.request for heard in line.heard("c-1")] == [1, 2, 2, 1, 3]


def test_a_string_plays_to_the_end_of_its_last_gap_or_pause(line: TestLine, clock: Clock) -> None:
    line.rate_limit_ms = 0
    for text, length in (("12", 400), ("1,", 700)):
        send(line, text)
        clock.ms += length
        send(line, "3")
        clock.ms += 199
        send(line, "4")
        clock.ms += 10_000
    assert [collision.request for collision in line.collisions("c-1")] == [3, 6]


def test_calls_do_not_hear_each_other(line: TestLine) -> None:
    send(line, "123", "c-1")
    send(line, "456", "c-2")
    assert (line.keys("c-1"), line.keys("c-2"), line.keys("c-3")) == ("123", "456", "")
    assert not line.collisions("c-1")
    assert not line.collisions("c-2")


def test_the_report_masks_keys_unless_asked(line: TestLine, clock: Clock) -> None:
    line.rate_limit_ms = 0
    send(line, "1WWW,59#")
    clock.ms += 3_900
    send(line, "7")
    clock.ms += 60_000
    assert line.report() == (
        "call c-1 heard 5 keys",
        "  request 1: • at 0s, ••• at 3.7s",
        "  request 2: • at 3.9s",
        "  collision: request 2 came while 1 still played",
    )
    assert line.report("c-1", show_keys=True)[1] == "  request 1: 1 at 0s, 59# at 3.7s"
    assert line.report("c-9") == ("call c-9 heard 0 keys",)


def test_the_report_has_what_is_still_to_sound(line: TestLine, clock: Clock) -> None:
    send(line, "1W23", "c%1b")
    assert line.report() == ("call c\ufffd heard 1 key", "  request 1: • at 0s", "  2 keys still to sound")


def test_a_listener_hears_everything_in_order(clock: Clock) -> None:
    told: queue.Queue[LineEvent] = queue.Queue()
    with TestLine(clock=clock, speed=1_000, rate_limit_ms=0, listener=told.put) as line:
        send(line, "1W2")
        send(line, "3")
        clock.ms += 10
        events = [told.get(timeout=240) for _ in range(6)]
        first, second, third = line.heard("c-1")
        assert events == [line.requests[0], first, line.requests[1], *line.collisions("c-1"), second, third]


def test_a_listener_hears_nothing_before_its_time(clock: Clock) -> None:
    told: list[LineEvent] = []
    with TestLine(clock=clock, listener=told.append) as line:
        send(line, "1W2")
        clock.ms += 10
    assert [type(event) for event in told] == [Received, Heard]


def test_a_listener_does_not_hear_what_a_hang_up_cut_off(clock: Clock) -> None:
    told: list[LineEvent] = []
    with TestLine(clock=clock, listener=told.append) as line:
        send(line, "1W2")
        clock.ms += 500
        ask(line, "POST", PATH.removesuffix("/dtmf"), b'{"state": "completed"}')
        clock.ms += 10_000
    assert [each.key for each in told if isinstance(each, Heard)] == ["1"] == [*line.keys("c-1")]


def test_nothing_shows_keys_credentials_or_bodies(line: TestLine) -> None:
    canary = "73914862"
    line.misbehave("503-echo", at=2)
    line.credentials = Credentials({**line.credentials, TOKEN: "to-ken", SECRET: "se-cret"})
    account = "Basic " + base64.b64encode(b"to-ken:se-cret").decode()
    send(line, canary, Authorization=account)
    ask(line, "POST", f"{PATH}?dtmfOut={canary}", b"", Authorization=account)
    assert line.keys("c-1") == canary
    shown = repr([line, line.requests, line.heard("c-1"), line.collisions("c-1"), line.report(), line._known])
    for secret in (canary, canary[:4], "to-ken", "se-cret", account):
        assert secret not in shown
    assert not any(f"key='{key}'" in shown for key in canary)


def test_a_sender_with_the_lines_clock_is_as_fast_as_the_line() -> None:
    """Else, this wait of an hour, which the sender spends itself, would take one."""
    with TestLine(speed=10_000) as line:
        to = {"base_url": line.base_url, "credentials": line.credentials, "clock": line.clock}
        assert dtmfdsl.send("press 1; wait 60m; press 2", "c-1", **to).accepted == 2
        assert line.keys("c-1") == "12"


def test_the_clock_is_faster_than_the_one_that_it_is_made_of() -> None:
    class Sleeping(Clock):
        def seconds(self, ms: float) -> float:
            return ms / 1000

        def sleep_ms(self, ms: float) -> None:
            self.ms += ms

    clock = Sleeping()
    fast = TestLine(clock=clock, speed=10).clock
    before = fast.now_ms()
    fast.sleep_ms(500)
    assert fast.now_ms() - before == 500
    assert fast.seconds(500) == clock.seconds(50)
    assert fast.wall_ms() == clock.wall_ms()
