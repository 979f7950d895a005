"""A terminal that stands still, comes back, or is gone; on real pseudo-terminals, in seconds."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from tests.slowness import patience
from tests.tui.pty_app import LAST
from tests.tui.pty_terminal import Terminal
from wbtui.tui.toolkit.terminal_driver import FRAME_BEGINS, FRAME_ENDS, GONE_CODE, LineWriter

pytestmark = pytest.mark.terminal

MORE_THAN_A_PTY_HOLDS = 80_000


@contextmanager
def line() -> Iterator[tuple[LineWriter, int, Event]]:
    """A writer on a pseudo-terminal, the end that reads it, and what is set when the line is back."""
    master, slave = pty.openpty()
    back = Event()
    with os.fdopen(slave, "w", encoding="utf-8") as file:
        writer = LineWriter(file, back.set)
        writer.start()
        yield writer, master, back
        writer.stop()
    os.close(master)


def read(fd: int, seconds: float = 0.4) -> bytes:
    found = b""
    while select.select([fd], [], [], seconds)[0]:
        found += os.read(fd, 65536)
    return found


def frame(writer: LineWriter, number: int, size: int = 8000) -> None:
    writer.write(FRAME_BEGINS)
    writer.write(f"<{number}>" + "x" * size)
    writer.write(FRAME_ENDS)


def test_what_is_written_arrives_in_order() -> None:
    with line() as (writer, master, back):
        for number in range(5):
            frame(writer, number, 3)
        text = read(master).decode()
        assert text == "".join(f"{FRAME_BEGINS}<{number}>xxx{FRAME_ENDS}" for number in range(5))
        assert not back.is_set()


def test_behind_a_line_that_stands_still_nobody_is_blocked_and_only_the_frame_on_its_way_is_kept() -> None:
    with line() as (writer, master, back):
        frame(writer, 0, MORE_THAN_A_PTY_HOLDS)
        assert select.select([master], [], [], patience(2))[0]
        began = time.monotonic()
        for number in range(1, 500):
            frame(writer, number)
        assert time.monotonic() - began < patience(1.0)
        assert writer.dropping, "frames are dropped"
        assert not back.is_set()
        text = read(master).decode()
        assert back.wait(patience(2))
        assert text == f"{FRAME_BEGINS}<0>{'x' * MORE_THAN_A_PTY_HOLDS}{FRAME_ENDS}"
        frame(writer, 501)
        assert "<501>" in read(master).decode()


def test_what_restores_the_terminal_is_never_dropped() -> None:
    with line() as (writer, master, _):
        for number in range(100):
            frame(writer, number)
        writer.ending()
        writer.write("\x1b[?1049l")
        assert read(master).endswith(b"\x1b[?1049l")


def test_stopping_does_not_wait_for_a_line_that_stands_still() -> None:
    with line() as (writer, _, _):
        for number in range(100):
            frame(writer, number)
        began = time.monotonic()
        writer.stop()
        assert time.monotonic() - began < patience(2.0)


def test_letters_that_the_terminal_cannot_show_do_not_end_the_program() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="iso-8859-1") as file:
        writer = LineWriter(file, lambda: None)
        writer.start()
        writer.write("Größe 漢字 ─")
        assert read(master) == "Größe ?? ?".encode("iso-8859-1")
        writer.stop()
    os.close(master)


def test_the_screen_goes_on_behind_a_frozen_line_and_repaints_once_it_moves() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        opened.flood()
        until = time.monotonic() + patience(15)
        while opened.ticks() < LAST and time.monotonic() < until:
            time.sleep(0.1)
        assert opened.ticks() == LAST, "the loop was never blocked"
        sent = opened.until(f"run {LAST}.".encode())
        assert 1 <= sent.count(b"[RW]") < LAST / 3, "frames were dropped, and the last one is whole"


def test_sigterm_ends_a_program_whose_line_is_frozen() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        opened.flood()
        time.sleep(2.5)
        opened.process.send_signal(signal.SIGTERM)
        assert opened.process.wait(3) == 128 + signal.SIGTERM


def test_a_program_whose_terminal_is_gone_ends_at_once() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        opened.hang_up()
        assert opened.process.wait(2) == GONE_CODE
