"""Azure Communication Services: a string is played by `sendDtmfTones`, to a participant of the call.

The PyPI package azure-communication-callautomation 1.6.0, and learn.microsoft.com: rest/api/communication/
authentication and /repeatable-requests. Read in November 2026. The last of these describes how repeats are
known for email and rooms; the package sends the same headers for calls. A new call needs a callbackUri;
whether that must answer is not known. A call that is over has no reason.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from email.utils import formatdate
from hashlib import sha256
from urllib.parse import urlsplit

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, not_placed, seen
from dtmfdsl.sending.carriers.carrier import (
    JSON,
    Command,
    Credentials,
    Request,
    escaped,
    from_json,
    in_json,
    judged,
    seconds_left,
)
from dtmfdsl.sending.carriers.ids import made_ms
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome, Seen

CONNECTION = "COMMUNICATION_SERVICES_CONNECTION_STRING"
VERSION = "2026-03-12"

WORDS = {
    **dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True)),
    **{key: key.lower() for key in "ABCD"},
    "*": "asterisk",
    "#": "pound",
}

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check the connection string",
    403: "not allowed for this resource",
    404: "there is no such call",
    412: "the carrier no longer knows whether this is a repeat",
}


@attrs.frozen(kw_only=True)
class _Azure(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        call, number = escaped(command.call_id, "call id"), command.to or ""
        if not re.fullmatch(r"\+[1-9][0-9]{1,14}", number):
            message = f"{self.name} has to know who hears the keys, by a number such as +15550100"
            raise DtmfError.of("no-participant", message, help="give it with --to; from Python, by `to`")
        url = _url(base_url, f"/{call}:sendDtmfTones")
        body = {
            "tones": [WORDS.get(key, key) for key in command.text],
            "targetParticipant": {"rawId": f"4:{number}", "phoneNumber": {"value": number}},
        }
        headers = {
            "Repeatability-Request-ID": command.id,
            "Repeatability-First-Sent": formatdate(made_ms(command.id) // 1000, usegmt=True),
        }
        return Request("POST", url, {**JSON, **headers}, in_json(body))

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        """HMAC-SHA256 over the method, the path, the date, the host and a hash of the body."""
        address, date = urlsplit(request.url), formatdate(wall_ms / 1000, usegmt=True)
        content = b64encode(sha256(request.body).digest()).decode()
        signed = f"{request.method}\n{address.path}?{address.query}\n{date};{address.netloc};{content}"
        digest = hmac.digest(b64decode(_parsed(credentials[CONNECTION])[1]), signed.encode(), "sha256")
        return {
            "x-ms-date": date,
            "x-ms-content-sha256": content,
            "Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
            + b64encode(digest).decode(),
        }

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        outcome = judged(status, _REFUSALS, seconds_left(headers.get("Retry-After", "")))
        # By the page, a repeat of what ended with a 5xx is executed again.
        again = outcome.kind is Kind.UNKNOWN and status >= 500
        return attrs.evolve(outcome, final=again)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        target = {"rawId": f"4:{call.to}", "phoneNumber": {"value": call.to}}
        body = {
            "targets": [target],
            "sourceCallerIdNumber": {"value": call.caller},
            "callbackUri": call.answer_url,
        }
        return Request("POST", _url(base_url), JSON, in_json(body), needs_body=True)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        match from_json(body):
            case {"callConnectionId": id}:
                return created(judged(status, not_placed(_REFUSALS)), id)
        return created(judged(status, not_placed(_REFUSALS)), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        url = _url(base_url, f"/{escaped(call_id, 'call id')}")
        return Request("GET", url, {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        if status == 404:
            return Seen(Kind.ACCEPTED, CallState.GONE, state=CallState.GONE)
        match from_json(body):
            case {"callConnectionState": state}:
                return seen(judged(status, _REFUSALS), state, _STATES)
        return seen(judged(status, _REFUSALS), None, _STATES)

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        return Request("POST", _url(base_url, f"/{escaped(call_id, 'call id')}:terminate"), JSON, b"")

    def address(self, variables: Mapping[str, str]) -> str:
        return super().address({CONNECTION: _parsed(variables.get(CONNECTION, ""))[0]})

    def check_credential(self, name: str, value: str) -> None:
        super().check_credential(name, value)
        _parsed(value)


_STATES = {
    "connecting": CallState.RINGING,
    "connected": CallState.ANSWERED,
    "disconnecting": CallState.GONE,
    "disconnected": CallState.GONE,
}


def _url(base_url: str, path: str = "") -> str:
    return f"{base_url.rstrip('/')}/calling/callConnections{path}?api-version={VERSION}"


def _parsed(connection: str) -> tuple[str, str]:
    """The address and the key of a connection string. Raises DtmfError, without showing it, if it is none."""
    found = {}
    for part in connection.split(";"):
        name, _, value = part.partition("=")
        found[name.strip().lower()] = value.strip()
    address, key = found.get("endpoint", ""), found.get("accesskey", "")
    try:
        if address and key and b64decode(key, validate=True):
            return address, key
    except ValueError:
        pass
    message = f"{CONNECTION} is not of the form endpoint=https://…;accesskey=…"
    raise DtmfError.of("no-credentials", message, help="copy it from the portal, under Keys")


AZURE = _Azure(
    name="azure",
    dialect="azure",
    base_url="$ENDPOINT",
    address_variable=CONNECTION,
    interval_ms=0,
    variables=(CONNECTION,),
    curl_options='-H "Authorization: HMAC-SHA256 $SIGNATURE"',
    promises="the carrier took the string; an event to the call's callback reports later if it was played",
    # A repeat is known for five minutes.
    repeat_ms=60_000,
    participant=True,
    answer_url=True,
)
