"""One seed: lives of the program one after the other, each from its first millisecond, on the same state."""

from __future__ import annotations

import re
import signal
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.monkey.checks import Found, Judge, cursor_row, question_on
from tests.monkey.environment import Ground, ground
from tests.monkey.inputs import ESCAPE, QUIT, STILL, USUAL, Does, Drawn, Event
from tests.monkey.terminal import PATIENCE, Deaf, Program

REMEMBERED: Final = 60
"""Events that are told of when something was found."""
ALONE: Final = 0.24
"""Seconds after which an ESC is known to be a key of its own."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
LATELY: Final = 40
"""Events within which an end may still come of what was typed."""
ALTERNATE: Final = b"\x1b[?1049h"
"""What takes the terminal over."""
GUARD: Final = 0.4
"""Seconds in which a question takes no answer."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found, and how to see it again."""

    seed: int
    life: int
    words: str
    events: tuple[str, ...]
    screen: str
    written: str

    def kind(self) -> str:
        """Return what tells it from others: the last error that was written and where, else the words."""
        text = re.sub(r"[│╭╮╰╯─]", " ", self.written)
        errors = re.findall(r"^\s*(\w+(?:Error|Matches|Exception|Interrupt|Full|Exit)\b.{0,70})", text, re.M)
        places = re.findall(r"(wbtui/\S+?\.py|textual/\S+?\.py):(\d+) in (\w+)", text)
        places += [(p, n, m) for p, n, m in re.findall(r'(wbtui/\S+?\.py)", line (\d+), in (\w+)', text)]
        own = [place for place in places if place[0].startswith("wbtui")]
        where = ":".join((own or places)[-1]) if places else ""
        words = re.sub(r"'.*", "", self.words)
        error = re.sub(r"(byte|position) .*", "", errors[-1].strip()) if errors else ""
        return f"{words} | {error} | {where}"

    def told(self) -> str:
        """Return all of it."""
        before = "\n".join(f"    {event}" for event in self.events)
        again = f"python -m tests.monkey --first {self.seed} --seeds 1 --life {self.life}"
        return (
            f"seed {self.seed}, life {self.life}: {self.words}\n  the last events:\n{before}\n  the screen:\n"
            f"{self.screen}\n  written last:\n{self.written}\n  again: {again}"
        )


@dataclass
class Verdict:
    """How a seed went."""

    seed: int
    events: int = 0
    lives: int = 0
    changes: int = 0
    rows: int = 0
    problems: list[Problem] = field(default_factory=list)

    def line(self) -> str:
        """Return the figures in one line."""
        return (
            f"seed {self.seed}: {self.events} events, {self.lives} lives, {self.changes} changes and"
            f" {self.rows} rows judged, {len(self.problems)} problems"
        )


