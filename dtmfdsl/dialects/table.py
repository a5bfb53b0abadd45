"""Every dialect: a row for each, with its sources, when they were read, and what they leave open.

Without a dialect's name, a string is taken for a carrier's or a phone's. What stands in the strings of other
systems, the browser's, a modem's, a standard's and our own, is read only by name: there `w`, `p` and `,` mean
something else, and a choice between all of them would help nobody. By name only are also strings whose pauses
look like the marks of a template, `{3}`, and those that are a single key.
"""

from __future__ import annotations

from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.dialects.codec import Counted
from dtmfdsl.dialects.dialect import Dialect
from dtmfdsl.notation import without_keys
from dtmfdsl.source import Span

_ALL = "0123456789ABCD*#"
_PLAIN = "0123456789*#"
_W = (("w", 500), ("W", 1000))
_COMMA_W = ((",", 500), ("w", 500), ("W", 1000))
_BOTH_CASES = (("A", "Aa"), ("B", "Bb"), ("C", "Cc"), ("D", "Dd"))
_LOWER_CASE = (("A", "a"), ("B", "b"), ("C", "c"), ("D", "d"))

# The page gives the pattern [A-D0-9#*,wW]+, the limit, the pauses, and mentions a small delay between keys.
BANDWIDTH_V1 = Dialect(
    name="bandwidth-v1",
    title="Bandwidth v1, dtmfOut",
    keys=_ALL,
    pauses=_COMMA_W,
    limit=92,
    sources=("https://old.dev.bandwidth.com/ap-docs/methods/calls/postCallsCallIdDTMF.html",),
    read_on="2026-11-24",
    unknown="tone and gap; whether a pause adds to the gap; a second string while the first one plays",
)

# The pattern and the pauses of bandwidth-v1, word for word, but no limit.
ROUTEE = Dialect(
    name="routee",
    title="Routee, dtmf",
    keys=_ALL,
    pauses=_COMMA_W,
    limit=None,
    sources=("https://docs.routee.net/reference/send-dtmf-tones-to-an-active-call",),
    read_on="2026-11-25",
    unknown="length of a string; tone and gap; whether a pause adds to the gap",
)

# a-d mean the same as A-D. `toneDuration` and `toneInterval` are attributes of the element.
BANDWIDTH = Dialect(
    name="bandwidth",
    title="Bandwidth v2, <SendDtmf>",
    keys=_ALL,
    spelt=_BOTH_CASES,
    pauses=_COMMA_W,
    limit=50,
    tone_ms=(200, 200),
    gap_ms=(400, 400),
    tone_set_ms=(50, 5000),
    gap_set_ms=(50, 5000),
    pause_adds=False,
    sources=("https://dev.bandwidth.com/docs/voice/bxml/sendDtmf",),
    read_on="2026-11-25",
    unknown="how soon a document that replaces the running one is heard",
)

# Until about 2024 the page listed neither `W` nor A-D. `,` is not allowed. It is sent at the answer.
TWILIO = Dialect(
    name="twilio",
    title="Twilio, SendDigits",
    keys=_ALL,
    pauses=_W,
    limit=32,
    strings=1,
    elsewhere="twilio-play",
    sources=(
        "https://www.twilio.com/docs/voice/api/call-resource",
        "https://www.twilio.com/docs/api/errors/21206",
    ),
    read_on="2026-11-24",
    unknown="tone and gap; whether a pause adds to the gap; since when `W` and A-D are taken",
)

# The set of characters is that of warning 13430. A second document replaces the one that plays.
TWILIO_PLAY = Dialect(
    name="twilio-play",
    title="Twilio, <Play digits>",
    keys=_ALL,
    pauses=_W,
    limit=None,
    sources=(
        "https://www.twilio.com/docs/voice/twiml/play",
        "https://www.twilio.com/docs/api/errors/13430",
    ),
    read_on="2026-11-24",
    unknown="length of a string (a document: 4,000 characters); tone and gap; since when `W` is taken",
)

# The pauses are those of `send_digits` and `<Number sendDigits>`; the page of the request has no format. `@`
# and a number at the end is the length of the tones.
PLIVO = Dialect(
    name="plivo",
    title="Plivo, digits",
    keys=_PLAIN,
    pauses=_W,
    limit=None,
    tone_mark="@",
    sources=("https://pypi.org/project/plivo/", "https://github.com/plivo/plivoframework"),
    read_on="2026-11-24",
    unknown="A-D; length of a string; tone (its client says 2000 ms, perhaps for samples: 250 ms) and gap",
)

