"""What a hostile server writes, on the bytes of a terminal: none of it gets there as a control code."""

from __future__ import annotations

import re

import pytest

from tests.tui.pty_terminal import Terminal

pytestmark = pytest.mark.terminal

OURS = re.compile(
    rb"\x1b\[[0-9;]*m"  # colours
    rb"|\x1b\[[0-9;]*H"  # places
    rb"|\x1b\[\?[0-9]+(?:\$p|[hl])"  # modes
    rb"|\x1b\[[<>][0-9]*u"  # keyboard
    rb"|\x1b\[2[23];2t|\x1b\]2;[^\x00-\x1f\x7f]*(?:\x07|\x1b\\)"  # the title, kept and written
    rb"|\x1b\]22;default\x07"  # the mouse pointer's shape
    rb"|[\r\n]"
)
"""All that wbtui itself sends besides text."""

SIGNS = ("\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u2029", "\U000e0041")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 15), (40, 8)])
def test_no_control_code_of_a_server_reaches_the_terminal(size: tuple[int, int]) -> None:
    with Terminal(*size) as opened:
        sent = opened.until(b"acme-prod") + opened.lead(b"h")
        for keys in (b"2", b"jl", b"jl", b"G", b"m", b"G", b"J", b"4", b"m", b"5", b"1", b"f", b"\x1b", b"?"):
            sent += opened.press(keys)
    left = OURS.sub(b"", sent)
    assert not re.findall(rb"[\x00-\x08\x0b-\x1f\x7f].{0,20}", left)
    text = left.decode()
    assert not [sign for sign in SIGNS if sign in text]
    assert not [character for character in text if 0x80 <= ord(character) < 0xA0]
    assert "[/oops]" in text or size[0] < 60


def test_hostile_names_are_shown_whole_where_there_is_room() -> None:
    with Terminal(160, 40) as opened:
        opened.until(b"acme-prod")
        sent = (opened.lead(b"h") + opened.press(b"2")).decode()
        assert "[red]x[/]" in sent
        assert "␛" in sent
