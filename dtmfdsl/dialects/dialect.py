"""What a dialect is: how one carrier writes a string, and what is known of how it plays one."""

from __future__ import annotations

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.dialects.codec import Codec


@attrs.frozen(kw_only=True)
class Dialect(Codec):
    """How one carrier writes keys and silence in a string, and how it plays them.

    `tone_ms` and `gap_ms` are the least and greatest length of a tone and of the silence that the carrier
    itself leaves between keys, in milliseconds, None where it documents none. `pause_adds` tells whether a
    pause adds to that silence or replaces it. `sources` are the pages that say so. `about` tells that pauses
    differ from one device to the next. A dialect `by_name_only` is no guess for a string without a dialect.
    """

    title: str
    tone_ms: tuple[int, int] | None
    gap_ms: tuple[int, int] | None
    pause_adds: bool | None
    sources: tuple[str, ...]
    about: bool = False
    by_name_only: bool = False

    def preferring(self, character: str) -> Dialect:
        """The same dialect writing half a second as `character`.

        Raises DtmfError if that is no half-second character here.
        """
        halves = [pause for pause in self.pauses if pause[1] == 500]
        chosen = [pause for pause in halves if pause[0] == character]
        if not chosen:
            known = " and ".join(f"`{pause[0]}`" for pause in halves)
            raise DtmfError(
                Diagnostic(
                    "no-such-pause",
                    f"{self.name} does not write half a second as `{character}`",
                    help=f"it knows {known}" if known else "it has no half-second pause",
                )
            )
        others = tuple(pause for pause in self.pauses if pause not in chosen)
        return attrs.evolve(self, pauses=(*chosen, *others))
