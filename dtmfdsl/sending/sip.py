"""Calls by SIP: an account, an address to call, and what a phone must do. No I/O.

The one phone that is here is `dtmfdsl/sending/baresip.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_address
from typing import Protocol

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import SecretText
from dtmfdsl.sending.outcomes import CallState

URI, PASSWORD, USER = "SIP_URI", "SIP_PASSWORD", "SIP_AUTH_USER"
PROXY, REGISTER = "SIP_PROXY", "SIP_REGISTER"
_ADDRESS = re.compile(
    r"(?P<scheme>sips?):[^\s<>\"@;:?]+@(?P<host>[^\s<>\"@;?]+)(?P<transport>;transport=(?:udp|tcp|tls))?"
)
_SERVER = re.compile(r"sips?:[^\s<>\"@;?]{1,200}(?:;transport=(?:udp|tcp|tls))?")
LONGEST_ADDRESS = 200


class Phone(Protocol):
    """What places one call and presses keys on it: an engine.

    A key sounds for `tone_ms` milliseconds, and the next is due `gap_ms` after that. A key in the first
    `settle_ms` after the answer may be lost.
    """

    tone_ms: int
    gap_ms: int
    settle_ms: int

    state: CallState | None
    """How the call stands; None if nothing is known of it yet."""

    why: str
    """Why the call is over, in plain words of ours."""

    def running(
        self, account: Account, address: str, longest_ms: float
    ) -> AbstractAsyncContextManager[object]:
        """The phone is ready to dial the address, for a call of at most `longest_ms` milliseconds.

        Afterwards its call is over, and nothing of it is left. Raises DtmfError if it cannot be had.
        """

    def dial(self, address: str) -> None:
        """Begins to call a SIP address."""

    async def press(self, key: str) -> None:
        """Presses a key, and returns when it is on its way. Raises NotPressed if it certainly is not."""

    async def hang_up(self) -> None:
        """Ends the call when its last key has sounded."""

    async def over(self) -> None:
        """Returns when the call is over, or the phone itself has ended."""


@attrs.frozen
class Account:
    """A SIP account: its address, such as `sip:alice@example.org`, and its password, which is never shown.

    `user` is the name that goes with the password, if it is not that of the address. All goes to the `proxy`
    first, if there is one, such as `sip:proxy.example.org`. `registers`: the server takes calls only from
    phones that are registered with it.
    """

    uri: str
    password: str = attrs.field(default="", converter=SecretText, repr=False)
    user: str = ""
    proxy: str = ""
    registers: bool = False

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Account:
        """The account of SIP_URI and of what stands beside it. Raises DtmfError for what cannot be right."""
        uri, password, user, proxy, register = [
            variables.get(name, "") for name in (URI, PASSWORD, USER, PROXY, REGISTER)
        ]
        help = f"set {URI} to such as sip:alice@example.org;transport=tls, and {PASSWORD} beside it"
        if not uri:
            raise DtmfError.of("no-credentials", f"sip needs an account, and {URI} is not set", help=help)
        if not _fits(uri):
            raise DtmfError.of("no-credentials", f"{URI} is not the address of an account", help=help)
        if '"' in password or not password.isprintable():
            message = f'{PASSWORD} holds `"` or a control character, which the phone cannot read'
            raise DtmfError.of("no-credentials", message, help="choose another password")
        for name, right, help in (
            (USER, re.fullmatch(r'[^\s<>";]{0,100}', user), "it is such as alice"),
            (
                PROXY,
                not proxy or _SERVER.fullmatch(proxy),
                "it is such as sip:proxy.example.org",
            ),
            (REGISTER, register in ("", "yes", "no"), "it is yes or no"),
        ):
            if not right:
                raise DtmfError.of("no-credentials", f"{name} cannot be right", help=help)
        return cls(uri, password, user, proxy, register == "yes")

    @property
    def transport(self) -> str:
        """Such as `;transport=tls`; empty if the address has none."""
        own = _ADDRESS.fullmatch(self.uri)
        return (own and own["transport"]) or ""

    def address(self, to: str) -> str:
        """The address to call: a SIP address as it is, or a number at the account's own server.

        Raises DtmfError for what is neither.
        """
        own = _ADDRESS.fullmatch(self.uri)
        if found := _fits(to):
            if self.transport and found["transport"] not in (None, self.transport):
                message = f"this address has another transport than {URI}"
                raise DtmfError.of("bad-number", message, help="leave it out")
            return to
        if own and re.fullmatch(r"\+?[0-9]{1,32}", to):
            return f"{own['scheme']}:{to}@{own['host']}{self.transport}"
        message = "this is neither a SIP address nor a number"
        raise DtmfError.of("bad-number", message, help="such as sip:bob@example.org, or +15550100")


def _fits(address: str) -> re.Match[str] | None:
    return _ADDRESS.fullmatch(address) if len(address) <= LONGEST_ADDRESS else None


def is_here(address: str) -> bool:
    """Whether an address is on this machine."""
    found = _ADDRESS.fullmatch(address)
    host = re.sub(r":[0-9]+$", "", found["host"]) if found else ""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


_ENDS = {
    **dict.fromkeys((486, 600), (CallState.BUSY, "the line was busy")),
    **dict.fromkeys((603, 607, 608), (CallState.REJECTED, "the call was rejected")),
    **dict.fromkeys((408, 480, 487), (CallState.NO_ANSWER, "nobody answered")),
    **dict.fromkeys((401, 403, 407), (CallState.FAILED, "the server does not accept the account")),
    **dict.fromkeys((404, 410, 484, 604), (CallState.FAILED, "there is no such number or address")),
    **dict.fromkeys((415, 488, 606), (CallState.FAILED, "the far end knows none of our codecs")),
}


def unreached(status: int) -> tuple[CallState, str]:
    """What the final status of a call means that was not answered (RFC 3261, section 21), and in words."""
    return _ENDS.get(status, (CallState.FAILED, f"the call failed (SIP status {status})"))
