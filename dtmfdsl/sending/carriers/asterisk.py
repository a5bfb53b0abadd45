"""Asterisk: a string is played by a POST to a channel of its REST interface, ARI.

asterisk/asterisk, main/app.c, res/res_ari.c and res/ari/resource_channels.c (November 2026): all refusals
come before anything is queued. The keys go in a form, which ARI takes as it takes a query: so they are in no
log of addresses. A channel must be in a Stasis application.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from dtmfdsl.sending.carriers.carrier import (
    FORM,
    Carrier,
    Command,
    Credentials,
    Request,
    basic,
    escaped,
    judged,
    under,
)
from dtmfdsl.sending.outcomes import Outcome

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
class _Asterisk(Carrier):
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        url = f"{under(base_url, '/ari')}/channels/{escaped(command.call_id, 'channel id')}/dtmf"
        return Request("POST", url, FORM, urlencode({"dtmf": command.text}).encode())

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return basic(credentials[USER], credentials[PASSWORD])

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return judged(status, _REFUSALS)


ASTERISK = _Asterisk(
    name="asterisk",
    dialect="asterisk",
    base_url=f"${ADDRESS}",
    address_variable=ADDRESS,
    interval_ms=0,
    variables=(USER, PASSWORD),
    curl_options=f'-u "${USER}:${PASSWORD}"',
    promises="the server queued the keys; those that still wait when the call ends are lost without a word",
)
