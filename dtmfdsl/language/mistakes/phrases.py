"""The phrases of spoken steps, and what each does in a sentence, in lower case and with single blanks."""

from __future__ import annotations

_KINDS = {
    "press": "press/presses/pressing/enter/enters/entering/dial/dials/dialing/dialling/hit/hits/hitting"
    "/push/pushes/pushing/type/types/typing/type in/types in/typing in/key in/keys in/keying in/input"
    "/inputs/inputting/punch/punches/punching/punch in/punching in/tap/taps/tapping/select/selects"
    "/selecting/choose/chooses/choosing/pick/send/sends/sending/put in/use/click/clicks/clicking",
    "key": "key/dtmf",
    "wait": "wait/waits/waiting/pause/pauses/pausing/sleep/sleeps/delay/silence/break/gap/hold/hold on"
    "/hang on/stay on the line/let it ring/give it/listen/listens",
    "hang up": "hang up/hangs up/hang-up/hangup/hanging up/hang up the phone/hang up the call/end the call"
    "/end call/terminate the call/terminate call/drop the call/disconnect/disconnect the call",
    "call": "call/calls/phone/ring",
    "spell": "spell/spells/spelling/spell out/spell the name/spell the word",
    "say": "say/says/saying/speak/speaks/speaking",
    "part": "and/then/next/finally/lastly/after that/afterwards/before/,/./;/!/→/⇒/➔/>/&/&&/+/|",
    "join": "followed by/immediately followed by/directly followed by/ending with/ending in/ended by"
    "/end with/ends with/and end with/finish with/finished with/finalized with/complete with/completed by"
    "/terminated by/terminated with",
    "after": "after",
    "later": "later",
    "every": "every",
    "between": "between/in between/apart/interval/intervals",
    "with": "with/leaving/using",
    "for": "for",
    "to": "to",
    "of": "of",
    "until": "until/till/until you hear/till you hear/until it says/until i hear/for you to hear",
    "limit": "up to/at most/max/maximum/no more than/no longer than",
    "extension": "ext/extension",
    "answered": "once connected/when connected/after connecting/once the call connects"
    "/when the call connects/after the call connects/after the call is answered/when the call is answered"
    "/once the call is answered/after it answers/when it answers/once it answers/after they answer"
    "/when they answer/when they pick up/when it picks up/after it picks up/once it picks up/after pickup"
    "/after pick up",
    "or": "or/either",
    "if": "if/unless/otherwise/depending/else",
    "event": "at/when/while/during/whenever/as soon as/upon",
    # What may stand before a time, around keys, or anywhere, and changes nothing.
    "about": "about/around/roughly/approximately/approx/at least/exactly/another/some/full/further/extra/~"
    "/≈",
    "noun": "keys/button/buttons/digit/digits/number/numbers/sign/symbol/mark/option/options/choice/tone"
    "/tones/code/pin/passcode/password/account/account number/card number/pin number/each/every key"
    "/quickly/rapidly/in a row/in quick succession/in rapid succession/quickly in a row/one after another"
    "/one after the other/on the keypad/on your keypad/on my keypad/on the phone/on your phone"
    "/on the dial pad/on dialpad/the following/once/first",
    "fill": "the/a/an/your/my/please/kindly/now/again/just/simply/you/i/we/it/they/will/should/must"
    "/need to/have to/has to/want to/go ahead and/try/try to/make sure to/be sure to/also/immediately"
    "/start by/begin by/right away/straight away/more/longer/or so/on the line/again please/[/]",
}  # fmt: skip

PHRASES = {phrase: kind for kind, phrases in _KINDS.items() for phrase in phrases.split("/")} | {"/": "part"}

LONGEST = max(phrase.count(" ") + 1 for phrase in PHRASES)
"""The words of the longest phrase."""
