"""What each carrier is asked on the wire, and what each of its answers means: a row for each."""

from __future__ import annotations

from typing import Any

import attrs

from dtmfdsl.sending import Command, Kind

ID = "018bcfe5-6800-7a3d-89be-26499cd56bc1"  # made at 1_700_000_000_000
WALL_MS = 1_700_000_004_000
COMMAND = {"call_id": "c 1/2#x", "id": ID, "to": "+15550100", "stays_ms": 61_200}

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Answer = tuple[int, str] | tuple[int, str, dict[str, str]]


@attrs.frozen(kw_only=True)
class Expected:
    """What a carrier is asked to play `text`, and its answers: (status, body, headers), by what they mean.

    `waits` are those after which the carrier names a time in milliseconds.
    """

    text: str
    account: dict[str, str]
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    accepted: list[Answer]
    refused: list[Answer]
    not_executed: list[Answer] = attrs.field(factory=list)
    unknown: list[Answer]
    waits: list[tuple[Answer, int | None]] = attrs.field(factory=list)

    @property
    def command(self) -> Command:
        return Command(text=self.text, **COMMAND)  # type: ignore[arg-type]

    @property
    def answers(self) -> list[tuple[Kind, Answer]]:
        return [
            *((Kind.ACCEPTED, answer) for answer in self.accepted),
            *((Kind.REFUSED, answer) for answer in self.refused),
            *((Kind.NOT_EXECUTED, answer) for answer in self.not_executed),
            *((Kind.UNKNOWN, answer) for answer in self.unknown),
        ]


def each(*statuses: int, body: str = "") -> list[Answer]:
    """Answers of these statuses, whatever they say."""
    return [(status, body) for status in statuses]


NO_PAGE_EXPLAINS = each(300, 302, 303, 408, 418, 500, 501, 502, 503, 504, 599, body="<html>7391</html>")
MOVED = each(307, 308)

