"""The carriers' own Python clients ask for the same: each is run against a recorder on loopback.

Not a part of `make test`: `make test-clients` installs the clients and runs this file.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import attrs
import azure.communication.callautomation as azure
import bandwidth
import infobip_api_client
import plivo
import plivo.rest.client
import pytest
import requests
import telnyx
import twilio.rest
import vonage_http_client
import vonage_voice
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from expectations import EXPECTED, EXPECTED_CALLS, ID
from rawserver import RawServer, headers_of
from sending.test_calling import CALLERS, numbered
from sending.test_carriers import answer_of, as_text, read_body

from dtmfdsl.sending import CARRIERS, Command, Credentials
from dtmfdsl.sending.carriers import Request

Account: TypeAlias = dict[str, str]
CALL = "6a1f0c52-1b7e-4d2f-9a53-0f8f1a3e7c11"


def twilio_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    client = twilio.rest.Client(account["TWILIO_ACCOUNT_SID"], account["TWILIO_AUTH_TOKEN"])
    client.api.base_url = url
    return client.calls


def telnyx_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    return telnyx.Telnyx(api_key=account["TELNYX_API_KEY"], base_url=f"{url}/v2", max_retries=0)


def plivo_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    patch.setattr(plivo.rest.client, "API_VOICE_BASE_URI", f"{url}/v1/Account")
    return plivo.RestClient(account["PLIVO_AUTH_ID"], account["PLIVO_AUTH_TOKEN"])


def vonage_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    auth = vonage_http_client.Auth(application_id="app-1", private_key=pem)
    options = vonage_http_client.HttpClientOptions(api_host=urlsplit(url).netloc)
    without_tls(patch)
    return vonage_voice.Voice(vonage_http_client.HttpClient(auth, options))


def without_tls(patch: pytest.MonkeyPatch) -> None:
    """For clients that know no other scheme than https."""
    send = requests.Session.request

    def plainly(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        return send(self, method, url.replace("https://127.0.0.1", "http://127.0.0.1"), **options)

    patch.setattr(requests.Session, "request", plainly)


def infobip_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    configuration = infobip_api_client.Configuration(host=url, api_key=account["INFOBIP_API_KEY"])
    return infobip_api_client.api.calls_api.CallsApi(infobip_api_client.ApiClient(configuration))


def bandwidth_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    configuration = bandwidth.Configuration(username=account["BW_USERNAME"], password=account["BW_PASSWORD"])
    client = bandwidth.ApiClient(configuration)
    serialize = client.param_serialize
    there = f"{url}/api/v2"
    patch.setattr(client, "param_serialize", lambda **rest: serialize(**{**rest, "_host": there}))
    return bandwidth.CallsApi(client)


def azure_client(url: str, account: Account, patch: pytest.MonkeyPatch) -> Any:
    key = account["COMMUNICATION_SERVICES_CONNECTION_STRING"].partition("accesskey=")[2]
    without_tls(patch)
    return azure.CallAutomationClient.from_connection_string(f"endpoint={url};accesskey={key}")


@attrs.frozen
class Client:
    """A carrier's own client, and how it is asked for the same. Each gets the client, and the body that we send."""

    of: Callable[[str, Account, pytest.MonkeyPatch], Any]
    keys: Callable[[Any, Any], object]
    create: Callable[[Any, Any], object]
    look: Callable[[Any, Any], object]
    hang_up: Callable[[Any, Any], object]


def number(digits: str) -> azure.PhoneNumberIdentifier:
    return azure.PhoneNumberIdentifier(digits)


def vonage_order(body: Any) -> vonage_voice.CreateCallRequest:
    (to,) = body["to"]
    given = {"number": to["number"], "dtmf_answer": to["dtmfAnswer"]}
    order = vonage_voice.CreateCallRequest(
        ncco=[{"action": "wait"}], to=[given], from_=body["from"], ringing_timer=body["ringing_timer"]
    )
    # Its list of actions lacks the wait that it has a class for.
    (wait,) = body["ncco"]
    return order.model_copy(update={"ncco": [vonage_voice.models.Wait(timeout=wait["timeout"])]})


