"""Accounts, addresses and final statuses of SIP."""

from __future__ import annotations

import pytest

import dtmfdsl
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.sending.sip import Account, is_here, unreached

ALICE = Account("sip:alice@example.org:5061;transport=tls")


@pytest.mark.parametrize(
    ("to", "address"),
    [
        ("+15550100", "sip:+15550100@example.org:5061;transport=tls"),
        ("100", "sip:100@example.org:5061;transport=tls"),
        ("sip:bob@other.example", "sip:bob@other.example"),
        ("sips:bob@[2001:db8::1]:5061", "sips:bob@[2001:db8::1]:5061"),
    ],
)
def test_an_address_is_called_as_it_is_and_a_number_at_the_server_of_the_account(
    to: str, address: str
) -> None:
    assert ALICE.address(to) == address


def test_the_account_has_one_transport() -> None:
    assert ALICE.address("sip:bob@other.example;transport=tls") == "sip:bob@other.example;transport=tls"
    with pytest.raises(dtmfdsl.DtmfError, match="another transport than SIP_URI"):
        ALICE.address("sip:bob@other.example;transport=udp")
    assert Account("sip:alice@example.org").address("sip:b@c;transport=tcp") == "sip:b@c;transport=tcp"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "bob",
        "bob@example.org",
        "sip:bob",
        "sip:bob@a b",
        "sip:bob@a\n/quit",
        "sip:b;c@a",
        "tel:+1",
        "sip:b@" + "a" * 200,
    ],
)
def test_nothing_else_is_called(to: str) -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        ALICE.address(to)
    assert caught.value.diagnostics[0].code == "bad-number"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"SIP_URI": "alice@example.org"},
        {"SIP_URI": "sip:alice:geheim@example.org"},
        {"SIP_URI": "sip:alice@example.org>;regint=600"},
        {"SIP_URI": "sip:alice@example.org", "SIP_PASSWORD": 'ge"heim'},
        {"SIP_URI": "sip:alice@example.org", "SIP_PASSWORD": "geheim\n"},
        {"SIP_URI": "sip:alice@example.org", "SIP_AUTH_USER": "geheim;regint=1"},
        {"SIP_URI": "sip:alice@example.org", "SIP_AUTH_USER": "geheim\n"},
        {"SIP_URI": "sip:alice@example.org", "SIP_PROXY": "proxy.example.org"},
        {"SIP_URI": "sip:alice@example.org", "SIP_PROXY": 'sip:a";auth_pass="geheim'},
        {"SIP_URI": "sip:alice@example.org", "SIP_REGISTER": "geheim"},
    ],
)
def test_an_account_that_cannot_be_right_is_refused_and_not_shown(variables: dict[str, str]) -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        Account.of(variables)
    assert caught.value.diagnostics[0].code == "no-credentials"
    assert "heim" not in str(caught.value)


def test_what_an_account_may_have_beside_its_password() -> None:
    uri = "sip:alice@example.org"
    assert Account.of({"SIP_URI": uri, "SIP_REGISTER": "no"}) == Account(uri)
    given = {"SIP_AUTH_USER": "a.b@c", "SIP_PROXY": "sip:[::1]:5070;transport=tcp", "SIP_REGISTER": "yes"}
    account = Account.of({"SIP_URI": uri, **given})
    assert (account.user, account.proxy, account.registers) == ("a.b@c", given["SIP_PROXY"], True)


def test_a_password_is_not_shown() -> None:
    account = Account.of({"SIP_URI": "sip:alice@example.org", "SIP_PASSWORD": "geheim"})
    assert account.password == "geheim"
    assert "geheim" not in repr(account) + repr(vars(Account)) + repr(account.password)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("sip:a@127.0.0.1", True),
        ("sip:a@127.0.0.1:5080;transport=tcp", True),
        ("sip:a@localhost:5080", True),
        ("sip:a@[::1]", True),
        ("sip:a@192.0.2.1", False),
        ("sip:a@example.org", False),
    ],
)
def test_whether_an_address_is_on_this_machine(address: str, here: bool) -> None:
    assert is_here(address) is here


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (486, CallState.BUSY),
        (600, CallState.BUSY),
        (603, CallState.REJECTED),
        (408, CallState.NO_ANSWER),
        (480, CallState.NO_ANSWER),
        (404, CallState.FAILED),
        (500, CallState.FAILED),
        (699, CallState.FAILED),
    ],
)
def test_what_a_final_status_means(status: int, state: CallState) -> None:
    found, words = unreached(status)
    assert found is state
    assert words