# The official client's pattern is ^[0-9#*p]+$.
VONAGE = Dialect(
    name="vonage",
    title="Vonage, digits",
    keys=_PLAIN,
    pauses=(("p", 500),),
    limit=None,
    sources=("https://developer.vonage.com/en/api/voice#startDTMF",),
    read_on="2026-11-24",
    unknown="length of a string; tone and gap; a second string while the first one plays",
)

# A defect report of August 2026 found that pauses were queued and not waited for: seven `w` took 140 ms.
TELNYX = Dialect(
    name="telnyx",
    title="Telnyx, send_dtmf",
    keys=_ALL,
    pauses=_W,
    limit=None,
    tone_ms=(250, 250),
    tone_set_ms=(100, 500),
    sources=("https://pypi.org/project/telnyx/", "https://github.com/team-telnyx/freeswitch/pull/650"),
    read_on="2026-11-24",
    unknown="length of a string (64 when dialling); gap; whether a pause adds to it, or is kept at all",
)

# One page has `w` and `W` the other way round; this follows all the others.
SIGNALWIRE = Dialect(
    name="signalwire",
    title="SignalWire, send_digits",
    keys=_ALL,
    pauses=_W,
    limit=None,
    sources=("https://github.com/signalwire/docs",),
    read_on="2026-11-24",
    unknown="length of a string; tone and gap; one of its pages has `w` for 1 s and `W` for 0.5 s",
)

# `*` is not in the documented set, nor is `W`.
SINCH = Dialect(
    name="sinch",
    title="Sinch, sendDtmf",
    keys="0123456789#",
    pauses=(("w", 500),),
    limit=None,
    sources=(
        "https://developers.sinch.com/sdk/sinch-sdk-node/1.5.0/interfaces/Voice.SvamlInstructionSendDtmf.html",
    ),
    read_on="2026-11-25",
    unknown="`*`; length of a string; tone and gap",
)

# The keys are those of its RTC client; the page of the request gives none.
INFOBIP = Dialect(
    name="infobip",
    title="Infobip, send-dtmf",
    keys=_ALL,
    pauses=(),
    limit=None,
    sources=("https://pypi.org/project/infobip-api-python-client/",),
    read_on="2026-11-24",
    unknown="keys; pauses; length of a string; tone and gap (its browser client: 500 and 50 ms)",
)

# A request has words for the keys, `one` and `pound`: the carrier writes them, not the string.
AZURE = Dialect(
    name="azure",
    title="Azure, sendDtmfTones",
    keys=_ALL,
    pauses=(),
    limit=18,
    sources=(
        "https://pypi.org/project/azure-communication-callautomation/",
        "https://github.com/MicrosoftDocs/azure-docs",
    ),
    read_on="2026-11-24",
    unknown="tone and gap; the limit of 18 stands in its guide and not in its client",
)

CHIME = Dialect(
    name="chime",
    title="Amazon Chime SDK, SendDigits",
    keys=_ALL,
    pauses=((",", 500),),
    limit=50,
    tone_ms=(250, 250),
    tone_set_ms=(50, 24_000),
    sources=("https://docs.aws.amazon.com/chime-sdk/latest/dg/send-digits.html",),
    read_on="2026-11-25",
    unknown="gap; whether a pause adds to it",
)

# main/app.c: 100 ms of quiet first, and the gap follows keys alone. All other characters, `,` too, are
# skipped without an error. The lengths are those that ARI takes if a request names none.
ASTERISK = Dialect(
    name="asterisk",
    title="Asterisk, SendDTMF and ARI",
    keys=_ALL,
    spelt=_BOTH_CASES,
    pauses=_W,
    limit=None,
    tone_ms=(100, 100),
    gap_ms=(100, 100),
    pause_adds=True,
    lead_ms=100,
    sources=("https://github.com/asterisk/asterisk/blob/master/main/app.c",),
    read_on="2026-11-24",
    unknown="length of a string; the most that `between` and `duration` can be",
)

# `@` and a number at the end is the length of the tones. The gap is a setting of the profile, usually 40 ms.
FREESWITCH = Dialect(
    name="freeswitch",
    title="FreeSWITCH, uuid_send_dtmf",
    keys=_ALL,
    spelt=_BOTH_CASES,
    pauses=_W,
    limit=99,
    tone_ms=(250, 250),
    tone_set_ms=(50, 24_000),
    tone_mark="@",
    sources=("https://github.com/signalwire/freeswitch/blob/master/src/switch_channel.c",),
    read_on="2026-11-24",
    unknown="whether a pause adds to the gap",
)

