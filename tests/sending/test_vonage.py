"""Vonage's tokens: made anew for each request, and good for that alone."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lines import FakeClock
from rawserver import RawServer, headers_of

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import CARRIERS, Status, plan_call
from dtmfdsl.sending.carriers import Command, vonage

VONAGE = CARRIERS["vonage"]
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any, password: bytes | None = None) -> str:
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, hidden).decode()


def account(key: str) -> dict[str, str]:
    return {"VONAGE_APPLICATION_ID": "app-1", "VONAGE_PRIVATE_KEY": key}


def read_token(token: str) -> dict[str, Any]:
    """The claims of a token. Raises InvalidSignature if another key has signed it."""
    unsigned, _, signature = token.rpartition(".")
    KEY.public_key().verify(decoded(signature), unsigned.encode(), PKCS1v15(), SHA256())
    head, claims = (json.loads(decoded(part)) for part in unsigned.split("."))
    assert head == {"alg": "RS256", "typ": "JWT"}
    return claims


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.parametrize("given", ["pem", "path", "one line"])
def test_each_request_has_a_token_of_its_own(given: str, clock: FakeClock, tmp_path: Path) -> None:
    key = pem(KEY)
    if given == "path":
        (tmp_path / "private.key").write_text(key)
        key = str(tmp_path / "private.key")
    elif given == "one line":
        key = key.replace("\n", "\\n")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with RawServer(answer) as server:
        plan = plan_call('press 1; wait up to 30m for "x"; press 2', carrier="vonage", attended=True)
        to = {"credentials": account(key), "base_url": server.base_url, "clock": clock}
        report = dtmfdsl.send(plan, "c-1", carrier="vonage", **to)
        assert report.status is Status.COMPLETE
    assert len(server.requests) == report.strings > 1
    heads = [headers_of(request.partition(b"\r\n\r\n")[0]) for request in server.requests]
    tokens = [read_token(head["authorization"].removeprefix("Bearer ")) for head in heads]
    assert {token["application_id"] for token in tokens} == {"app-1"}
    assert len({token["jti"] for token in tokens}) == len(tokens)
    for token in tokens:
        assert token["exp"] - token["iat"] == 60
    assert tokens[-1]["iat"] - tokens[0]["iat"] >= 1800  # one fixed token would have ended by then
    assert tokens[0]["iat"] == 1_700_000_001


def test_a_token_that_is_given_is_used_as_it_is() -> None:
    found = VONAGE.credentials({"VONAGE_JWT": "a.b.c", **account("/nowhere")})
    assert found == {"VONAGE_JWT": "a.b.c"}
    request = VONAGE.request("https://h.invalid", found, Command(call_id="c", text="1"))
    assert VONAGE.authentication(request, found, 0) == {"Authorization": "Bearer a.b.c"}


def test_a_key_that_cannot_sign_is_an_error_that_does_not_show_it(tmp_path: Path) -> None:
    wrong = ["/no/such/path", str(tmp_path), "secret", pem(KEY)[:300], "-----BEGIN secret-----"]
    wrong += [pem(KEY, b"password"), pem(ec.generate_private_key(ec.SECP256R1()))]
    for key in wrong:
        with pytest.raises(DtmfError, match="VONAGE_PRIVATE_KEY is") as caught:
            dtmfdsl.send("press 1", "c-1", carrier="vonage", credentials=account(key))
        assert [found.code for found in caught.value.diagnostics] == ["no-credentials"]
        assert key[30:60] not in str(caught.value) or len(key) < 40
        assert "secret" not in str(caught.value)


def test_without_the_package_that_signs_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vonage, "INSTALLED", False)
    with pytest.raises(DtmfError, match=r"dtmfdsl\[vonage\]"):
        dtmfdsl.send("press 1", "c-1", carrier="vonage", credentials=account(pem(KEY)))
    assert VONAGE.credentials({"VONAGE_JWT": "a.b.c"})


def test_the_tests_would_notice_another_key() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(InvalidSignature):
        read_token(vonage.signed("app-1", pem(other), 0))
