"""The carriers' own Python clients ask for the same: each is run against a recorder on loopback.

Not a part of `make test`: `make test-clients` installs the clients and runs this file.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from email.utils import parsedate_to_datetime
from typing import Any
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
from expectations import EXPECTED, ID
from rawserver import RawServer, headers_of
from sending.test_carriers import answer_of, as_text, read_body

from dtmfdsl.sending import CARRIERS, Command, Credentials
from dtmfdsl.sending.carriers import Request

CALL = "6a1f0c52-1b7e-4d2f-9a53-0f8f1a3e7c11"


def twilio_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    client = twilio.rest.Client(account["TWILIO_ACCOUNT_SID"], account["TWILIO_AUTH_TOKEN"])
    client.api.base_url = url
    return client.calls(CALL).update(twiml=read_body(ours.body, dict(ours.headers))["Twiml"][0])


def telnyx_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    client = telnyx.Telnyx(api_key=account["TELNYX_API_KEY"], base_url=f"{url}/v2", max_retries=0)
    return client.calls.actions.send_dtmf(CALL, digits=TEXTS["telnyx"], command_id=ID)


def plivo_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    patch.setattr(plivo.rest.client, "API_VOICE_BASE_URI", f"{url}/v1/Account")
    client = plivo.RestClient(account["PLIVO_AUTH_ID"], account["PLIVO_AUTH_TOKEN"])
    return client.calls.send_digits(CALL, TEXTS["plivo"])


def vonage_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    auth = vonage_http_client.Auth(application_id="app-1", private_key=pem)
    options = vonage_http_client.HttpClientOptions(api_host=urlsplit(url).netloc)
    without_tls(patch)
    client = vonage_http_client.HttpClient(auth, options)
    return vonage_voice.Voice(client).play_dtmf_into_call(CALL, TEXTS["vonage"])


def without_tls(patch: pytest.MonkeyPatch) -> None:
    """For clients that know no other scheme than https."""
    send = requests.Session.request

    def plainly(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        return send(self, method, url.replace("https://127.0.0.1", "http://127.0.0.1"), **options)

    patch.setattr(requests.Session, "request", plainly)


def infobip_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    configuration = infobip_api_client.Configuration(host=url, api_key=account["INFOBIP_API_KEY"])
    with infobip_api_client.ApiClient(configuration) as client:
        body = infobip_api_client.models.CallsDtmfSendRequest(dtmf=TEXTS["infobip"])
        return infobip_api_client.api.calls_api.CallsApi(client).call_send_dtmf(CALL, body)


def bandwidth_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    configuration = bandwidth.Configuration(username=account["BW_USERNAME"], password=account["BW_PASSWORD"])
    client = bandwidth.ApiClient(configuration)
    serialize = client.param_serialize
    there = f"{url}/api/v2"
    patch.setattr(client, "param_serialize", lambda **rest: serialize(**{**rest, "_host": there}))
    return bandwidth.CallsApi(client).update_call_bxml(account["BW_ACCOUNT_ID"], CALL, ours.body.decode())


def azure_client(url: str, ours: Request, account: dict[str, str], patch: pytest.MonkeyPatch) -> object:
    key = account["COMMUNICATION_SERVICES_CONNECTION_STRING"].partition("accesskey=")[2]
    client = azure.CallAutomationClient.from_connection_string(f"endpoint={url};accesskey={key}")
    tones = json.loads(ours.body)["tones"]
    without_tls(patch)
    return client.get_call_connection(CALL).send_dtmf_tones(tones, azure.PhoneNumberIdentifier("+15550100"))


CLIENTS = {
    "twilio": twilio_client,
    "telnyx": telnyx_client,
    "plivo": plivo_client,
    "vonage": vonage_client,
    "infobip": infobip_client,
    "bandwidth": bandwidth_client,
    "azure": azure_client,
}
TEXTS = {name: EXPECTED[name].text for name in CLIENTS}


@pytest.mark.parametrize("name", CLIENTS)
def test_the_carriers_own_client_asks_for_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    carrier, expected = CARRIERS[name], EXPECTED[name]
    account = Credentials(
        {**{key: value.replace(" ", "") for key, value in expected.account.items()}, **OWN.get(name, {})}
    )
    command = Command(call_id=CALL, text=expected.text, id=ID, to="+15550100", stays_ms=9_000)
    answer = (*ANSWERS.get(name, expected.accepted[0]), "")[:2]
    whole = answer_of(answer).replace(b"\r\n\r\n", b"\r\nContent-Type: application/json\r\n\r\n", 1)
    with RawServer(whole) as server:
        ours = carrier.request(server.base_url, account, command)
        CLIENTS[name](server.base_url, ours, dict(account), monkeypatch)
    (theirs,) = server.requests
    head, _, body = theirs.partition(b"\r\n\r\n")
    method, target, _ = head.decode().split("\r\n")[0].split(" ")
    headers = headers_of(head)
    address = urlsplit(ours.url)
    assert (method, target) == (ours.method, address.path + (f"?{address.query}" if address.query else ""))
    kind = headers["content-type"].partition(";")[0]
    assert kind == ours.headers["Content-Type"]
    asked = read_body(body, {"Content-Type": kind})
    if name == "plivo":  # which repeats it there
        assert asked.pop("call_uuid") == CALL
    assert asked == read_body(ours.body, {"Content-Type": kind})
    check_authentication(name, carrier, attrs.evolve(ours, body=body), account, headers)


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
            for header in ("Repeatability-Request-ID", "Repeatability-First-Sent"):
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
