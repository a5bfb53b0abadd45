"""What each carrier is asked on the wire, and what each of its answers means: a row for each."""

from __future__ import annotations

from typing import Any

import attrs

from dtmfdsl.sending import CallState, Command, Kind, NewCall

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


@attrs.frozen(kw_only=True)
class ExpectedCall:
    """What a carrier is asked to place `CALL`, to look at it and to hang it up; and its answers.

    Each request is a method, a path, and a body. `created` are answers that name the call `v3:a/b`, and
    `states` those to a look, with what they mean.
    """

    account: dict[str, str] = attrs.field(factory=dict)
    create: tuple[str, str, Any]
    detects: Any = None
    created: list[Answer]
    refused: list[Answer]
    not_executed: list[Answer] = attrs.field(factory=list)
    unknown: list[Answer]
    look: tuple[str, str]
    states: list[tuple[Answer, CallState | None]]
    hang_up: tuple[str, str, Any]
    ringing: tuple[str, str, Any] | None = None
    """The hang-up of a call that is not answered, if that is another one."""


CALL = NewCall(
    to="+15550100",
    caller="+15550199",
    rings_s=45,
    text="12",
    plays_ms=1_200,
    stays_ms=31_500,
    answer_url="https://a.invalid/x",
)
CALL_ID = "v3:a/b"
REFUSED = [*each(400, 401, 403, 404), *MOVED]


def states_of(form: str, **words: CallState) -> list[tuple[Answer, CallState | None]]:
    """The answers of a form with a word in it, and what each means."""
    return [((200, form.replace("%", word.replace("_", "-"))), state) for word, state in words.items()]


S = CallState
UNREADABLE: list[tuple[Answer, CallState | None]] = [
    ((200, body), None) for body in ("", "[]", "{}", "<html>", '{"status": 7, "state": []}', '{"sta')
]

