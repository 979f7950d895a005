"""The signals that end a program which does not listen: sessions stay open then, and the terminal raw."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ENDING: Final = (
    *("SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU"),
    *("SIGIO", "SIGPWR", "SIGSTKFLT"),
)
_ALWAYS: Final = frozenset((signal.SIGTERM, signal.SIGHUP))


def ending() -> tuple[signal.Signals, ...]:
    """Return the signals to listen to beside SIGINT, as far as this system has them.

    One that the program was started to ignore, as a shell does with SIGQUIT for what it runs beside itself,
    is left ignored.
    """
    found = (signal.Signals[name] for name in _ENDING if name in signal.Signals.__members__)
    return tuple(each for each in found if each in _ALWAYS or signal.getsignal(each) is not signal.SIG_IGN)


@contextmanager
def leaving_in_order() -> Iterator[None]:
    """Have such a signal leave the block as an exception, by 128 and its number; no event loop may run."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in ending()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
