"""Copying: which way is taken where, and what is said of it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.slowness import patience
from wbtui.desktop.clipboard import Clipboard, CopyPlace, osc52, passed_to, place_of, wrapped

X11 = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))


@pytest.mark.parametrize(
    ("environ", "platform", "there", "place"),
    [
        ({}, "linux", {"xclip", "tmux"}, CopyPlace()),
        ({"DISPLAY": ":0"}, "linux", {"xclip", "xsel"}, CopyPlace(tools=X11)),
        ({"DISPLAY": ":0"}, "linux", {"xsel"}, CopyPlace(tools=X11[1:])),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", {"wl-copy", "xsel"},
         CopyPlace(tools=(("wl-copy",), X11[1]))),
        ({}, "darwin", {"pbcopy"}, CopyPlace(tools=(("pbcopy",),))),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "a b"}, "linux", {"xclip"}, CopyPlace(ssh=True)),
        ({"SSH_TTY": "/dev/pts/1", "TMUX": "/tmp/t,1"}, "linux", {"tmux"}, CopyPlace(ssh=True, tmux=True)),
        ({"TMUX": "/tmp/t,1"}, "linux", set(), CopyPlace()),
    ],
)  # fmt: skip
def test_the_place_decides_which_ways_there_are(
    environ: Mapping[str, str], platform: str, there: set[str], place: CopyPlace
) -> None:
    assert place_of(environ, lambda name: name if name in there else None, platform) == place


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], tuple[str, ...]]:
    def make(name: str, body: str) -> tuple[str, ...]:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return (str(path),)

    return make


async def test_a_native_tool_gets_the_text_and_the_terminal_nothing(
    program: Callable[[str, str], tuple[str, ...]], tmp_path: Path
) -> None:
    sent: list[str] = []
    tool = program("tool", f"cat > {tmp_path}/taken")
    said = await Clipboard(CopyPlace(tools=(tool,)), sent.append).copy("fünf")
    assert said == f"given to {tool[0]} (5 bytes)"
    assert (tmp_path / "taken").read_text() == "fünf"
    assert sent == []


async def test_a_tool_that_fails_or_hangs_is_passed_over_after_a_second(
    program: Callable[[str, str], tuple[str, ...]],
) -> None:
    sent: list[str] = []
    tools = (program("fails", "exit 1"), program("hangs", "exec sleep 60"), ("/no/such/tool",))
    began = time.monotonic()
    assert await Clipboard(CopyPlace(tools=tools), sent.append).copy("x") == "sent to the terminal (1 byte)"
    assert time.monotonic() - began < patience(5)
    assert sent == [osc52("x")]


async def test_without_a_tool_the_text_goes_to_the_terminal_raw() -> None:
    sent: list[str] = []
    clipboard = Clipboard(CopyPlace(ssh=True), sent.append)
    assert await clipboard.copy("op:5001\nop:5002") == "sent to the terminal (15 bytes)"
    assert sent == ["\x1b]52;c;" + base64.b64encode(b"op:5001\nop:5002").decode() + "\x07"]
    assert clipboard.last == "op:5001\nop:5002"


async def test_in_tmux_the_buffer_comes_first_and_both_codes_if_tmux_is_too_old(
    program: Callable[[str, str], tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    program("tmux", f'echo "$@" > {tmp_path}/asked; cat > {tmp_path}/taken')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    clipboard = Clipboard(CopyPlace(ssh=True, tmux=True), sent.append)
    assert await clipboard.copy("abc") == "sent to the terminal (3 bytes)"
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "taken").read_text() == "abc"
    assert sent == []
    program("tmux", "exit 1")
    assert await clipboard.copy("abc") == "sent to the terminal (3 bytes)"
    assert sent == [osc52("abc") + wrapped(osc52("abc"))]


def content_and_mode(path: Path) -> tuple[str, int]:
    return path.read_text(), path.stat().st_mode & 0o777


async def test_a_long_text_is_saved_and_the_file_is_named(tmp_path: Path) -> None:
    sent: list[str] = []
    said = await Clipboard(CopyPlace(ssh=True), sent.append, tmp_path).copy("y" * 80_000)
    path = Path(said.removeprefix("too long for a terminal (80 000 bytes): saved as "))
    assert path.parent == tmp_path
    assert content_and_mode(path) == ("y" * 80_000, 0o600)
    assert sent == []


async def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    sent: list[str] = []
    said = await Clipboard(CopyPlace(), sent.append, tmp_path / "none").copy("y" * 80_000)
    assert said == "too long for a terminal (80 000 bytes), and not saved: No such file or directory"


def test_what_tmux_passes_on_is_doubled_and_closed() -> None:
    assert wrapped("\x1b]52;c;eA==\x07") == "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\"


async def test_a_program_that_is_not_there_takes_nothing() -> None:
    assert not await passed_to(("/no/such/program",), "x")
