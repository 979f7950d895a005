"""Coverage leaves `wbtui/tui` out: its tests need not be slowed down by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.untraced import untraced


@pytest.fixture(autouse=True)
def without_coverage() -> Iterator[None]:
    with untraced():
        yield
