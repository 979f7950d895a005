"""Keys that can be none of wbtui's are not taken in silence: what to do is said, once."""

from __future__ import annotations

import asyncio
import math

import pytest
from textual.containers import Container

from tests.slowness import patience
from tests.tui.driving import main_of, make, on_top, part, running
from tests.tui.recorder import Recorder
from wbtui.tui.main_screen import MainScreen
from wbtui.tui.toolkit.terminal_input import (
    UNFINISHED,
    TerminalInput,
    UnknownKey,
    is_key_code,
    of_another_layout,
)

SCO = [f"\x1b[{letter}".encode() for letter in "MNTUVWXYefghijklmnopqrstvwxyz@[\\]^_`{"]
"""Those of PuTTY's function keys in its mode SCO that Textual knows as no other key."""


def events_of(*pieces: bytes) -> list[object]:
    incoming = TerminalInput()
    found: list[object] = []
    for piece in pieces:
        found += incoming.take(piece)
    return [*found, *incoming.quiet(UNFINISHED)]


@pytest.mark.parametrize("sign", ["ж", "Й", "ξ", "ת", "ش", "ㅂ", "中", "？", "ｊ", "١", "๑", "ा", "؟"])
def test_a_letter_of_another_layout_is_known_as_one(sign: str) -> None:
    assert of_another_layout("some_name", sign) == sign


@pytest.mark.parametrize("sign", ["j", "é", "ß", "ñ", "ế", "€", "§", "²", "µ", "–", "“", "\u0301", " ", "\r"])
def test_what_a_latin_layout_has_is_not(sign: str) -> None:
    assert not of_another_layout("some_name", sign)


def test_a_key_with_ctrl_is_known_by_its_name() -> None:
    assert of_another_layout("ctrl+cyrillic_small_letter_es", None) == "с"
    assert not of_another_layout("ctrl+c", None)
    assert not of_another_layout("pageup", None)


@pytest.mark.parametrize("code", SCO)
def test_a_function_key_of_another_kind_is_told_and_no_key(code: bytes) -> None:
    found = events_of(code)
    assert [type(each) for each in found] == [UnknownKey]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x1b[M !!",
        b"\x1b[?1;2c",
        b"\x1b[0n",
        b"\x1b[8;24;80t",
        b"\x1b]11;rgb:0/0/0\x07",
        b"\x1b[I",
        b"\x1b[O",
    ],
)
def test_answers_and_the_mouse_are_no_keys(sent: bytes) -> None:
    assert not [each for each in events_of(sent) if isinstance(each, UnknownKey)]
    assert not is_key_code(b"\x1b[?1;2c")


async def test_a_key_of_another_layout_says_once_what_to_do() -> None:
    app = make()
    async with running(app) as pilot:
        for key in ("j", "ж"):
            await pilot.press(key)
        said = part(app, "message")
        assert "ж: keys need a Latin keyboard layout: switch to one. ? lists the keys." in said
        app.say("something else")
        await pilot.press("в")
        assert part(app, "message").strip().startswith("something else")
        await pilot.press("j", "в")
        assert "в: keys need a Latin keyboard layout" in part(app, "message")


async def test_in_a_field_it_is_a_letter_like_any_other() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", "ж")
        assert "Latin" not in part(app, "message")
        assert "ж" in part(app, "field")


@pytest.mark.parametrize("keys", [("question_mark",), ("2", "X")])
async def test_dialogs_say_it_in_their_frame(keys: tuple[str, ...]) -> None:
    app = make(Recorder())
    async with running(app) as pilot:
        async with asyncio.timeout(patience(30)):
            while main_of(app).seen_since == math.inf:
                await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert on_top(app) != MainScreen.__name__
        await pilot.press("н")
        await pilot.pause()
        boxes = app.screen.query_children(Container)
        assert [str(box.border_subtitle) for box in boxes if "Latin keyboard" in str(box.border_subtitle)]


async def test_an_unknown_key_code_says_once_what_to_do() -> None:
    app = make()
    async with running(app) as pilot:
        app.post_message(UnknownKey())
        await pilot.pause()
        assert "In PuTTY set function keys to Xterm R6. ? lists the keys." in part(app, "message")
        app.say("something else")
        app.post_message(UnknownKey())
        await pilot.pause()
        assert part(app, "message").strip().startswith("something else")
