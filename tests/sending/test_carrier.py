"""What a carrier is: one quite unlike Bandwidth v1 is sent to, and nothing generic knows the difference."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

import attrs
import pytest
import requests
from lines import FakeClock

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import BANDWIDTH_V1, CARRIERS, Carrier, Credentials, Kind, Outcome, Status, get_carrier
from dtmfdsl.sending.carriers import Command, Request
from dtmfdsl.sending.carriers.carrier import escaped
from dtmfdsl.testline import STAND_INS, Fault, StandIn, TestLine
from dtmfdsl.testline.server import Answer, Incoming

KEY = "ACME_KEY"


@attrs.frozen(kw_only=True)
class Acme(Carrier):
    """One token, a PUT of a form, a limit in seconds to wait, and an error in a header."""

    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{base_url}/lines/{escaped(command.call_id, 'call id')}/{escaped(credentials[KEY][:2], 'key')}/tones"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request("PUT", url, form, urlencode({"tones": command.text}).encode())

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return {
            "Authorization": f"Bearer {credentials[KEY]}",
            "X-Signed": f"{len(request.body)} {wall_ms:.0f}",
        }

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match status:
            case 204:
                return Outcome(Kind.ACCEPTED, "accepted")
            case 420:
                wait = 1000 * int(headers["Retry-After"])
                return Outcome(Kind.NOT_EXECUTED, "calm down", wait, too_many=True)
        return Outcome(Kind.UNKNOWN, "no idea")


ACME = Acme(
    name="acme",
    dialect="vonage",
    base_url="https://acme.invalid",
    interval_ms=500,
    variables=(KEY,),
    curl_options=f'-H "Authorization: Bearer ${KEY}"',
    promises="nothing",
)


@attrs.frozen(kw_only=True)
class AcmeStandIn(StandIn):
    def call_id(self, request: Incoming) -> str | None:
        match request.path.split("/"):
            case ["", "lines", call_id, _, "tones"]:
                return call_id
        return None

    def refusal(self, request: Incoming, account: Credentials) -> Answer | None:
        return None if request.header("authorization") == f"Bearer {account[KEY]}" else Answer(499)

    def text(self, request: Incoming, call_id: str, state: str) -> Answer | str:
        return parse_qs((request.body or b"").decode())["tones"][0] if state == "up" else Answer(410)

    def too_many(self, request: Incoming, reset_ms: float) -> Answer:
        return Answer(420, headers=(("Retry-After", "7"),))

    def failure(self, request: Incoming, call_id: str, fault: Fault, text: str) -> Answer | None:
        return Answer(500, text.encode()) if fault is Fault.FAILED_ECHO else None


STAND_IN = AcmeStandIn(
    carrier=ACME,
    account={KEY: "s3cret-key"},
    method="PUT",
    states=("up", "down"),
    playing=("up",),
    accepted=Answer(204),
    unreadable=Answer(400),
)


def test_a_carrier_unlike_any_other_is_sent_to_by_the_same_doors() -> None:
    clock = FakeClock()
    with TestLine(stand_in=STAND_IN, clock=clock) as line:
        line.misbehave("429")
        to = {"base_url": line.base_url, "credentials": {**line.credentials, "MORE": "x"}, "clock": clock}
        report = dtmfdsl.send("press 12; wait 1s; press 3", "c-1", carrier=ACME, **to)
        assert report.status is Status.COMPLETE
        assert line.keys("c-1") == "123"
        first, second = line.requests
        assert (first.method, first.status, second.status) == ("PUT", 420, 204)
        assert 7_000 <= second.at_ms - first.at_ms <= 7_100
        assert first.headers["X-Signed"] == "11 1700000001000"
        assert second.headers["X-Signed"] > first.headers["X-Signed"]  # made anew
        line.misbehave("503-echo")
        report = dtmfdsl.send("press 12", "c-2", carrier=ACME, **to)
        assert (report.status, report.reason) == (Status.UNKNOWN, "no idea")
        assert "s3cret" not in repr([report, line, line.credentials, ACME, line.requests])


def test_a_session_and_its_netrc_do_not_get_in_the_way_of_a_carriers_own_authentication(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    with open(f"{tmp_path}/netrc", "w") as file:
        file.write("default login wrong password wrong")
    for auth in (None, ("wrong", "wrong")):
        with TestLine(stand_in=STAND_IN) as line, requests.Session() as session:
            session.auth = auth
            to = {"base_url": line.base_url, "credentials": line.credentials, "session": session}
            assert dtmfdsl.send("press 1", "c-1", carrier=ACME, **to).status is Status.COMPLETE


def test_a_wrong_credential_is_reported_without_its_value() -> None:
    for given in ({}, {KEY: ""}, {KEY: "line\nbreak"}, {KEY: "\x07"}):
        with pytest.raises(DtmfError, match=KEY) as caught:
            ACME.credentials(given)
        assert [found.code for found in caught.value.diagnostics] == ["no-credentials"]
        assert "break" not in str(caught.value).replace("a line break", "")
    assert ACME.credentials({KEY: "k", "OTHER": "x"}) == {KEY: "k"}
    assert "k3y" not in repr(Credentials({KEY: "k3y"})) + str(Credentials({KEY: "k3y"}))


def test_the_curl_of_a_request_is_that_request_with_the_shells_variables() -> None:
    """What the shell makes of it is what is sent, but for the credentials' names."""
    for carrier, variables in (
        (ACME, {KEY: "se cr'et"}),
        (BANDWIDTH_V1, dict.fromkeys(BANDWIDTH_V1.variables, "x")),
    ):
        command = carrier.curl("https://h.invalid/it's", Command(call_id="c 1", text="1p2"))
        assert all(f"${name}" in command for name in carrier.variables)
        script = f'curl() {{ printf "%s\\0" "$@"; }}; {command}'
        out = subprocess.run(["sh", "-c", script], env=variables, capture_output=True, check=True).stdout
        words = out.decode().split("\0")[:-1]
        assert words[:2] == [
            "-X",
            carrier.request("https://h.invalid", _some(carrier), Command(call_id="c", text="")).method,
        ]
        assert words[-1].startswith("https://h.invalid/it's/")
        assert "c%201" in words[-1]
        body = words[words.index("--data") + 1]
        assert body in ("tones=1p2", json.dumps({"dtmfOut": "1p2"}))
        assert f"Authorization: Bearer {variables.get(KEY)}" in words or "x:x" in words