# A request during the call takes one key. Its verb `dtmf` takes several, hands them to FreeSWITCH, and so
# pauses work in it that are not documented.
JAMBONZ = Dialect(
    name="jambonz",
    title="jambonz, a key a request",
    keys=_PLAIN,
    pauses=(),
    limit=1,
    tone_ms=(250, 250),
    by_name_only=True,
    sources=("https://docs.jambonz.org/verbs/verbs/dtmf",),
    read_on="2026-11-25",
    unknown="gap; what happens to a key that comes while one plays",
)

# Its code (media-sdk, dtmf.go) makes half a second of silence of every character that it does not know.
LIVEKIT = Dialect(
    name="livekit",
    title="LiveKit, CreateSIPParticipant",
    keys=_ALL,
    spelt=_LOWER_CASE,
    pauses=(("w", 500),),
    limit=None,
    tone_ms=(250, 250),
    gap_ms=(250, 250),
    strings=1,
    sources=("https://github.com/livekit/media-sdk/blob/main/dtmf/dtmf.go",),
    read_on="2026-11-24",
    unknown="length of a string; whether a pause adds to the gap",
)

DAILY = Dialect(
    name="daily",
    title="Daily, sendDTMF",
    keys=_ALL,
    pauses=(),
    limit=20,
    tone_ms=(500, 500),
    tone_set_ms=(50, 2000),
    sources=("https://docs.daily.co/reference/daily-js/instance-methods/send-dtmf",),
    read_on="2026-11-25",
    unknown="gap; an older page has a fixed tone of 1 s",
)

# a-d are read as A-D. A second call replaces what has not played yet.
WEBRTC = Dialect(
    name="webrtc",
    title="WebRTC, insertDTMF",
    keys=_ALL,
    spelt=_BOTH_CASES,
    pauses=((",", 2000),),
    limit=None,
    tone_ms=(100, 100),
    gap_ms=(70, 70),
    tone_set_ms=(40, 6000),
    gap_set_ms=(30, 6000),
    pause_adds=True,
    by_name_only=True,
    sources=("https://www.w3.org/TR/webrtc/#dom-rtcdtmfsender-insertdtmf",),
    read_on="2026-11-24",
    unknown="whether a browser adds the gap to the 2 s, as the text of the standard suggests",
)

# `{n}` is n times the pause between two keys (`pauseMs`, 500 ms unless it is set), in its place. At most 3 s.
FREECLIMB = Dialect(
    name="freeclimb",
    title="FreeClimb, SendDigits",
    keys=_PLAIN,
    pauses=(),
    counted=Counted("{", "}", 500, 6),
    limit=None,
    gap_ms=(500, 500),
    gap_set_ms=(100, 1000),
    pause_adds=False,
    by_name_only=True,
    sources=("https://docs.freeclimb.com/reference/senddigits",),
    read_on="2026-11-25",
    unknown="tone; length of a string; two pauses side by side, and one before the first key",
)

ELEVENLABS = Dialect(
    name="elevenlabs",
    title="ElevenLabs, play_keypad_touch_tone",
    keys=_PLAIN,
    pauses=_W,
    limit=None,
    sources=(
        "https://elevenlabs.io/docs/agents-platform/customization/tools/system-tools/play-keypad-touch-tone",
    ),
    read_on="2026-11-25",
    unknown="length of a string; tone and gap; `post_dial_digits` knows `w` alone",
)

# Known from pages about it, not from a specification.
BLAND = Dialect(
    name="bland",
    title="Bland, precall_dtmf_sequence",
    keys=_PLAIN,
    pauses=(("w", 500),),
    limit=None,
    strings=1,
    sources=("https://docs.bland.ai/api-v1/post/calls",),
    read_on="2026-11-24",
    unknown="length of a string; tone and gap",
)

# On numbers of Vonage it wants the dialect `vonage`.
VAPI = Dialect(
    name="vapi",
    title="Vapi, dtmf tool",
    keys=_PLAIN,
    pauses=_W,
    limit=None,
    sources=("https://github.com/VapiAI/docs/blob/main/fern/ivr-navigation.mdx",),
    read_on="2026-11-24",
    unknown="length of a string; tone and gap",
)

OPENAI_LIVE = Dialect(
    name="openai-live",
    title="OpenAI Live, a key an event",
    keys=_ALL,
    pauses=(),
    limit=1,
    by_name_only=True,
    sources=("https://pypi.org/project/openai/",),
    read_on="2026-11-24",
    unknown="tone and gap; older pages list the event as a notification only",
)