infobip_models, bandwidth_models = infobip_api_client.models, bandwidth.models
CLIENTS = {
    "twilio": Client(
        twilio_client,
        lambda calls, body: calls(CALL).update(twiml=body["Twiml"][0]),
        lambda calls, body: calls.create("+15550100", "+15550199", twiml=body["Twiml"][0], timeout=45),
        lambda calls, body: calls(CALL).fetch(),
        lambda calls, body: calls(CALL).update(status="completed"),
    ),
    "telnyx": Client(
        telnyx_client,
        lambda client, body: client.calls.actions.send_dtmf(CALL, digits=body["digits"], command_id=ID),
        lambda client, body: client.texml.calls.create(
            "c1", from_=body["From"], to=body["To"], texml=body["Texml"]
        ),
        lambda client, body: client.texml.accounts.calls.retrieve(CALL, account_sid="o1"),
        lambda client, body: client.calls.actions.hangup(CALL),
    ),
    "plivo": Client(
        plivo_client,
        lambda client, body: client.calls.send_digits(CALL, body["digits"]),
        lambda client, body: client.calls.create(
            from_=body["from"], to_=body["to"], answer_url=body["answer_url"], ring_timeout=45
        ),
        lambda client, body: client.live_calls.get(CALL),
        lambda client, body: client.calls.hangup(CALL),
    ),
    "vonage": Client(
        vonage_client,
        lambda voice, body: voice.play_dtmf_into_call(CALL, body["digits"]),
        lambda voice, body: voice.create_call(vonage_order(body)),
        lambda voice, body: voice.get_call(CALL),
        lambda voice, body: voice.hangup(CALL),
    ),
    "infobip": Client(
        infobip_client,
        lambda calls, body: calls.call_send_dtmf(CALL, infobip_models.CallsDtmfSendRequest(**body)),
        lambda calls, body: calls.create_call(infobip_models.CallRequest.from_dict(body)),
        lambda calls, body: calls.get_call(CALL),
        lambda calls, body: calls.hangup_call(CALL, infobip_models.CallsHangupRequest()),
    ),
    "bandwidth": Client(
        bandwidth_client,
        lambda calls, body: calls.update_call_bxml("a1", CALL, body),
        lambda calls, body: calls.create_call("a1", bandwidth_models.CreateCall.from_dict(body)),
        lambda calls, body: calls.get_call_state("a1", CALL),
        lambda calls, body: calls.update_call("a1", CALL, bandwidth_models.UpdateCall(**body)),
    ),
    "azure": Client(
        azure_client,
        lambda client, body: client.get_call_connection(CALL).send_dtmf_tones(
            body["tones"], number("+15550100")
        ),
        lambda client, body: client.create_call(
            number("+15550100"), body["callbackUri"], source_caller_id_number=number("+15550199")
        ),
        lambda client, body: client.get_call_connection(CALL).get_call_properties(),
        lambda client, body: client.get_call_connection(CALL).hang_up(is_for_everyone=True),
    ),
}


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # of the wait: see `vonage_order`
@pytest.mark.parametrize("what", ["keys", "create", "look", "hang_up"])
@pytest.mark.parametrize("name", CLIENTS)
def test_the_carriers_own_client_asks_for_the_same(
    name: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    carrier, expected, client = CALLERS[name], EXPECTED[name], CLIENTS[name]
    variables = {**expected.account, **EXPECTED_CALLS[name].account, **OWN.get(name, {})}
    account = Credentials({key: value.replace(" ", "") for key, value in variables.items()})
    answer = (*ANSWERS.get(name, expected.accepted[0]), "")[:2]
    whole = answer_of(answer).replace(b"\r\n\r\n", b"\r\nContent-Type: application/json\r\n\r\n", 1)
    with RawServer(whole) as server:
        match what:
            case "keys":
                command = Command(call_id=CALL, text=expected.text, id=ID, to="+15550100", stays_ms=9_000)
                ours = carrier.request(server.base_url, account, command)
            case "create":
                ours = carrier.create(server.base_url, account, numbered(carrier))
            case "look":
                ours = carrier.look(server.base_url, account, CALL)
            case _:
                ours = carrier.hang_up(server.base_url, account, CALL, True)
        body = read_body(ours.body, {**ours.headers}) if ours.body else None
        # The answer is that to keys: of another one, a client may want more than we do.
        with suppress(*[Exception] * (what != "keys")):
            getattr(client, what)(client.of(server.base_url, dict(account), monkeypatch), body)
    (theirs,) = server.requests
    head, _, sent = theirs.partition(b"\r\n\r\n")
    method, target, _ = head.decode().split("\r\n")[0].split(" ")
    headers = headers_of(head)
    address = urlsplit(ours.url)
    assert (method, target) == (ours.method, address.path + (f"?{address.query}" if address.query else ""))
    if body is not None:
        kind = headers["content-type"].partition(";")[0]
        assert kind == ours.headers["Content-Type"]
        asked = read_body(sent, {"Content-Type": kind})
        if what == "keys":
            if name == "plivo":  # which repeats it there
                assert asked.pop("call_uuid") == CALL
            assert asked == body
        else:  # some have defaults of their own
            assert asked == asked | body
    check_authentication(name, carrier, attrs.evolve(ours, body=sent), account, headers)


OWN = {"plivo": {"PLIVO_AUTH_ID": "MA" + 18 * "X"}}

ANSWERS: dict[str, Any] = {"vonage": (200, '{"message": "DTMF sent", "uuid": "u"}'), "azure": (202, "{}")}


def check_authentication(
    name: str, carrier: Any, request: Request, account: Credentials, theirs: dict[str, str]
) -> None:
    """Their authentication of this request is ours, at the time when they made it."""
    match name:
        case "azure":
            wall_ms = parsedate_to_datetime(theirs["x-ms-date"]).timestamp() * 1000
            for header, value in carrier.authentication(request, account, wall_ms).items():
                assert theirs[header.lower()] == as_text(value)
            for header in {"Repeatability-Request-ID", "Repeatability-First-Sent"} & request.headers.keys():
                assert len(theirs[header.lower()]) == len(request.headers[header])
        case "vonage":
            head, claims, _ = theirs["authorization"].removeprefix("Bearer ").split(".")
            assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
            assert {"application_id", "iat", "exp", "jti"} == set(json.loads(decoded(claims)))
        case _:
            ours = {key: as_text(value) for key, value in carrier.authentication(request, account, 0).items()}
            assert theirs["authorization"] == ours["Authorization"]


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_token_of_bandwidths_own_client_is_asked_for_in_the_same_way() -> None:
    account = Credentials({"BW_ACCOUNT_ID": "a", "BW_CLIENT_ID": "i", "BW_CLIENT_SECRET": "s"})
    carrier = CARRIERS["bandwidth"]
    grant = carrier.grant(account)
    assert grant
    with RawServer(answer_of((200, '{"access_token": "t", "expires_in": 3600}'))) as server:
        ours = grant.request(server.base_url)
        configuration = bandwidth.Configuration(client_id="i", client_secret="s", access_token_url=ours.url)
        assert configuration.get_access_token() == "t"
    (theirs,) = server.requests
    head, _, body = theirs.partition(b"\r\n\r\n")
    assert head.decode().split("\r\n")[0] == f"{ours.method} {urlsplit(ours.url).path} HTTP/1.1"
    assert body == ours.body
    headers = headers_of(head)
    assert headers["content-type"] == ours.headers["Content-Type"]
    assert headers["authorization"] == as_text(grant.authentication(ours, account, 0)["Authorization"])
