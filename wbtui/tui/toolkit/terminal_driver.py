"""Write to the terminal without waiting for it, and notice when it is gone; `terminal_input.py` reads it.

Textual's own writer holds 30 pieces and then blocks the event loop, and with it polling and signals; and on a
terminal that was closed its reader spins. Here a thread of ours writes without ever blocking the loop: while
the line does not take them frames are dropped, and once it does again the whole screen is painted.
"""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Protocol, TextIO, runtime_checkable

from textual.app import App
from textual.driver import Driver
from textual.events import Resize
from textual.geometry import Size

from wbtui.tui.toolkit.terminal_input import TALLEST, WIDEST, TerminalInput
from wbtui.tui.toolkit.textual_internals import HAS_DRIVER, BaseDriver, driver_of, parser_works

FRAME_BEGINS: Final = "\x1b[?2026h"
FRAME_ENDS: Final = "\x1b[?2026l"
FRAME_BEGIN: Final = FRAME_BEGINS.encode()
FRAME_END: Final = FRAME_ENDS.encode()

MOST_PENDING: Final = 96 * 1024
"""Bytes that may wait for the line before frames are dropped: two full frames of a large terminal."""

CHUNK: Final = 4096
LONGEST_END: Final = 1.0
"""Seconds that the end of the program waits for a line that stands still."""

GONE_CODE: Final = 129
"""Exit code when the terminal has gone: that of SIGHUP."""

READ: Final = 4096
"""Bytes read from the terminal at once."""

TICK: Final = 0.1
"""Seconds without a byte after which what the terminal sent is looked at again."""

LEAVING: Final = 6.0
"""Seconds after which a program whose terminal has gone ends in any case; sessions are closed within 3."""

MOUSE_MODES: Final = (1000, 1003, 1015, 1006)
"""What a terminal sends of the mouse: buttons, movement, and places beyond column 223 in two spellings."""


class LineWriter(threading.Thread):
    """Writes to the terminal from a thread of its own; `write` never blocks.

    `back` is called in this thread once everything that waited was sent, if frames were dropped.
    """

    def __init__(self, file: TextIO, back: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="wbtui-output")
        self._encoding = file.encoding or "utf-8"
        self._fd, self._own_descriptor = _opened(file.fileno())
        self._back = back
        self._pieces: deque[bytes] = deque()
        self._pending = 0
        self._in_frame = False
        self._frame_sent_in_part = False
        """True between the first and the last byte of a frame."""
        self._dropping = False
        self._ending = False
        self._stopped = False
        self._gone = False
        self._changed = threading.Condition()

    @property
    def dropping(self) -> bool:
        """Return whether frames are being dropped."""
        return self._dropping

    def write(self, text: str) -> None:
        """Send a text later, or drop it if too much is waiting; a frame is dropped as a whole.

        What waits is dropped with it: the repaint that follows would have to wait for outdated frames.
        """
        with self._changed:
            if not self._in_frame and not self._ending and self._pending > MOST_PENDING:
                self._dropping = True
                self._drop_pending()
            if self._gone or (self._dropping and not self._ending):
                return
            if text == FRAME_BEGINS:
                self._in_frame = True
            elif text == FRAME_ENDS:
                self._in_frame = False
            piece = text.encode(self._encoding, "replace")
            self._pieces.append(piece)
            self._pending += len(piece)
            self._changed.notify()

    def _drop_pending(self) -> None:
        """Drop what was not sent yet; a frame that was sent in part is kept up to its end."""
        kept: deque[bytes] = deque()
        while self._frame_sent_in_part and self._pieces and FRAME_END not in kept:
            kept.append(self._pieces.popleft())
        self._pending -= sum(map(len, self._pieces))
        self._pieces = kept
        self._changed.notify()

    def ending(self) -> None:
        """Drop nothing from now on: what restores the terminal must arrive."""
        with self._changed:
            self._ending = True

    def stop(self) -> None:
        """Send what waits, for at most `LONGEST_END` seconds, then end the thread."""
        with self._changed:
            self._ending = self._stopped = True
            self._changed.notify()
        self.join(LONGEST_END)

    def run(self) -> None:
        """Write until stopped."""
        while (piece := self._next()) is not None:
            if not self._send(piece):
                with self._changed:
                    self._gone = True
                    self._pieces.clear()
                    self._pending = 0
        if self._own_descriptor:
            os.close(self._fd)

    def _next(self) -> bytes | None:
        """Return the next piece, waiting for it; None at the end."""
        with self._changed:
            while not self._pieces and (self._dropping or not self._stopped):
                if self._dropping:
                    self._dropping = False
                    self._back()
                else:
                    self._changed.wait()
            if not self._pieces:
                return None
            piece = self._pieces.popleft()
            self._frame_sent_in_part = (
                piece != FRAME_END if self._frame_sent_in_part else piece == FRAME_BEGIN
            )
            return piece

    def _send(self, piece: bytes) -> bool:
        """Send a piece, as fast as the line takes it; return False if there is no terminal any more."""
        left = memoryview(piece)
        ready = select.poll()
        ready.register(self._fd, select.POLLOUT)
        while left:
            events = ready.poll()
            if events and events[0][1] & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                return False
            try:
                sent = os.write(self._fd, left[:CHUNK])
            except BlockingIOError:
                continue
            except OSError:
                return False
            left = left[sent:]
            with self._changed:
                self._pending -= sent
        return True