# The library of baresip sends a key in at least 9 packets of 20 ms, and 3 that end it (TXC_DIGIT_MIN, TXC_END
# of telev.c): 240 ms. We leave 260, of which 20 are to spare.
SIP = Dialect(
    name="sip",
    title="SIP by baresip, a key a command",
    keys=_ALL,
    pauses=(),
    limit=1,
    tone_ms=(180, 180),
    gap_ms=(80, 80),
    cadence_ms=240,
    local=True,
    by_name_only=True,
    sources=(
        "https://github.com/baresip/re/blob/main/src/telev/telev.c",
        "https://www.rfc-editor.org/rfc/rfc4733",
    ),
    read_on="2026-11-24",
    unknown="what the far end makes of the events: it can play tones of other lengths",
)

# What people keep in contacts, calendars and links. On Android `,` is 3 s (GSM) or 2 s (CDMA), and `;` waits
# for the person; iOS has both, and documents no length.
PHONE = Dialect(
    name="phone",
    title="Phones, contacts and tel: links",
    keys=_PLAIN,
    pauses=((",", 2000),),
    waits=((";", "go on", 60_000),),
    number=True,
    limit=None,
    strings=1,
    sources=(
        "https://developer.android.com/reference/android/telephony/PhoneNumberUtils",
        "https://www.rfc-editor.org/rfc/rfc3966",
        "https://www.rfc-editor.org/rfc/rfc2806",
    ),
    about=True,
    read_on="2026-11-24",
    unknown="length of a string; tone and gap; how long a `,` is on a phone that you do not know",
)

# Upper and lower case mean the same. A pause should be about a second.
RFC3601 = Dialect(
    name="rfc3601",
    title="RFC 3601, numbers in text",
    keys=_ALL,
    spelt=_BOTH_CASES,
    pauses=(("p", 1000), ("P", 1000)),
    waits=(("w", "dial tone", 60_000), ("W", "dial tone", 60_000)),
    eye="-.",
    limit=None,
    strings=1,
    sources=("https://www.rfc-editor.org/rfc/rfc3601",),
    about=True,
    by_name_only=True,
    read_on="2026-11-24",
    unknown="length of a string; tone and gap; how long `w` waits at most",
)

# `,` is the time in register S8, 2 s unless it is set. `!` (a hook flash), `;` (back to commands) and the
# switches `P` and `T` press nothing that a script could say.
HAYES = Dialect(
    name="hayes",
    title="Modems, ATD",
    keys=_ALL,
    pauses=((",", 2000),),
    waits=(("W", "dial tone", 60_000), ("@", "quiet", 60_000)),
    eye=" -()",
    limit=None,
    strings=1,
    sources=("https://www.itu.int/rec/T-REC-V.250",),
    about=True,
    by_name_only=True,
    read_on="2026-11-24",
    unknown="length of a string; tone and gap; how long `W` and `@` wait, which a register sets",
)

# Our own: every millisecond, and no limit. For maps of menus, and for lines that are given key by key.
EXACT = Dialect(
    name="exact",
    title="No carrier: exact to the millisecond",
    keys=_ALL,
    pauses=(),
    counted=Counted("{", "}", 1),
    limit=None,
    by_name_only=True,
    sources=("https://www.itu.int/rec/T-REC-Q.23",),
    read_on="2026-11-25",
    unknown="tone and gap, which are the line's",
)

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        *(BANDWIDTH_V1, BANDWIDTH, ROUTEE, TWILIO, TWILIO_PLAY, PLIVO, VONAGE, TELNYX, SIGNALWIRE, SINCH),
        *(INFOBIP, AZURE, CHIME, ASTERISK, FREESWITCH, JAMBONZ, LIVEKIT, DAILY, WEBRTC, FREECLIMB),
        *(ELEVENLABS, BLAND, VAPI, OPENAI_LIVE, SIP, PHONE, RFC3601, HAYES, EXACT),
    )
}
"""Every dialect by its name."""


def get_dialect(
    dialect: str | Dialect, span: Span | None = None, *, half_second: str | None = None
) -> Dialect:
    """The dialect of this name, or itself; with `half_second`, it writes half a second as this character.

    Raises DtmfError if there is no such dialect or character. `span` is the name's place in a script.
    """
    found = dialect if isinstance(dialect, Dialect) else DIALECTS.get(dialect)
    if found is None:
        meant = closest(str(dialect), DIALECTS, 0.7)
        message = f"there is no dialect `{without_keys(str(dialect))}`"
        help = did_you_mean(meant, f"there are {', '.join(DIALECTS)}")
        raise DtmfError.of("unknown-dialect", message, span, help=help, suggestion=meant if span else None)
    return found if half_second is None else found.preferring(half_second)
