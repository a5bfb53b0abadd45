"""What a dialect is: how one carrier writes a string, and what is known about playing it."""

from __future__ import annotations

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects.codec import Codec
from dtmfdsl.notation import without_keys


@attrs.frozen(kw_only=True)
class Dialect(Codec):
    """How one carrier writes keys and silence in a string, and how it plays them.

    `tone_ms` and `gap_ms` are the least and greatest length of a tone, and of the silence that the carrier
    itself leaves between keys, in milliseconds; `tone_set_ms` and `gap_set_ms` are the lengths that a request
    can set. `pause_adds` is whether a pause adds to the gap or replaces it. Each is None if it is not
    documented. `lead_ms` is the silence before the first key. From one key to the next
    are at least `cadence_ms`: a key that is due sooner waits for its turn. A `local` line is on this machine:
    no request is on its way.

    A call takes at most `strings` strings; None is no limit. `elsewhere` is the dialect of the same carrier
    that plays more. `about` is whether pauses differ between devices. A dialect `by_name_only` is never
    guessed for a string. `sources` are the pages that document all this, `read_on` is when they were read,
    and `unknown` what they leave open.
    """

    title: str
    tone_ms: tuple[int, int] | None = None
    gap_ms: tuple[int, int] | None = None
    tone_set_ms: tuple[int, int] | None = None
    gap_set_ms: tuple[int, int] | None = None
    pause_adds: bool | None = None
    lead_ms: int = 0
    cadence_ms: int = 0
    local: bool = False
    strings: int | None = None
    elsewhere: str | None = None
    about: bool = False
    by_name_only: bool = False
    sources: tuple[str, ...]
    read_on: str = ""
    unknown: str = ""

    def preferring(self, character: str) -> Dialect:
        """The same dialect, which writes half a second as `character`.

        Raises DtmfError if that is not half a second here.
        """
        chosen = (character, 500)
        if chosen not in self.pauses:
            known = " and ".join(f"`{each}`" for each, ms in self.pauses if ms == 500)
            message = f"{self.name} does not write half a second as `{without_keys(character)}`"
            help = f"it knows {known}" if known else "it has no character for half a second"
            raise DtmfError.of("no-such-pause", message, help=help)
        others = [pause for pause in self.pauses if pause != chosen]
        return attrs.evolve(self, pauses=(chosen, *others))
