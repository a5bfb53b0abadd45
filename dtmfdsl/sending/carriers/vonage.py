"""Vonage: a string is played by a PUT of `digits` to a call.

Nexmo/api-specification, definitions/voice.yml;
developer.vonage.com/en/getting-started/concepts/authentication; and the PyPI packages vonage-voice 1.5.1 and
vonage-http-client, which sends a PUT again by itself after a lost connection. Read in November 2026.
"""

from __future__ import annotations

import json
import math
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, not_placed, seen
from dtmfdsl.sending.carriers.carrier import (
    JSON,
    Command,
    Credentials,
    Request,
    bearer,
    escaped,
    from_json,
    in_json,
    judged,
)
from dtmfdsl.sending.outcomes import CallState, Outcome

try:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
except ModuleNotFoundError:
    INSTALLED = False
else:
    INSTALLED = True

JWT = "VONAGE_JWT"
APPLICATION, KEY = "VONAGE_APPLICATION_ID", "VONAGE_PRIVATE_KEY"

LONGEST_WAIT_S = 7200
LONGEST_RINGING_S = 120

TOKEN_SECONDS = 60
"""How long a token of ours is good: for one request. The carrier allows much more."""

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check the token, or the application id and its key",
    403: "not allowed for this application",
    404: "there is no such call, or it is not active",
    415: "the carrier does not take this kind of request",
}


@attrs.frozen(kw_only=True)
class _Vonage(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{base_url.rstrip('/')}/v1/calls/{escaped(command.call_id, 'call id')}/dtmf"
        return Request("PUT", url, JSON, in_json({"digits": command.text}))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        given = credentials.get(JWT)
        return bearer(given or signed(credentials[APPLICATION], credentials[KEY], wall_ms))

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        to = {"type": "phone", "number": call.to} | ({"dtmfAnswer": call.text} if call.text else {})
        waits_s = math.ceil((call.plays_ms + call.stays_ms) / 1000)
        waits = [min(waits_s - at, LONGEST_WAIT_S) for at in range(0, waits_s, LONGEST_WAIT_S)]
        body = {
            "to": [to],
            "from": {"type": "phone", "number": call.caller},
            "ncco": [{"action": "wait", "timeout": wait} for wait in waits],
            "ringing_timer": min(call.rings_s, LONGEST_RINGING_S),
        } | ({"machine_detection": "continue"} if call.detect else {})
        return Request("POST", f"{base_url.rstrip('/')}/v1/calls", JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"uuid": id}:
                return created(judged(status, not_placed(_REFUSALS)), id)
        return created(judged(status, not_placed(_REFUSALS)), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = f"{base_url.rstrip('/')}/v1/calls/{escaped(call_id, 'call id')}"
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"status": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        url = f"{base_url.rstrip('/')}/v1/calls/{escaped(call_id, 'call id')}"
        return Request("PUT", url, JSON, in_json({"action": "hangup"}))

    def credentials(self, variables: Mapping[str, str]) -> Credentials:
        """As for every carrier. A key is read here, if its path is given; `\\n` in it ends a line."""
        found = super().credentials(variables)
        if KEY not in found:
            return found
        key = found[KEY]
        if not key.lstrip().startswith("-----BEGIN"):
            try:
                key = Path(key).read_text(encoding="ascii")
            except (OSError, ValueError):
                message = f"{KEY} is neither a key in PEM nor the path of one that can be read"
                raise DtmfError.of("no-credentials", message, help="check the path") from None
        return Credentials({**found, KEY: key.replace("\\n", "\n")})

    def check_credential(self, name: str, value: str) -> None:
        if name != KEY:
            super().check_credential(name, value)


# That a person answered is reported to a web address alone.
_STATES = {
    "started": CallState.RINGING,
    "ringing": CallState.RINGING,
    "answered": CallState.DETECTING,
    "machine": CallState.MACHINE,
    "completed": CallState.ENDED,
    "busy": CallState.BUSY,
    "cancelled": CallState.NO_ANSWER,
    "unanswered": CallState.NO_ANSWER,
    "timeout": CallState.NO_ANSWER,
    "rejected": CallState.REJECTED,
    "failed": CallState.FAILED,
}


def signed(application: str, key: str, wall_ms: float) -> str:
    """A token for one request: a JWT signed by RS256 (RFC 7519). `key` is in PEM.

    Raises DtmfError for a key that cannot sign, and without the package that signs. It shows no key.
    """
    if not INSTALLED:
        message = "signing for vonage needs a package that is not installed"
        raise DtmfError.of("no-credentials", message, help="pip install 'dtmfdsl[vonage]', or set VONAGE_JWT")
    try:
        private = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, RSAPrivateKey):
        message = f"{KEY} is not an RSA key in PEM without a password"
        raise DtmfError.of("no-credentials", message, help="take the file that the dashboard gives")
    now = int(wall_ms / 1000)
    claims = {"application_id": application, "iat": now, "exp": now + TOKEN_SECONDS, "jti": str(uuid4())}
    unsigned = b".".join(
        _part(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims)
    )
    return (unsigned + b"." + _part(private.sign(unsigned, PKCS1v15(), SHA256()))).decode()


def _part(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


VONAGE = _Vonage(
    name="vonage",
    dialect="vonage",
    base_url="https://api.nexmo.com",
    interval_ms=0,
    variables=(JWT,),
    alternatives=((APPLICATION, KEY),),
    curl_options=f'-H "Authorization: Bearer ${JWT}"',
    promises="the carrier sent the keys into the call (“DTMF sent”); nothing reports that they were heard",
    spacing_ms=1000 / 15,  # 15 requests a second, of the whole account
    plus="left out",
    takes_script=True,
    detects=True,
    creating_ms=1000 / 3,
)