def _opened(fd: int) -> tuple[int, bool]:
    """Return a descriptor of the terminal that never blocks, and whether it is our own.

    It is opened a second time: a duplicate would change the shell's descriptor, too.
    """
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), True
    except OSError:
        return fd, False


class InputLost(RuntimeError):
    """The thread that reads the terminal has ended: nothing that is typed arrives any more."""


@runtime_checkable
class Stoppable(Protocol):
    """An app that has something to do before the process is stopped."""

    def to_shell(self) -> None:
        """Do it, then call `TerminalDriver.stop_process`."""


class TerminalDriver(BaseDriver):
    """Textual's driver with a writer that never blocks, its own reader, and a watch on the terminal."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._running_loop = asyncio.get_running_loop()
        self._keyboard = (sys.__stdin__ or sys.stdin).fileno()
        self._line: LineWriter | None = None
        """None until something is written after the start."""
        self._mouse_taken = mouse
        self._watched = self._taken = self._stopped = False
        """Whether the terminal is watched; is ours; was given back to stop the process."""
        signal.signal(signal.SIGTSTP, self._stop_asked)
        signal.signal(signal.SIGCONT, self._continued)

    def terminal_size(self) -> tuple[int, int]:
        """Return columns and lines; what is set to more than any terminal has would take seconds to draw."""
        columns, lines = shutil.get_terminal_size()
        return min(columns, WIDEST), min(lines, TALLEST)

    def write(self, data: str) -> None:
        """Send a text to the terminal without waiting for it."""
        if self._line is None:
            self._line = LineWriter(sys.__stderr__ or sys.stderr, self._later(self._repaint))
            self._line.start()
        self._line.write(data)

    def _forget_line(self) -> None:
        self._line = None

    def close(self) -> None:
        """Send what waits, and stop writing."""
        if self._line is not None:
            self._line.stop()
        super().close()

    def start_application_mode(self) -> None:
        """Take the terminal over, and watch it from now on."""
        self._taken = True
        self._forget_line()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual names no type
        if self._line is not None:  # else it is another process's at present
            self._stopped = False
        resized = self._later(self._resized)
        signal.signal(signal.SIGWINCH, lambda *_: resized())
        if not self._watched:
            self._watched = True
            ended = self._later(self._leave)
            arguments = (self._keyboard, ended)
            threading.Thread(target=watch, args=arguments, daemon=True, name="wbtui-watch").start()

    def stop_application_mode(self) -> None:
        """Give the terminal back; nothing of this is dropped."""
        if self._line is not None:
            self._line.ending()
        super().stop_application_mode()
        self._taken = False

    def stop_process(self) -> None:
        """Give the terminal back and stop this process; return when it is continued."""
        self.suspend_application_mode()
        self._stopped = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def take_mouse(self, on: bool) -> bool:
        """Have the terminal send what the mouse does, or not; return False if the program runs without it."""
        if self._mouse_taken:
            self.write("".join(f"\x1b[?{mode}{'h' if on else 'l'}" for mode in MOUSE_MODES))
        return self._mouse_taken

    def _stop_asked(self, *_: object) -> None:
        """Have the sessions closed before the process is stopped, whoever asked for it.

        While the program ends it has given the terminal back already, and is stopped as any other.
        """
        if not self._taken:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif isinstance(self.shown, Stoppable):
            self._later(self.shown.to_shell)()
        else:
            self.stop_process()

    def _continued(self, *_: object) -> None:
        """Take the terminal over again and paint everything.

        A process that was stopped without a warning (kill -STOP) has not given the terminal back. It does so
        now: the shell has used it meanwhile, and two readers of the keyboard would share the keys. One that
        is ending has given it back, and takes nothing.
        """
        if not self._taken and not self._stopped:
            return
        if not self._stopped:
            self.suspend_application_mode()
        self.resume_application_mode()
        self._later(self._repaint)()

    def _resized(self) -> None:
        """Tell the app the present size.

        Textual reads it in the signal handler: one that is interrupted by the next tells an old size last.
        """
        if not self.sized_in_band:
            size = Size(*self.terminal_size())
            self.shown.post_message(Resize(size, size))

    def run_input_thread(self) -> None:
        """Pass on what the terminal sends until told to stop; however this ends else, the program ends."""
        if not parser_works():
            super().run_input_thread()
            return
        with ExitStack() as stack:
            stack.push(self._input_ended)
            incoming = TerminalInput()
            while not self.wait_for_end_of_reading():
                if not select.select([self._keyboard], [], [], TICK)[0]:
                    messages = incoming.quiet(TICK)
                elif data := os.read(self._keyboard, READ):
                    messages = incoming.take(data)
                else:  # the end of a terminal that has gone, again and again
                    self.wait_for_end_of_reading(TICK)
                    continue
                for message in messages:
                    self.process_message(message)

    def _input_ended(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """End the program with the error that ended the reading; a terminal that has gone is none."""
        if isinstance(error, OSError):
            self._later(self._leave)()
        elif error is not None:
            self.shown.call_later(_raise_lost, error)
        return True

    def _repaint(self) -> None:
        self.shown.refresh()

    def _leave(self) -> None:
        self.shown.exit(return_code=GONE_CODE)

    def _later(self, act: Callable[[], None]) -> Callable[[], None]:
        """Return what has something done in the loop when called from a thread; nothing once it is closed."""
        loop = self._running_loop

        def call() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(act)

        return call


DRIVER: Final[type[Driver] | None] = TerminalDriver if HAS_DRIVER else None
"""The driver to use; None: Textual's own."""


def _raise_lost(error: BaseException) -> None:
    raise InputLost("the terminal cannot be read any more") from error


def watch(fd: int, gone: Callable[[], None]) -> None:
    """Wait until the terminal has gone, ask for a good end, and make sure of one.

    With SIGHUP ignored nothing else would tell: reading gives an end of file for ever.
    """
    hung_up = select.poll()
    hung_up.register(fd, 0)
    hung_up.poll()
    gone()
    threading.Event().wait(LEAVING)
    os._exit(GONE_CODE)


def write_to_terminal(app: App[Any], codes: str) -> None:
    """Send an escape sequence that is not part of a frame; nothing happens without a terminal."""
    if (driver := driver_of(app)) is not None:
        driver.write(codes)


def take_mouse(app: App[Any], on: bool) -> bool:
    """Switch the mouse on or off; return False if the program was started without it."""
    driver = driver_of(app)
    return isinstance(driver, TerminalDriver) and driver.take_mouse(on)


def stop_process(app: App[Any]) -> bool:
    """Give the terminal back and stop this process until it is continued; return False if that cannot be."""
    if not isinstance(driver := driver_of(app), TerminalDriver):
        return False
    driver.stop_process()
    return True
