"""The first frame of the program shows what is stored, and nothing that the next one would take back."""

from __future__ import annotations

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

LABEL = "autumn campaign"
LEAST = 3000
"""Bytes that the rows alone take."""
MOST = 20_000
"""Bytes until all services have answered: a frame, and what changes in it."""


def test_the_first_frame_has_the_rows_and_no_frame_says_what_is_not_so(user: User) -> None:
    numbers = [str(number) for number in user.world.operation_ids()]
    assert user.run("track", "--label", LABEL, *numbers).returncode == 0
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30", "instant ok", LABEL)
        program.read(1.0)
        program.process.kill()  # what was looked at is kept all the same
        program.process.wait()
    with pseudo([], user.environment()) as program:
        program.until_true(lambda: len(program.written) > LEAST)
        assert LABEL.encode() in program.written
        assert "Beebox 240" in program.picture.text()
        while "beebox ok" not in program.picture.text() or "instant ok" not in program.picture.text():
            before = len(program.written)
            program.until_true(lambda: len(program.written) > before)  # noqa: B023 - called at once
            header = program.picture.text().partition("\n")[0]
            assert not {"opening", "off", "OLD"} & set(header.split()), header
            assert "Opening." not in program.picture.text()
        program.read(1.0)
        assert len(program.written) <= MOST
