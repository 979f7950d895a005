"""The terminal's side of the screen: survives a line that stands still, and notices one that is gone.

What the terminal sends is read by `terminal_input.py`.

Textual's own writer holds 30 pieces and then blocks the event loop, and with it polling and signals; and on a
terminal that was closed its reader spins. Here a thread of ours writes without ever blocking the loop: while
the line does not take them frames are dropped, and once it does again the screen is painted anew.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Protocol, TextIO, runtime_checkable

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size

from wbtui.tui.toolkit.terminal_input import TALLEST, WIDEST, TerminalInput

FRAME_BEGINS: Final = "\x1b[?2026h"
FRAME_ENDS: Final = "\x1b[?2026l"
FRAME_BEGIN: Final = FRAME_BEGINS.encode()
FRAME_END: Final = FRAME_ENDS.encode()

MOST_PENDING: Final = 96 * 1024
"""Bytes that may wait for the line before frames are dropped: two full frames of a large terminal."""

CHUNK: Final = 4096
LAST_WORDS: Final = 1.0
"""Seconds that the end of the program waits for a line that stands still."""

GONE_CODE: Final = 129
"""Exit code when the terminal has gone: that of SIGHUP."""

READ: Final = 4096
"""Bytes read from the terminal at once."""

TICK: Final = 0.1
"""Seconds without a byte after which what the terminal sent is looked at again."""

LEAVING: Final = 6.0
"""Seconds after which a program whose terminal has gone ends in any case; sessions are closed within 3."""


class LineWriter(WriterThread):
    """Writes to the terminal from a thread of its own; `write` never blocks.

    `back` is called in the loop of the screen once everything that waited has left, if frames were dropped.
    """

    def __init__(self, file: TextIO, back: Callable[[], None]) -> None:
        super().__init__(file)
        self._encoding = file.encoding or "utf-8"
        self._fd, self._own = _opened(file.fileno())
        self._back = back
        self._pieces: deque[bytes] = deque()
        self._pending = 0
        self._in_frame = False
        self._on_its_way = False
        """True while a frame has left in part."""
        self._dropping = False
        self._ending = False
        self._stopped = False
        self._gone = False
        self._news = threading.Condition()

    @property
    def dropping(self) -> bool:
        """Return whether frames are being dropped."""
        return self._dropping

    def write(self, text: str) -> None:
        """Take a text for the line, or drop it if too much is waiting; a frame is dropped as a whole.

        What waits is dropped with it: a repaint follows, and would be kept waiting by frames out of date.
        """
        with self._news:
            if not self._in_frame and not self._ending and self._pending > MOST_PENDING:
                self._dropping = True
                self._let_go()
            if self._gone or (self._dropping and not self._ending):
                return
            if text == FRAME_BEGINS:
                self._in_frame = True
            elif text == FRAME_ENDS:
                self._in_frame = False
            piece = text.encode(self._encoding, "replace")
            self._pieces.append(piece)
            self._pending += len(piece)
            self._news.notify()

    def _let_go(self) -> None:
        """Forget what has not left yet, up to the end of a frame that has left in part."""
        kept: deque[bytes] = deque()
        while self._on_its_way and self._pieces and FRAME_END not in kept:
            kept.append(self._pieces.popleft())
        self._pending -= sum(map(len, self._pieces))
        self._pieces = kept
        self._news.notify()

    def ending(self) -> None:
        """Take everything from now on: what restores the terminal must not be dropped."""
        with self._news:
            self._ending = True

    def stop(self) -> None:
        """Let what waits go out, but not longer than `LAST_WORDS`; a line that stands still is left."""
        with self._news:
            self._ending = self._stopped = True
            self._news.notify()
        self.join(LAST_WORDS)

    def run(self) -> None:
        """Write until stopped."""
        while (piece := self._next()) is not None:
            if not self._send(piece):
                with self._news:
                    self._gone = True
                    self._pieces.clear()
                    self._pending = 0
        if self._own:
            os.close(self._fd)

    def _next(self) -> bytes | None:
        """Return the next piece, waiting for it; None at the end."""
        with self._news:
            while not self._pieces and (self._dropping or not self._stopped):
                if self._dropping:
                    self._dropping = False
                    self._back()
                else:
                    self._news.wait()
            if not self._pieces:
                return None
            piece = self._pieces.popleft()
            self._on_its_way = piece != FRAME_END if self._on_its_way else piece == FRAME_BEGIN
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
            with self._news:
                self._pending -= sent
        return True


def _opened(fd: int) -> tuple[int, bool]:
    """Return a descriptor of the terminal that never blocks, and whether it is our own.

    Opened anew, since a duplicate would make the shell's descriptor one that does not block, too.
    """
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), True
    except OSError:
        return fd, False


class InputLost(RuntimeError):
    """The thread that reads the terminal has ended: nothing that is typed would come any more."""


@runtime_checkable
class Stoppable(Protocol):
    """An app that has something to do before the process is stopped."""

    def to_shell(self) -> None:
        """Do it, then call `TerminalDriver.stop_process`."""
        ...


class TerminalDriver(LinuxDriver):
    """Textual's driver with a writer that never blocks, and a watch on the terminal itself."""

    _line: LineWriter | None = None
    _watched = False
    _taken = False
    """Whether the terminal is ours, and has not been given back."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._size = (
            size or self._get_terminal_size()
        )  # else the app would ask past us before the first frame

    @property
    def _writer_thread(self) -> WriterThread | None:
        return self._line

    @_writer_thread.setter
    def _writer_thread(self, thread: WriterThread | None) -> None:
        """Put our writer in the place of Textual's, which was made but not started."""
        if thread is None:
            self._line = None
            return
        repaint = _later(asyncio.get_running_loop(), self._repaint)
        self._line = LineWriter(sys.__stderr__ or sys.stderr, repaint)

    def start_application_mode(self) -> None:
        """Take the terminal over, and watch it from now on."""
        self._taken = True
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual names no type
        resized = _later(asyncio.get_running_loop(), self._resized)
        signal.signal(signal.SIGWINCH, lambda *_: resized())
        if not self._watched:
            self._watched = True
            ended = _later(asyncio.get_running_loop(), self._leave)
            threading.Thread(target=watch, args=(self.fileno, ended), daemon=True, name="wbtui-watch").start()

    def stop_application_mode(self) -> None:
        """Give the terminal back; nothing of this is dropped."""
        if self._line is not None:
            self._line.ending()
        super().stop_application_mode()
        self._taken = False

    def stop_process(self) -> None:
        """Give the terminal back and stop this process; return when it has been let go on."""
        super()._sigtstp_application()

    def _sigtstp_application(self, *_: object) -> None:
        """Have the sessions closed before the process is stopped, whoever asked for it.

        While the program ends it has given the terminal back already, and is stopped as any other.
        """
        if not self._taken:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif isinstance(self._app, Stoppable):
            _later(asyncio.get_running_loop(), self._app.to_shell)()
        else:
            self.stop_process()

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal over again and paint anew.

        One that was stopped without a word (kill -STOP) has not given it back: that is made up for, since
        the shell has used it meanwhile, and two readers of the keyboard would share the keys. One that had
        given it back before, since it ends, has nothing to take.
        """
        if not self._taken and not self._must_signal_resume:
            return
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
        super()._sigcont_application()
        _later(asyncio.get_running_loop(), self._repaint)()

    def _resized(self) -> None:
        """Tell the app the present size.

        Textual reads it in the signal handler: one that is interrupted by the next tells an old size last.
        """
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(Resize(size, size))

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return columns and lines; what is set to more than any terminal has would take seconds to draw."""
        columns, lines = super()._get_terminal_size()
        return min(columns, WIDEST), min(lines, TALLEST)

    def run_input_thread(self) -> None:
        """Pass on what the terminal sends until told to stop; however this ends else, the program ends."""
        with ExitStack() as stack:
            stack.push(self._input_ended)
            incoming = TerminalInput()
            while not self.exit_event.is_set():
                if not select.select([self.fileno], [], [], TICK)[0]:
                    messages = incoming.quiet(TICK)
                elif data := os.read(self.fileno, READ):
                    messages = incoming.take(data)
                else:  # the end of a terminal that has gone, again and again
                    self.exit_event.wait(TICK)
                    continue
                for message in messages:
                    self.process_message(message)

    def _input_ended(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """End the program with the error that ended the reading; a terminal that has gone is none."""
        if isinstance(error, OSError):
            _later(self._loop, self._leave)()
        elif error is not None:
            self._app.call_later(_give_up, error)
        return True

    def _repaint(self) -> None:
        self._app.refresh()

    def _leave(self) -> None:
        self._app.exit(return_code=GONE_CODE)


def _later(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> Callable[[], None]:
    """Return what has something done in the loop when called from a thread; nothing once it is closed."""

    def call() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(act)

    return call


def _give_up(error: BaseException) -> None:
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


class SpanUpdate(ChopsUpdate):
    """The changed spans of a frame, each sent from its first changed cell to its last."""

    def render_segments(self, console: Console) -> str:
        """Return the text and codes for the terminal."""
        sent: list[str] = []
        for y, first, last in self.spans:
            for end, (start, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(start, first), min(end, last)
                if strip is not None and left < right:
                    sent.append(Control.move_to(left, y).segment.text)
                    sent.append(strip.crop(left - start, right - start).render(console))
        return "".join(sent)


class SpanCompositor(Compositor):
    """Composes frames as Textual does, and sends partial ones cell by cell."""

    def render_partial_update(self) -> SpanUpdate | None:
        """Return what has changed since the last frame, if anything has."""
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)
