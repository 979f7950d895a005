"""Who in the queue is looked at next."""

from __future__ import annotations

import pytest

from wbtui.scheduling.intervals import flex_recheck, next_pass_after


@pytest.mark.parametrize(("session", "pause"), [(0.1, 600.0), (2.0, 600.0), (20.0, 600.0), (60.0, 1800.0)])
def test_a_costly_beebox_pass_comes_more_rarely(session: float, pause: float) -> None:
    assert next_pass_after(session) == pause


@pytest.mark.parametrize(("documents", "calls", "seconds"), [(1, 500, 900), (20, 500, 6912), (20, 5000, 900)])
def test_many_flex_documents_are_asked_again_more_rarely(documents: int, calls: int, seconds: float) -> None:
    assert flex_recheck(documents, calls) == seconds