EXPECTED_CALLS: dict[str, ExpectedCall] = {
    "bandwidth-v1": ExpectedCall(
        create=(
            "POST",
            "/v1/users/u%201/calls",
            {"from": "+15550199", "to": "+15550100", "callTimeout": "45"},
        ),
        created=[
            (201, "", {"Location": "https://h.invalid/v1/users/u%201/calls/v3%3Aa%2Fb"}),
            (200, "", {"location": "/v1/users/u/calls/v3%3Aa%2Fb"}),
        ],
        refused=[*REFUSED, *each(409, 415, 418)],
        not_executed=each(429),
        unknown=[
            *[*each(201, 200), (201, "", {"Location": "/elsewhere"}), *each(300, 303, 408, 500, 503)],
            (503, '{"code": "call-unavailable"}'),  # documented for keys, on a call that exists
        ],
        look=("GET", "/v1/users/u%201/calls/v3%3Aa%2Fb"),
        states=[
            *states_of('{"state": "%"}', started=S.RINGING, active=S.ANSWERED, transferring=S.ANSWERED),
            *states_of('{"state": "%"}', rejected=S.REJECTED, completed=S.NO_ANSWER),
            *states_of('{"state": "%", "activeTime": "2014-12-19T19:13:20Z"}', completed=S.ENDED),
            *UNREADABLE,
        ],
        hang_up=("POST", "/v1/users/u%201/calls/v3%3Aa%2Fb", {"state": "completed"}),
    ),
    "bandwidth": ExpectedCall(
        account={"BW_VOICE_APPLICATION_ID": "app"},
        create=(
            "POST",
            "/api/v2/accounts/a%201/calls",
            {
                "from": "+15550199",
                "to": "+15550100",
                "applicationId": "app",
                "answerUrl": "https://a.invalid/x",
                "callTimeout": 45,
            },
        ),
        created=each(201, body='{"callId": "v3:a/b"}'),
        refused=[*REFUSED, *each(405, 409, 415)],
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), *each(201, body="{}")],
        look=("GET", "/api/v2/accounts/a%201/calls/v3%3Aa%2Fb"),
        states=[
            *states_of('{"state": "%"}', queued=S.RINGING, initiated=S.RINGING, answered=S.ANSWERED),
            *states_of(
                '{"state": "disconnected", "disconnectCause": "%"}',
                busy=S.BUSY,
                timeout=S.NO_ANSWER,
                cancel=S.NO_ANSWER,
                rejected=S.REJECTED,
                error=S.FAILED,
                callback_error=S.FAILED,
            ),
            ((200, '{"state": "disconnected", "answerTime": "2026", "disconnectCause": "hangup"}'), S.ENDED),
            *UNREADABLE,
        ],
        hang_up=("POST", "/api/v2/accounts/a%201/calls/v3%3Aa%2Fb", {"state": "completed"}),
    ),
    "twilio": ExpectedCall(
        create=(
            "POST",
            "/2010-04-01/Accounts/AC1/Calls.json",
            {
                "To": ["+15550100"],
                "From": ["+15550199"],
                "Timeout": ["45"],
                "Twiml": ['<Response><Play digits="12"/><Pause length="32"/></Response>'],
            },
        ),
        detects={"MachineDetection": ["Enable"]},
        created=each(201, body='{"sid": "v3:a/b", "status": "queued"}'),
        refused=[*REFUSED, (400, '{"code": 21220}')],
        not_executed=[(429, '{"code": 20429}')],
        unknown=[*NO_PAGE_EXPLAINS, *each(201, body='{"status": "queued"}'), (201, '{"sid": ""}')],
        look=("GET", "/2010-04-01/Accounts/AC1/Calls/v3%3Aa%2Fb.json"),
        states=[
            *states_of('{"status": "%"}', queued=S.RINGING, initiated=S.RINGING, ringing=S.RINGING),
            *states_of('{"status": "%", "answered_by": null}', in_progress=S.DETECTING, completed=S.ENDED),
            *states_of('{"status": "%"}', busy=S.BUSY, no_answer=S.NO_ANSWER, canceled=S.NO_ANSWER),
            *states_of('{"status": "%"}', failed=S.FAILED),
            ((200, '{"status": "in-progress", "answered_by": "machine_start"}'), S.MACHINE),
            ((200, '{"status": "in-progress", "answered_by": "fax"}'), S.MACHINE),
            ((200, '{"status": "in-progress", "answered_by": "human"}'), S.ANSWERED),
            *UNREADABLE,
        ],
        hang_up=("POST", "/2010-04-01/Accounts/AC1/Calls/v3%3Aa%2Fb.json", {"Status": ["completed"]}),
    ),
    "telnyx": ExpectedCall(
        account={"TELNYX_CONNECTION_ID": "c 1", "TELNYX_ACCOUNT_SID": "o 1"},
        create=(
            "POST",
            "/v2/texml/calls/c%201",
            {
                "From": "+15550199",
                "To": "+15550100",
                "Texml": '<Response><Play digits="12"/><Pause length="32"/></Response>',
            },
        ),
        created=each(200, 201, body='{"call_sid": "v3:a/b", "status": "queued"}'),
        refused=[*REFUSED, (422, "")],
        unknown=[*NO_PAGE_EXPLAINS, (429, '{"errors": [{"code": "90103"}]}'), *each(200, body="{}")],
        look=("GET", "/v2/texml/Accounts/o%201/Calls/v3%3Aa%2Fb"),
        states=[
            *states_of('{"status": "%"}', queued=S.RINGING, initiated=S.RINGING, ringing=S.RINGING),
            *states_of('{"status": "%"}', in_progress=S.ANSWERED, completed=S.ENDED, busy=S.BUSY),
            *states_of('{"status": "%"}', no_answer=S.NO_ANSWER, canceled=S.NO_ANSWER, failed=S.FAILED),
            *UNREADABLE,
        ],
        hang_up=("POST", "/v2/calls/v3%3Aa%2Fb/actions/hangup", {}),
    ),
    "vonage": ExpectedCall(
        create=(
            "POST",
            "/v1/calls",
            {
                "to": [{"type": "phone", "number": "15550100", "dtmfAnswer": "12"}],
                "from": {"type": "phone", "number": "15550199"},
                "ncco": [{"action": "wait", "timeout": 33}],
                "ringing_timer": 45,
            },
        ),
        detects={"machine_detection": "continue"},
        created=each(201, body='{"uuid": "v3:a/b", "status": "started"}'),
        refused=[*REFUSED, (415, "")],
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), *each(201, body="{}")],
        look=("GET", "/v1/calls/v3%3Aa%2Fb"),
        states=[
            *states_of('{"status": "%"}', started=S.RINGING, ringing=S.RINGING, answered=S.DETECTING),
            *states_of('{"status": "%"}', machine=S.MACHINE, completed=S.ENDED, busy=S.BUSY),
            *states_of('{"status": "%"}', cancelled=S.NO_ANSWER, unanswered=S.NO_ANSWER, timeout=S.NO_ANSWER),
            *states_of('{"status": "%"}', rejected=S.REJECTED, failed=S.FAILED),
            *UNREADABLE,
        ],
        hang_up=("PUT", "/v1/calls/v3%3Aa%2Fb", {"action": "hangup"}),
    ),
    "plivo": ExpectedCall(
        create=(
            "POST",
            "/v1/Account/MA%201/Call/",
            {
                "from": "+15550199",
                "to": "+15550100",
                "answer_url": "https://a.invalid/x",
                "ring_timeout": 45,
            },
        ),
        created=each(201, body='{"request_uuid": "v3:a/b", "message": "call fired"}'),
        refused=[*REFUSED, *each(405, 409, 422)],
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), *each(201, body="{}"), (201, '{"request_uuid": ["a", "b"]}')],
        look=("GET", "/v1/Account/MA%201/Call/v3%3Aa%2Fb/?status=live"),
        states=[
            *states_of('{"call_status": "%"}', queued=S.RINGING, ringing=S.RINGING, in_progress=S.ANSWERED),
            ((404, ""), S.GONE),
            *UNREADABLE,
        ],
        hang_up=("DELETE", "/v1/Account/MA%201/Call/v3%3Aa%2Fb/", None),
        ringing=("DELETE", "/v1/Account/MA%201/Request/v3%3Aa%2Fb/", None),
    ),
    "infobip": ExpectedCall(
        account={"INFOBIP_CALLS_CONFIGURATION_ID": "conf"},
        create=(
            "POST",
            "/calls/1/calls",
            {
                "endpoint": {"type": "PHONE", "phoneNumber": "+15550100"},
                "from": "+15550199",
                "callsConfigurationId": "conf",
                "connectTimeout": 45,
            },
        ),
        detects={"machineDetection": {"enabled": True}},
        created=each(201, body='{"id": "v3:a/b", "state": "CALLING"}'),
        refused=REFUSED,
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), *each(201, body="{}")],
        look=("GET", "/calls/1/calls/v3%3Aa%2Fb"),
        states=[
            *states_of('{"state": "%"}', CALLING=S.RINGING, RINGING=S.RINGING, ESTABLISHED=S.DETECTING),
            *states_of('{"state": "%"}', FINISHED=S.ENDED, BUSY=S.BUSY, FAILED=S.FAILED, REJECTED=S.REJECTED),
            *states_of('{"state": "%"}', CANCELLED=S.NO_ANSWER),
            ((200, '{"state": "NO_ANSWER"}'), S.NO_ANSWER),
            ((200, '{"state": "PRE_ESTABLISHED"}'), S.RINGING),
            *states_of(
                '{"state": "ESTABLISHED", "machineDetection": {"detectionResult": "%"}}',
                HUMAN=S.ANSWERED,
                MACHINE=S.MACHINE,
            ),
            *UNREADABLE,
        ],
        hang_up=("POST", "/calls/1/calls/v3%3Aa%2Fb/hangup", {}),
    ),
    "azure": ExpectedCall(
        create=(
            "POST",
            "/calling/callConnections?api-version=2026-03-12",
            {
                "targets": [
                    {
                        "rawId": "4:+15550100",
                        "phoneNumber": {"value": "+15550100"},
                    }
                ],
                "sourceCallerIdNumber": {"value": "+15550199"},
                "callbackUri": "https://a.invalid/x",
            },
        ),
        created=each(201, body='{"callConnectionId": "v3:a/b", "callConnectionState": "connecting"}'),
        refused=[*REFUSED, (412, "")],
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), (409, ""), *each(201, body="{}")],
        look=("GET", "/calling/callConnections/v3%3Aa%2Fb?api-version=2026-03-12"),
        states=[
            *states_of('{"callConnectionState": "%"}', connecting=S.RINGING, connected=S.ANSWERED),
            *states_of('{"callConnectionState": "%"}', disconnecting=S.GONE, disconnected=S.GONE),
            ((404, ""), S.GONE),
            *UNREADABLE,
        ],
        hang_up=("POST", "/calling/callConnections/v3%3Aa%2Fb:terminate?api-version=2026-03-12", None),
    ),
    "jambonz": ExpectedCall(
        account={"JAMBONZ_APPLICATION_SID": "app"},
        create=(
            "POST",
            "/v1/Accounts/a%201/Calls",
            {
                "application_sid": "app",
                "from": "+15550199",
                "to": {"type": "phone", "number": "+15550100"},
                "timeout": 45,
            },
        ),
        created=each(201, body='{"sid": "v3:a/b"}'),
        refused=[*REFUSED, (422, "")],
        not_executed=each(480),
        unknown=[*NO_PAGE_EXPLAINS, (429, ""), *each(201, body="{}")],
        look=("GET", "/v1/Accounts/a%201/Calls/v3%3Aa%2Fb"),
        states=[
            *states_of('{"call_status": "%"}', trying=S.RINGING, ringing=S.RINGING, early_media=S.RINGING),
            *states_of('{"call_status": "%"}', queued=S.RINGING, in_progress=S.ANSWERED, completed=S.ENDED),
            *states_of('{"call_status": "%"}', busy=S.BUSY, no_answer=S.NO_ANSWER, failed=S.FAILED),
            ((404, ""), S.GONE),
            *UNREADABLE,
        ],
        hang_up=("PUT", "/v1/Accounts/a%201/Calls/v3%3Aa%2Fb", {"call_status": "completed"}),
        ringing=("PUT", "/v1/Accounts/a%201/Calls/v3%3Aa%2Fb", {"call_status": "no-answer"}),
    ),
}
"""Asterisk places no calls. Its hang-up is tested with what only it does."""
