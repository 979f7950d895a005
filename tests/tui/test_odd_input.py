"""Bytes, pastes, sizes and paths that nobody expects, on a running screen: nothing ends it or acts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events

from tests.tui.driving import main_of, make, on_top, part, running, screen
from tests.tui.pty_terminal import Terminal
from tests.tui.recorder import Recorder
from wbtui.domain.model import Operation
from wbtui.tui.toolkit.prompt import LONGEST, Masked, Prompt
from wbtui.tui.toolkit.terminal_input import PASTE_BEGINS, PASTE_ENDS, PasteRefused

NOISE = (
    b"\xe9j",  # Latin-1
    b"\xc3",  # half a character
    b"\xff\xfe\x80",
    b"\x1b[M\xff\xfe\x80",  # the mouse as X10 had it
    b"\x1b[1114112;5u\x1b[99999999999u\x1b[97:65;2:3u",
    b"\x1b[?2048;1$y\x1b[48;99999;99999;99999;99999t",
    b"\x1b[48;0;0;0;0t\x1b[<0;3;4M\x1b[<0;3;4m",
    b"\x1b[>0q\x1bP>|xTerm(1)\x1b\\\x1b]11;rgb:1/1/1\x1b\\",
    PASTE_BEGINS + b"caf\xe9 \0 x" + PASTE_ENDS,
    PASTE_BEGINS + b"log: \x1b[31mq\x1bq D x \x03" + PASTE_ENDS,
    b"\x1b[<0;99999;99999M\x1b[<35;-4;-4M",
)


@pytest.mark.terminal
@pytest.mark.slow
def test_noise_on_the_line_ends_nothing_and_q_still_does() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        for noise in NOISE:
            opened.press(noise)
            assert opened.process.poll() is None, noise
        assert b"acme-prod" in opened.press(b"\x0c"), "and it has its size still"
        opened.press(b"q")
        assert opened.process.wait(5) == 0


@pytest.mark.terminal
@pytest.mark.slow
def test_a_paste_without_an_end_does_not_make_it_deaf() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        opened.type(PASTE_BEGINS + b"q" * 200)
        opened.until(b"broke off")
        opened.press(b"q")
        assert opened.process.wait(5) == 0


@pytest.mark.terminal
@pytest.mark.slow
def test_a_size_that_no_terminal_has_is_not_drawn() -> None:
    with Terminal(environ={"COLUMNS": "99999", "LINES": "99999"}) as opened:
        opened.until(b"acme-prod")
        opened.press(b"q")
        assert opened.process.wait(10) == 0


@pytest.mark.terminal
@pytest.mark.slow
@pytest.mark.parametrize("error", ["RuntimeError", "KeyboardInterrupt", "SystemExit"])
def test_a_reader_of_the_terminal_that_dies_ends_the_program_with_a_fault(error: str) -> None:
    with Terminal(environ={"DIES": error}) as opened:
        sent = opened.until(b"the terminal cannot be read any more")
        assert b"\x1b[?1049l" in sent
        assert opened.process.wait(5) == 1


async def test_a_paste_goes_into_a_field_whole_or_not_at_all_and_that_is_said() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", "a")
        field = main_of(app).field
        app.post_message(events.Paste("b\r\nc\x1bq"))
        await pilot.pause()
        assert field.text == "ab c\u241bq"
        app.post_message(events.Paste("x" * LONGEST))
        await pilot.pause()
        assert field.text == "ab c\u241bq"
        assert f"too long: this takes {LONGEST} characters" in part(app, "field")
        await pilot.press("d")
        assert field.text == "ab c\u241bqd"
        assert "too long" not in part(app, "field")
        app.post_message(PasteRefused("The paste broke off: nothing of it was taken."))
        await pilot.pause()
        assert "The paste broke off" in part(app, "field")


async def test_a_secret_takes_no_sign_for_bytes_that_could_not_be_read() -> None:
    app = make()
    async with running(app) as pilot:
        field = Masked("secret")
        await main_of(app).mount(field)
        main_of(app).set_focus(field)
        app.post_message(events.Paste("caf\ufffd"))
        await pilot.pause()
        assert field.secret.reveal() == ""
        assert any("did not send UTF-8" in line for line in screen(app))
        app.post_message(events.Paste(" pass word "))
        await pilot.pause()
        assert field.secret.reveal() == "pass word"


async def test_the_work_of_a_key_does_not_grow_with_what_stands_in_the_field() -> None:
    app = make()
    async with running(app):
        field = Prompt("long", most=100_000)
        await main_of(app).mount(field)

        def work(length: int) -> float:
            field.open("x" * length)
            began = time.process_time()
            for _ in range(20):
                field._window(100)
            return time.process_time() - began

        work(100)
        assert work(100_000) < 20 * work(1000) + 0.05


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe")
    return str(folder / "pipe")


SOURCES: dict[str, tuple[Callable[[Path], str], str]] = {
    "nobody's": (lambda _: "~nosuchuser9/x.json", "the home folder of that user is not known"),
    "long": (lambda folder: f"{folder}/{'x' * 300}", "file name too long"),
    "pipe": (pipe, "is no regular file"),
    "device": (lambda _: "/dev/zero", "is no regular file"),
    "terminal": (lambda _: "/dev/tty", "is no regular file"),
    "nothing": (lambda folder: f"{folder}/none", "there is no such file"),
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("key", ["A", "T"])
async def test_a_path_that_leads_to_no_file_is_said_in_the_dialog(
    tmp_path: Path, key: str, kind: str
) -> None:
    make_path, words = SOURCES[kind]
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        row = main_of(app).model.view.selection.current
        assert isinstance(row, Operation)
        recorder.needed = {row.key: "the file is needed"}
        await pilot.press(key)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert on_top(app) == "AskScreen"
        app.post_message(events.Paste(make_path(tmp_path)))
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert on_top(app) == "AskScreen"
        assert any(words in line for line in screen(app)), screen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert on_top(app) == "MainScreen"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("~nosuchuser9/x.csv", "the home folder of that user is not known"),
        (f"/tmp/{'x' * 300}.csv", "file name too long"),
        ("/no/such/folder/x.csv", "there is no such folder"),
        ("/etc/passwd/x.csv", "there is no such folder"),
    ],
)
async def test_a_place_that_cannot_be_exported_to_is_said_in_the_dialog(name: str, words: str) -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("E", "ctrl+u")
        app.post_message(events.Paste(name))
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert on_top(app) == "AskScreen"
        assert any(words in line for line in screen(app)), screen(app)


async def test_e_opens_also_where_the_folder_one_works_in_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    app = make()
    async with running(app) as pilot:
        await pilot.press("E")
        await pilot.pause()
        assert any("~/wbtui-" in line for line in screen(app))
