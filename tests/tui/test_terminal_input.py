"""What a terminal sends, cut up: pure, with the silence between the bytes handed in."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from textual import events, messages
from textual.message import Message

from wbtui.tui.toolkit.terminal_input import (
    LARGEST_PASTE,
    PASTE_BEGINS,
    PASTE_ENDS,
    PasteRefused,
    TerminalInput,
)
from wbtui.tui.toolkit.textual_internals import KeyParser

IN_BAND_HELD = b"\x1b[?2048;1$y"


def shown(messages: Iterable[Message]) -> list[str]:
    """Say in words what came."""
    return [_shown(each) for each in messages]


def _shown(message: Message) -> str:
    match message:
        case events.Key():
            plain = message.is_printable and message.character and "alt+" not in message.key
            return message.character if plain and message.character else message.key
        case events.Paste():
            return f"paste {message.text!r}"
        case PasteRefused():
            return "refused"
        case events.Resize():
            return f"size {message.size.width}x{message.size.height}"
    return type(message).__name__


def typed(*reads: bytes, silence: float = 2.0) -> list[str]:
    """Say what came of these bytes, read one after the other, with silence behind them."""
    incoming = TerminalInput()
    found = [each for read in reads for each in shown(incoming.take(read))]
    return found + shown(incoming.quiet(silence))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"q", ["q"]),
        (b"\x1b", ["escape"]),
        (b"\x1b\x1b", ["escape", "escape"]),
        (b"\x1b[A\x1bOB\x1b[1;5C", ["up", "down", "ctrl+right"]),
        (b"\x1bx", ["alt+x"]),
        (b"\x1b[", ["["]),
        (b"\x1bO", ["alt+shift+o"]),
        (b"\x1b[[A\x1b[15~", ["f1", "f5"]),
        (b"\x03\r\t\x7f", ["ctrl+c", "enter", "tab", "backspace"]),
        (b"\x1b[99;5u\x1b[0;;104:105u", ["ctrl+c", "h", "i"]),
        ("äß漢😀".encode(), ["ä", "ß", "漢", "😀"]),
        (b"\x1b[I\x1b[O", ["AppFocus", "AppBlur"]),
        (b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M", ["MouseDown", "MouseUp", "MouseScrollUp"]),
        (b"\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput"]),
    ],
)
def test_what_a_hand_types_comes_as_it_always_did(sent: bytes, meant: list[str]) -> None:
    assert typed(sent) == meant
    assert typed(*(bytes([byte]) for byte in sent)) == meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"\xe9j", ["\ufffd", "j"]),
        (b"\xc3j", ["\ufffd", "j"]),
        (b"j\xe9", ["j", "\ufffd"]),
        (b"\xff\xfe\x80j", ["\ufffd"] * 3 + ["j"]),
        (b"\xc3\x1b[Aj", ["\ufffd", "up", "j"]),
        (b"\x1b\xe9j", ["\ufffd", "j"]),
        (b"\xed\xa0\x80j", ["\ufffd"] * 3 + ["j"]),  # half of a surrogate pair
    ],
)
def test_bytes_that_are_no_utf_8_become_a_sign_and_nothing_else(sent: bytes, meant: list[str]) -> None:
    assert typed(sent) == meant


@pytest.mark.parametrize(
    "sent",
    [
        b"\x1b[M \xff\xfe",  # the mouse as X10 had it
        b"\x1b[M#q\x7f",
        b"\x1b[35;10;10M",  # as urxvt has it
        b"\x1b[<0;-1;-1M",
        b"\x1b[1114112;5u",  # no character has this code
        b"\x1b[99999999999999999999u",
        b"\x1b[55296u",  # half of a surrogate pair
        b"\x1b[97:65;2u",
        b"\x1b[97;5:3u",
        b"\x1b[0;;1114112u",
        b"\x1b[;;;;u",
        b"\x1b[" + b"1" * 31 + b"u",
        b"\x1b[" + b"1" * 5000 + b"u",
        b"\x1b[?62;22c",  # an answer to what an earlier program asked
        b"\x1b[>0q",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        b"\x1b]52;c;" + b"cXFx" * 1000 + b"\x07",
        b"\x1bP>|XTerm(370)\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b[12",  # broken off
        b"\x1b]11;rgb:q",
        b"\x1b[M ",
        b"\x1b[201~",
        b"\x1b[48;24;80;480;640t",  # a size that nobody asked for
    ],
)
def test_what_is_no_key_types_nothing(sent: bytes) -> None:
    assert typed(sent) == []
    assert typed(sent + b"\x03")[-1:] == ["ctrl+c"], "the next key is a key"
    assert typed(*(bytes([byte]) for byte in sent[:200] if len(sent) <= 200)) == []


@pytest.mark.parametrize(
    ("size", "meant"),
    [
        (b"\x1b[48;24;80;480;640t", ["size 80x24"]),
        (b"\x1b[48;24;80;0;0t", ["size 80x24"]),
        (b"\x1b[48;99999;99999;1;1t", []),
        (b"\x1b[48;0;0;0;0t", []),
        (b"\x1b[48;24:1;80:2;480:3:3:3:3;640:4:4:4:4t", ["size 80x24"]),
    ],
)
def test_a_size_in_band_is_one_that_a_terminal_can_have(size: bytes, meant: list[str]) -> None:
    incoming = TerminalInput()
    assert [type(each) for each in incoming.take(IN_BAND_HELD)] == [messages.InBandWindowResize]
    assert shown(incoming.take(size)) == meant
    assert shown(incoming.take(b"\x1b[<0;3;4M")) == ["MouseDown"], "and the mouse still has a place"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (b"5001", "5001"),
        (b"log: \x1b[31mq\x1b", "log: \x1b[31mq\x1b"),
        (b"\x1b[200~twice", "\x1b[200~twice"),
        (b"caf\xe9 x", "caf\ufffd x"),
        (b"a\0b", "ab"),
        (b"", ""),
        (b"\x1b[20", "\x1b[20"),
        (b"a\r\nq", "a\r\nq"),
    ],
)
def test_a_paste_is_text_whole_however_it_is_cut(text: bytes, taken: str) -> None:
    sent = b"j" + PASTE_BEGINS + text + PASTE_ENDS + b"k"
    for cut in range(1, len(sent)):
        assert typed(sent[:cut], sent[cut:]) == ["j", f"paste {taken!r}", "k"], cut
    assert typed(*(bytes([byte]) for byte in sent)) == ["j", f"paste {taken!r}", "k"]


def test_a_paste_that_is_too_large_is_nothing_and_said() -> None:
    piece = b"q" * 4096
    reads = [
        PASTE_BEGINS,
        *[piece] * (LARGEST_PASTE // len(piece)),
        b"D" + PASTE_ENDS[:3],
        PASTE_ENDS[3:] + b"k",
    ]
    assert typed(*reads) == ["refused", "k"]


def test_a_paste_whose_end_never_comes_is_given_up_and_its_rest_types_nothing() -> None:
    incoming = TerminalInput()
    assert shown(incoming.take(PASTE_BEGINS + b"q" * 5000)) == []
    assert shown(incoming.quiet(0.9)) == []
    assert shown(incoming.quiet(0.2)) == ["refused"]
    assert shown(incoming.take(b"j")) == ["j"], "a hand types"
    assert shown(incoming.take(b"q" * 4096)) == [], "but this is the rest of it"
    assert shown(incoming.take(b"qq" + PASTE_ENDS + b"k")) == ["k"]
    assert shown(incoming.take(b"q" * 100)) == ["q"] * 100


@pytest.mark.parametrize("key", [b"\x1b", b"\x03", b"\x1b[99;5u", b"\x1b[27u"])
def test_a_paste_without_an_end_can_be_left(key: bytes) -> None:
    incoming = TerminalInput()
    list(incoming.take(PASTE_BEGINS + b"x"))
    assert shown(incoming.take(key)) == [], "in the middle of a paste it is text"
    list(incoming.quiet(0.4))
    found = shown(incoming.take(key)) + shown(incoming.quiet(0.1))
    assert found[0] == "refused"
    assert found[1:] in (["escape"], ["ctrl+c"])


def test_an_escape_sequence_may_come_in_pieces_but_esc_is_not_waited_for() -> None:
    incoming = TerminalInput()
    assert shown(incoming.take(b"\x1b[1;")) == []
    assert shown(incoming.quiet(0.5)) == []
    assert shown(incoming.take(b"5C")) == ["ctrl+right"]
    assert shown(incoming.take(b"\x1b")) == []
    assert shown(incoming.quiet(0.1)) == ["escape"]


def test_no_bytes_end_it() -> None:
    chance = random.Random(11)
    parts = (
        b"\x1b",
        b"[",
        b"\x1b[",
        b"200~",
        b"201~",
        b";",
        b":",
        b"u",
        b"t",
        b"M",
        b"<",
        b"48;",
        b"2048;1$y",
        b"?",
    )
    for _ in range(60):
        incoming = TerminalInput()
        for _ in range(60):
            random_bytes = chance.randbytes(chance.randrange(6))
            list(incoming.take(chance.choice(parts) + random_bytes + chance.choice(parts)))
            list(incoming.quiet(chance.choice((0.0, 0.1, 0.4))))
        list(incoming.quiet(2.0))
        assert shown(incoming.take(b"\x03"))[-1:] == ["ctrl+c"]


def test_the_parser_goes_on_after_what_it_cannot_read() -> None:
    parser = KeyParser()
    assert list(parser.feed("\x1b[1114112;5u")) == []
    assert parser.at_rest
    assert shown(parser.feed("j")) == ["j"]
