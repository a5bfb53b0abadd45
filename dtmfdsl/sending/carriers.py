"""How to ask a carrier to play a string, and how to read its answer. Another carrier is another row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError, closest
from dtmfdsl.sending.outcomes import Kind, Outcome

LONGEST_RETRY_MS = 120_000
_EPOCH_MS_DIGITS = 12


@attrs.frozen
class Credentials:
    """Who asks. Neither token nor secret is ever shown."""

    user_id: str
    token: str = attrs.field(repr=False)
    secret: str = attrs.field(repr=False)


@attrs.frozen
class Request:
    """A request as it will be made. Its body holds keys, and is not shown."""

    method: str
    url: str
    body: bytes = attrs.field(repr=False)
    content_type: str = "application/json"


@attrs.frozen
class Carrier:
    """A carrier's way to be asked, for a dialect.

    `ask` makes the request of a string, for a base URL, a user id and a call id that are already escaped;
    `read` turns a status and an error code into an outcome. No two requests of a call are made within
    `interval_ms`. `environment` names the variables that hold the user id, token and secret.
    """

    name: str
    dialect: str
    base_url: str
    interval_ms: int
    environment: tuple[str, str, str]
    ask: Callable[[str, str, str, str], Request]
    read: Callable[[int, str], Outcome]

    def request(self, base_url: str, user_id: str, call_id: str, text: str) -> Request:
        """The request that plays a string. Raises DtmfError for an id that could reach another endpoint."""
        return self.ask(base_url.rstrip("/"), escaped(user_id, "user id"), escaped(call_id, "call id"), text)

    def outcome(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What an answer means. `wall_ms` is the wall clock's milliseconds since the epoch."""
        outcome = self.read(status, _code(body))
        if outcome.kind is Kind.NOT_EXECUTED:
            return attrs.evolve(outcome, retry_after_ms=_retry_after(headers, wall_ms))
        return outcome


def is_address(url: str) -> bool:
    """Whether a base URL is one to which a path can be added, and has no password that could be shown."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return usable and url.isprintable() and not any(mark in url for mark in "@?#\\ ")


def escaped(value: str, what: str) -> str:
    """An id as one segment of a path. Raises DtmfError if it cannot be one."""
    if (
        not value
        or value in (".", "..")
        or any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value)
    ):
        raise DtmfError(
            Diagnostic("bad-id", f"this {what} cannot be part of an address", help=f"check the {what}")
        )
    return quote(value, safe="")


def _code(body: bytes) -> str:
    """The code in a body of the documented shape, or nothing. The message may echo keys: it is not read."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return code if isinstance(code, str) else ""


def _retry_after(headers: Mapping[str, str], wall_ms: float) -> int | None:
    """How long until the reset that the server names, by an epoch in seconds or in milliseconds."""
    written = headers.get("X-RateLimit-Reset", "")
    if not re.fullmatch("[0-9]{1,16}", written):
        return None
    reset = int(written) * (1 if len(written) >= _EPOCH_MS_DIGITS else 1000)
    # The two clocks may differ: what is past is now, and nobody waits for hours.
    return int(min(max(reset - wall_ms, 0), LONGEST_RETRY_MS))


# Bandwidth v1. The resource and its errors: Bandwidth's ap-docs, methods/calls/postCallsCallIdDTMF.md,
# errors.md and rateLimits/resourceRateLimits.md (March 2020). Every 2xx is taken as accepted: the page names
# no status, and the official clients were tested with 200, 201 and 202.

_REFUSALS = {
    400: "the carrier does not take this value",
    401: "wrong credentials: check user id, token and secret",
    403: "not allowed: the call is not active, or not this user's",
    404: "there is no such call, or no such user",
    409: "another request is changing this call",
    415: "the carrier does not take this kind of request",
}
_REFUSAL_CODES = {
    "call-invalid-state": "the call is not active",
    "call-id-not-found": "there is no such call for this user",
    "call-not-found": "there is no such call",
    "user-not-found": "there is no such user",
    "call-unavailable": "the call is still being set up: try again in a moment",
}


def _ask_bandwidth(base_url: str, user_id: str, call_id: str, text: str) -> Request:
    url = f"{base_url}/v1/users/{user_id}/calls/{call_id}/dtmf"
    return Request("POST", url, json.dumps({"dtmfOut": text}, ensure_ascii=False).encode())


def _read_bandwidth(status: int, code: str) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Kind.ACCEPTED, "accepted")
    if status == 429:
        return Outcome(Kind.NOT_EXECUTED, "too many requests", too_many=True)
    if code in _REFUSAL_CODES and status in (403, 404, 503):
        return Outcome(Kind.REFUSED, _REFUSAL_CODES[code])
    if status in (307, 308):  # "ask there instead"; 303 would mean that it was done
        return Outcome(Kind.REFUSED, "the address has moved, and credentials are not sent after it")
    if 400 <= status < 500 and status != 408:
        return Outcome(Kind.REFUSED, _REFUSALS.get(status, f"the carrier refuses (status {status})"))
    return Outcome(
        Kind.UNKNOWN, f"the carrier failed (status {status}) and does not say whether the keys were played"
    )


BANDWIDTH_V1 = Carrier(
    name="bandwidth-v1",
    dialect="bandwidth-v1",
    base_url="https://api.catapult.inetwork.com",
    interval_ms=1000,
    environment=("BANDWIDTH_USER_ID", "BANDWIDTH_API_TOKEN", "BANDWIDTH_API_SECRET"),
    ask=_ask_bandwidth,
    read=_read_bandwidth,
)

CARRIERS = {carrier.name: carrier for carrier in (BANDWIDTH_V1,)}


def get_carrier(name: str) -> Carrier:
    """The carrier of that name. Raises DtmfError if there is none."""
    if name in CARRIERS:
        return CARRIERS[name]
    meant = closest(name, CARRIERS)
    help = f"did you mean `{meant}`?" if meant else f"there are {', '.join(CARRIERS)}"
    raise DtmfError(Diagnostic("unknown-carrier", f"there is no way yet to send by `{name}`", help=help))
