"""Asterisk: a string is played by a POST to a channel of its REST interface, ARI.

asterisk/asterisk, main/app.c, res/res_ari.c and res/ari/resource_channels.c (November 2026): all refusals
come before anything is queued. The keys go in a form, which ARI takes as it takes a query: so they are in no
log of addresses. A channel must be in a Stasis application.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.carriers.calling import Caller, NewCall, created, seen
from dtmfdsl.sending.carriers.carrier import (
    FORM,
    Command,
    Credentials,
    Request,
    basic,
    escaped,
    from_json,
    judged,
    under,
)
from dtmfdsl.sending.outcomes import CallState, Kind, Outcome, Seen

USER, PASSWORD, ADDRESS = "ASTERISK_ARI_USER", "ASTERISK_ARI_PASSWORD", "ASTERISK_ARI_URL"

_REFUSALS = {
    400: "the server does not take this value",
    401: "wrong credentials: check user and password",
    403: "this user may only read",
    404: "there is no such channel",
    409: "the channel is not in a Stasis application",
    412: "the channel is not answered",
}


@attrs.frozen(kw_only=True)
class _Asterisk(Caller):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{_channel(base_url, command.call_id)}/dtmf"
        return Request("POST", url, FORM, urlencode({"dtmf": command.text}).encode())

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[USER], credentials[PASSWORD])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)

    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        raise DtmfError.of("cannot-call", f"{self.name} places no calls here: {self.no_calls}", help=None)

    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return created(judged(status, _REFUSALS), None)

    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        return Request("GET", _channel(base_url, call_id), {}, b"", needs_body=True)

    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        if status == 404:
            return Seen(Kind.ACCEPTED, CallState.GONE, state=CallState.GONE)
        match from_json(body):
            case {"state": state}:
                return seen(judged(status, _REFUSALS), state, {"Up": CallState.ANSWERED})
        return seen(judged(status, _REFUSALS), None, {})

    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        return Request("DELETE", _channel(base_url, call_id), {}, b"")


def _channel(base_url: str, call_id: str) -> str:
    return f"{under(base_url, '/ari')}/channels/{escaped(call_id, 'channel id')}"


ASTERISK = _Asterisk(
    name="asterisk",
    dialect="asterisk",
    base_url=f"${ADDRESS}",
    address_variable=ADDRESS,
    interval_ms=0,
    variables=(USER, PASSWORD),
    curl_options=f'-u "${USER}:${PASSWORD}"',
    promises="the server queued the keys; those that still wait when the call ends are lost without a word",
    no_calls="a channel takes keys in a Stasis application alone, and such a one needs a WebSocket",
)
