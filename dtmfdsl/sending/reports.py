"""How a delivery stands or ended, as a value, and in words. No I/O."""

from __future__ import annotations

import attrs

from dtmfdsl.sending.outcomes import Kind, Status
from dtmfdsl.sending.plan import Plan


@attrs.frozen
class Report:
    """How the delivery of one call stands, or ended.

    `accepted` strings of `strings` were accepted; `skipped` are the steps that a person decided to leave out,
    counted from 0. `reason` is why the others were not, in plain words. If there was nothing to send, `plan`
    is None and `status` is `NOT_SENT`. `undecided`: a string is in doubt, and `doubt` does not settle it.
    `unrecorded` is the outcome of the last request, if that could not be written to the journal.

    Of a call that was placed, `call_id` is our name of it, and `placed` the carrier's id, or "" if there is
    none. It was `hung_up`, or it may still stand (`stands`). If the `reason` is `of_call`, it is not of a
    string.
    """

    call_id: str
    status: Status
    reason: str = ""
    plan: Plan | None = None
    accepted: int = 0
    skipped: tuple[int, ...] = ()
    undecided: bool = False
    unrecorded: Kind | None = None
    placed: str = ""
    hung_up: bool = False
    stands: bool = False
    of_call: bool = False

    @property
    def strings(self) -> int:
        """How many strings the plan has."""
        return len(self.plan.steps) if self.plan else 0

    @property
    def count(self) -> str:
        """The number of accepted strings, and those that were left out: `all 3 accepted`."""
        total = self.strings
        words = f"{self.accepted} of {total} accepted"
        if self.accepted == total:
            words = "nothing to send" if not total else "accepted" if total == 1 else f"all {total} accepted"
        return ", ".join([words, *(f"string {step + 1} left out" for step in self.skipped)])

    @property
    def summary(self) -> str:
        """How it stands, in one line that shows no secret."""
        step = self.accepted + len(self.skipped)
        if not self.plan or self.undecided:
            return self.reason
        if self.of_call:
            pressed = self.count if self.accepted or self.skipped else "nothing was pressed"
            return self.reason if self.status is Status.UNKNOWN else f"{self.reason}; {pressed}"
        if step == self.strings:
            last = "may not have played to its end" if self.hung_up else "may still be playing"
            return f"interrupted: {self.count}, the last {last}" if self.reason else self.count
        at = f"string {step + 1} of {self.strings}, {self.plan.steps[step].shown}"
        match self.status:
            case Status.INTERRUPTED:
                return f"interrupted: {self.count}, {at}, was not sent"
            case Status.UNKNOWN:
                return f"{at}: {self.reason}"
            case Status.UNDER_WAY:
                return f"{self.count}, {at} comes next"
        return f"{at}: {self.reason}; {self.count}"
