"""A test line on a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wire import Clock

from dtmfdsl.testline import TestLine


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> Iterator[TestLine]:
    with TestLine(clock=clock) as line:
        yield line
