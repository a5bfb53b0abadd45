"""A test line and its clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lines import FakeClock, releasing

from dtmfdsl.testline import TestLine


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def line(clock: FakeClock) -> Iterator[TestLine]:
    with releasing(clock) as line:
        yield line