class Life:
    """One start of the program, up to its end; raises `Found`."""

    def __init__(self, place: Ground, drawn: Drawn) -> None:
        self.place = place
        self.drawn = drawn
        self.done: deque[Event] = deque(maxlen=REMEMBERED)
        self.count = 0
        self.judge = Judge({service: proxy.asked for service, proxy in place.proxies.items()})
        self.program = Program(place.env, USUAL)
        self._rests = False
        self._early = True
        self._since = 0
        self._interrupted = False
        """Whether ctrl+c was typed when it still was a signal, wherever it stood."""
        self._faults = place.suffering

    def play(self, events: Iterator[Event]) -> None:
        """Live."""
        try:
            self._begin(events)
            for event in events:
                self._one(event)
                if self.program.process.poll() is not None:
                    self._end_of_itself()
                    return
            self._leave()
        except Deaf as error:
            raise Found(str(error)) from None

    def _begin(self, events: Iterator[Event]) -> None:
        """Let keys flow from the first millisecond on."""
        if self.drawn.spares("early"):
            self.program.until("ready", 5.0)
            self.program.still()
            self._early = False
            return
        until = time.monotonic() + self.drawn.between(0.0, 1.2)
        while time.monotonic() < until and self.program.process.poll() is None:
            self.program.pump(self.drawn.between(0.0, 0.08))
            event = next(events, None)
            if event is None:
                return
            if event.does is not Does.STILL:
                self._one(event)
        if self.program.process.poll() is not None:
            self._end_of_itself()
            return
        if not self.drawn.chance(0.2):
            self.program.still()
            self._early = False

    def _one(self, event: Event) -> None:
        self.done.append(event)
        self.count += 1
        self.program.pump(0.0)
        row = self._row_asked_of(event)
        self.judge.before(event, self.program.picture, rests=self._rests)
        self._do(event)
        self._faults = self._faults or self.place.suffering
        if row:
            self._still()
            self.judge.row_asked(row, self.program.picture)
        self.judge.look(faults=self._faults)

    def _row_asked_of(self, event: Event) -> str:
        """Return the row that a key is about, where it can be told: the program rests, no dialog is open."""
        if event.data not in {b"X", b"T"} or not self._rests or question_on(self.program.picture):
            return ""
        self.program.still()  # on a busy machine what was typed may still be with the kernel
        return cursor_row(self.program.picture)

    def _do(self, event: Event) -> None:
        match event.does:
            case Does.SIZE:
                self._rests = False
                self.program.resize(event.size)
                self._pace(0.1)
            case Does.STILL:
                self._still()
            case Does.PAUSE:
                self.program.wait(GUARD)
            case Does.OUTAGE | Does.CALM:
                self.place.suffer(*event.place)
            case Does.NEWS:
                self.place.track()
            case _:
                self._rests = False
                self._interrupted |= b"\x03" in event.data and not self.program.taken
                self.program.send(event.data)
                self._pace(0.5)

    def _pace(self, share: float) -> None:
        """Go on at once, or wait a little; never let more than a few events wait for the program."""
        self._since += 1
        if self._since > 8:
            self.program.still(1.0)
            self._since = 0
        elif self.drawn.chance(share):
            self.program.pump(self.drawn.between(0.0, 0.02))

    def _still(self) -> None:
        last = next((each for each in reversed(self.done) if each.data), STILL)
        if last.data.endswith(ESCAPE):
            self.program.wait(ALONE)
        self._rests = self.program.still()
        self._since = 0

    # -- the end ----------------------------------------------------------------------------------------

    def _end_of_itself(self) -> None:
        """Judge an end in the middle of the events: only what was typed may have brought it about."""
        code = self.program.ended(0.0)
        if not self._asked_to_end():
            raise Found(f"it ended of itself, with exit code {code}")
        self._judge_end(code, {0, 130} if b"\x03" in self._typed_lately() else {0})

    def _typed_lately(self) -> bytes:
        lately = list(self.done)[-LATELY:]
        return b"".join(each.data for each in lately if each.does in {Does.KEYS, Does.ANSWER})

    def _asked_to_end(self) -> bool:
        """Return whether something that was typed lately may bring about the end, also by the palette."""
        typed = self._typed_lately()
        chosen = b"\r" in typed and bool(set(typed) & set(b":\x10"))
        return self._interrupted or b"\x03" in typed or QUIT in typed or chosen

    def _leave(self) -> None:
        """End it, mostly by hand."""
        if self.drawn.chance(0.25):
            self._signal(self.drawn.pick(SIGNALS))
            return
        self.program.stands()
        self.program.wait(GUARD)  # somebody who wants to leave has stopped typing before
        for _ in range(3):
            self.program.send(ESCAPE)
            self.program.wait(ALONE)
            self.program.still()
        self.program.send(QUIT)
        until = time.monotonic() + PATIENCE
        while (code := self.program.ended(0.05)) is None:
            if time.monotonic() > until:
                raise Found("esc esc esc q does not end it")
            if "Quit wbtui" in self.program.picture.text() or self.program.size[0] < 20:
                self.program.wait(GUARD)
                self.program.send(b"y")
        self._judge_end(code, {0})

    def _signal(self, number: signal.Signals) -> None:
        self.program.pump(self.drawn.between(0.0, 0.2))
        starting = not self.program.taken  # on a busy machine for long
        self.program.process.send_signal(number)
        code = self.program.ended()
        if code is None:
            raise Found(f"{number.name} does not end it")
        # before the program takes the signals over, and when it has given them back on its way out
        early = {-number} if self._early or starting or self._asked_to_end() else set()
        ended = {0} if self._asked_to_end() else set()
        self._judge_end(code, {128 + number} | early | ended)

    def _judge_end(self, code: int | None, right: set[int]) -> None:
        text = self.program.written
        if self._interrupted:
            right = {*right, 130}
            if code == -signal.SIGINT and ALTERNATE not in text:  # while Python still loads the program
                return
        if code not in right:
            raise Found(f"exit code {code} in the place of {sorted(right)}")
        if b"Traceback" in text and b"/coverage/" not in text:  # which a signal may meet while it writes
            raise Found("a traceback was written")
        left = self.program.left_behind()
        if left:
            raise Found(f"the terminal is not as it was (exit code {code}): {', '.join(left)}")
        if any(secret in text for secret in self.place.secrets()):
            raise Found("a secret was written")
        self.judge.look(faults=self._faults)


def play(
    seed: int, count: int, folder: Path, *, only: int | None = None, spare: frozenset[str] = frozenset()
) -> Verdict:
    """Play so many events of a seed, or only one of its lives; `spare` names events that are left out."""
    verdict = Verdict(seed)
    with ground(folder, seed) as place:
        number = only or 0
        while verdict.events < count:
            drawn = Drawn(f"{seed}/{number}", str(place.source), spare)
            _one_life(place, verdict, number, drawn, drawn.length(count))
            number += 1
            if only is not None:
                break
    return verdict


def _problem(seed: int, number: int, words: str, life: Life) -> Problem:
    program = life.program
    program.pump(0.1)
    events, screen = tuple(str(event) for event in life.done), program.picture.text()
    if program.process.poll() is None:
        written = program.stand()
    else:
        written = program.written[-6000:].decode("utf-8", "replace")
    return Problem(seed, number, words, events, screen, re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", written))


def _one_life(place: Ground, verdict: Verdict, number: int, drawn: Drawn, length: int) -> None:
    life = Life(place, drawn)
    try:
        life.play(drawn.until(length))
    except Found as found:
        verdict.problems.append(_problem(verdict.seed, number, str(found), life))
    finally:
        life.program.close()
        verdict.events += life.count
        verdict.lives += 1
        verdict.changes += life.judge.changes
        verdict.rows += life.judge.rows
        place.calm()


def play_alone(
    seed: int, count: int, only: int | None = None, spare: frozenset[str] = frozenset()
) -> Verdict:
    """Play a seed in a folder of its own."""
    with TemporaryDirectory(prefix="monkey-") as folder:
        return play(seed, count, Path(folder), only=only, spare=spare)