EXPECTED: dict[str, Expected] = {
    "bandwidth-v1": Expected(
        text="12#,W*",
        account={"BANDWIDTH_USER_ID": "u 1", "BANDWIDTH_API_TOKEN": "t", "BANDWIDTH_API_SECRET": "s"},
        method="POST",
        path="/v1/users/u%201/calls/c%201%2F2%23x/dtmf",
        headers={**JSON, "Authorization": "Basic dDpz"},
        body={"dtmfOut": "12#,W*"},
        accepted=each(200, 201, 202, 204),
        refused=[*each(400, 401, 403, 404, 409, 415, 418), *MOVED, (503, '{"code": "call-unavailable"}')],
        not_executed=each(429),
        unknown=each(300, 302, 303, 408, 500, 502, 503, 504, body='{"code": "send-dtmf-failure"}'),
        waits=[((429, "", {"X-RateLimit-Reset": "1700000006500"}), 2_500)],
    ),
    "bandwidth": Expected(
        text="1" * 50 + "2w#",
        account={"BW_ACCOUNT_ID": "a 1", "BW_USERNAME": "u", "BW_PASSWORD": "p"},
        method="PUT",
        path="/api/v2/accounts/a%201/calls/c%201%2F2%23x/bxml",
        headers={"Content-Type": "application/xml", "Authorization": "Basic dTpw"},
        body=(
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<Bxml><SendDtmf>{'1' * 50}</SendDtmf><SendDtmf>2w#</SendDtmf>"
            '<Pause duration="61.2"/></Bxml>'
        ),
        accepted=each(204, 200),
        refused=[*each(400, 401, 403, 404, 405, 409, 415), *MOVED],
        unknown=[*NO_PAGE_EXPLAINS, (429, "")],
    ),
    "twilio": Expected(
        text="w12#W*",
        account={"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"},
        method="POST",
        path="/2010-04-01/Accounts/AC1/Calls/c%201%2F2%23x.json",
        headers={**FORM, "Authorization": "Basic QUMxOnQ="},
        body={"Twiml": ['<Response><Play digits="w12#W*"/><Pause length="62"/></Response>']},
        accepted=each(200, body='{"status": "in-progress"}'),
        refused=[*each(400, 401, 403, 404), *MOVED, (400, '{"code": 21220}')],
        not_executed=[(429, ""), (429, '{"code": 20429}')],
        unknown=NO_PAGE_EXPLAINS,
        waits=[((429, "", {"Retry-After": "3"}), 3_000), ((429, "", {"Retry-After": "9999"}), 120_000)],
    ),
    "telnyx": Expected(
        text="12#wW*D",
        account={"TELNYX_API_KEY": "k"},
        method="POST",
        path="/v2/calls/c%201%2F2%23x/actions/send_dtmf",
        headers={**JSON, "Authorization": "Bearer k"},
        body={"digits": "12#wW*D", "command_id": ID},
        accepted=each(200, body='{"data": {"result": "ok"}}'),
        refused=[
            *each(400, 401, 403, 404, 422),
            *MOVED,
            (422, '{"errors": [{"code": "90034", "title": "7391"}]}'),
            (422, '{"errors": [{"code": "90018"}, {}]}'),
        ],
        unknown=[*NO_PAGE_EXPLAINS, (429, '{"errors": [{"code": "10011"}]}'), (409, "")],
        # Seconds that are left. A time since the epoch would be for hours.
        waits=[
            ((429, "", {"X-RateLimit-Reset": "2"}), 2_000),
            ((429, "", {"X-RateLimit-Reset": "0.25"}), 250),
            ((429, "", {"X-RateLimit-Reset": "1700000000"}), None),
        ],
    ),
    "vonage": Expected(
        text="12#pp*",
        account={"VONAGE_JWT": "j.w.t"},
        method="PUT",
        path="/v1/calls/c%201%2F2%23x/dtmf",
        headers={**JSON, "Authorization": "Bearer j.w.t"},
        body={"digits": "12#pp*"},
        accepted=each(200, body='{"message": "DTMF sent"}'),
        refused=[*each(400, 401, 403, 404, 415), *MOVED],
        unknown=[*NO_PAGE_EXPLAINS, (429, "")],
    ),
    "plivo": Expected(
        text="12#wW*",
        account={"PLIVO_AUTH_ID": "MA 1", "PLIVO_AUTH_TOKEN": "t"},
        method="POST",
        path="/v1/Account/MA%201/Call/c%201%2F2%23x/DTMF/",
        headers={**JSON, "Authorization": "Basic TUEgMTp0"},
        body={"digits": "12#wW*"},
        accepted=each(202, body='{"message": "digits sent"}'),
        refused=[*each(400, 401, 403, 404, 405, 409, 422), *MOVED],
        unknown=[*NO_PAGE_EXPLAINS, (429, "")],
    ),
    "infobip": Expected(
        text="12#*A",
        account={"INFOBIP_API_KEY": "k"},
        method="POST",
        path="/calls/1/calls/c%201%2F2%23x/send-dtmf",
        headers={**JSON, "Authorization": "App k"},
        body={"dtmf": "12#*A"},
        accepted=[(200, f'{{"status": "{status}"}}') for status in ("PENDING", "IN_PROGRESS", "COMPLETED")],
        refused=[*each(400, 401, 403, 404), *MOVED],
        unknown=[
            *NO_PAGE_EXPLAINS,
            (429, ""),
            (200, '{"status": "FAILED"}'),
            *each(200, 202, body='{"status": "7391"}'),
            *((200, body) for body in ("", "[]", "{}", '{"status": 7}', "<html>", '{"status": "PEND')),
        ],
    ),
    "azure": Expected(
        text="10*#D",
        account={
            "COMMUNICATION_SERVICES_CONNECTION_STRING": "endpoint=https://h.invalid/;accesskey=a2V5"  # key
        },
        method="POST",
        path="/calling/callConnections/c%201%2F2%23x:sendDtmfTones?api-version=2026-03-12",
        headers={
            **JSON,
            "Repeatability-Request-ID": ID,
            "Repeatability-First-Sent": "Tue, 14 Nov 2023 22:13:20 GMT",
            "x-ms-date": "Tue, 14 Nov 2023 22:13:24 GMT",
            "x-ms-content-sha256": "6xAfPUsa2qndJXRLN3tK1iv648AQKOqDklnRYLp/b5I=",
            "Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
            "mqNeHdamlTP/G/+blCJeijIrZPU+cQvPHQ2JivJLoVk=",
        },
        body={
            "tones": ["one", "zero", "asterisk", "pound", "d"],
            "targetParticipant": {"rawId": "4:+15550100", "phoneNumber": {"value": "+15550100"}},
        },
        accepted=each(202, body="{}"),
        refused=[*each(400, 401, 403, 404, 412), *MOVED],
        # By 409, a repeat learns that the first is still under way.
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), (409, "")],
        waits=[((429, "", {"Retry-After": "3"}), 3_000)],
    ),
    "asterisk": Expected(
        text="12#wW*a",
        account={"ASTERISK_ARI_USER": "u", "ASTERISK_ARI_PASSWORD": "p"},
        method="POST",
        path="/ari/channels/c%201%2F2%23x/dtmf",
        headers={**FORM, "Authorization": "Basic dTpw"},
        body={"dtmf": ["12#wW*a"]},
        accepted=each(204),
        refused=[*each(400, 401, 403, 404, 409, 412), *MOVED],
        unknown=[*NO_PAGE_EXPLAINS, (429, "")],
    ),
    "jambonz": Expected(
        text="#",
        account={"JAMBONZ_ACCOUNT_SID": "a 1", "JAMBONZ_API_KEY": "k"},
        method="PUT",
        path="/v1/Accounts/a%201/Calls/c%201%2F2%23x",
        headers={**JSON, "Authorization": "Bearer k"},
        body={"dtmf": {"digit": "#", "duration": 250}},
        accepted=each(202),
        refused=[*each(400, 401, 403, 404, 422), *MOVED],
        unknown=[*NO_PAGE_EXPLAINS, (429, "")],
    ),
}