def _some(carrier: Carrier) -> Credentials:
    return Credentials(dict.fromkeys(carrier.variables, "x"))


def test_each_carrier_stands_in_its_tables_by_its_name_and_has_a_stand_in_that_takes_what_it_asks() -> None:
    assert set(STAND_INS) == set(CARRIERS)
    for name, carrier in CARRIERS.items():
        assert get_carrier(name) is get_carrier(carrier) is carrier
        assert dtmfdsl.get_dialect(carrier.dialect)
        stand_in = STAND_INS[name]
        assert stand_in.carrier is carrier
        assert tuple(stand_in.account) == carrier.variables
        with TestLine(stand_in=stand_in) as line:
            to = {"base_url": line.base_url, "credentials": line.credentials, "carrier": name}
            to |= {"to": "+15550100", "replace": True}
            assert dtmfdsl.send("press 1", "c-1", **to).status is Status.COMPLETE
            assert line.keys("c-1") == "1"
    with pytest.raises(DtmfError, match="did you mean `bandwidth-v1`"):
        get_carrier("bandwith-v1")


def test_credentials_can_be_given_in_more_than_one_way() -> None:
    vonage = CARRIERS["vonage"]
    with pytest.raises(DtmfError, match=r"(?s)VONAGE_PRIVATE_KEY.* VONAGE_JWT would do too"):
        vonage.credentials({"VONAGE_APPLICATION_ID": "a"})
    with pytest.raises(
        DtmfError, match=r"(?s)not set: VONAGE_JWT.* VONAGE_APPLICATION_ID and VONAGE_PRIVATE_KEY would"
    ):
        vonage.credentials({"OTHER": "x"})
    bandwidth = CARRIERS["bandwidth"]
    both = {
        "BW_ACCOUNT_ID": "a",
        "BW_USERNAME": "u",
        "BW_PASSWORD": "p",
        "BW_CLIENT_ID": "i",
        "BW_CLIENT_SECRET": "s",
    }
    assert set(bandwidth.credentials(both)) == {"BW_ACCOUNT_ID", "BW_CLIENT_ID", "BW_CLIENT_SECRET"}
    assert set(bandwidth.credentials({**both, "BW_CLIENT_ID": ""})) == {
        "BW_ACCOUNT_ID",
        "BW_USERNAME",
        "BW_PASSWORD",
    }
