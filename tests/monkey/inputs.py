"""What the monkey does, drawn from a seed: always the same events, whatever comes of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from tests.faults.kinds import FAULTS, TLS, Kind
from wbtui.simulator.api import SERVICES, Service

T = TypeVar("T")


class Does(StrEnum):
    """The kinds of events."""

    KEYS = "keys"
    """Bytes that are keys and nothing else."""
    ANSWER = "answer"
    """The same, of such a kind that a dialog may take them for yes."""
    NOISE = "noise"
    """Bytes that no keyboard sends: damaged, cut off, reports of the terminal, pastes, the mouse."""
    SIZE = "size"
    STILL = "still"
    """A moment in which the program finishes what it has to do."""
    PAUSE = "pause"
    """The time in which a question takes no answer, and a little more."""
    OUTAGE = "outage"
    CALM = "calm"
    NEWS = "news"
    """Somebody else tracks what the pipeline has submitted."""


@dataclass(frozen=True, slots=True)
class Event:
    """One of them; `size` columns and lines, `place` a service and the name of a fault."""

    does: Does
    data: bytes = b""
    size: tuple[int, int] = (0, 0)
    place: tuple[Service, str] = ("beebox", "")

    def __str__(self) -> str:
        match self.does:
            case Does.KEYS | Does.ANSWER | Does.NOISE:
                shown = repr(self.data)[1:]
                return (
                    f"{self.does} {shown if len(shown) < 90 else f'{shown[:80]}… ({len(self.data)} bytes)'}"
                )
            case Does.SIZE:
                return f"size {self.size[0]}x{self.size[1]}"
            case Does.OUTAGE | Does.CALM:
                return f"{self.does} {' '.join(self.place)}"
            case _:
                return str(self.does)


COSTLY: Final = frozenset({Kind.HUGE, Kind.ENDLESS, Kind.BOMB, Kind.ENDLESS_HEAD})
OUTAGES: Final = tuple(name for name, fault in FAULTS.items() if fault.kind not in TLS | COSTLY)

LOOKS: Final = "jkgGhl12345[]tfmJwsSF!nNvuCLME<>ir?*" + "0"
"""Keys that look; `q` ends a life, and has an event of its own."""
ACTS: Final = "dDWPTXxzpbByYcoaA/:"
ESCAPE: Final = b"\x1b"
NAMED: Final = (
    *(b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[H", b"\x1b[F", b"\x1b[5~", b"\x1b[6~", b"\x1b[Z"),
    *(b"\x1bOA", b"\x1bOP", b"\x1b[11~", b"\x1b[15~", b"\x1b[24~", b"\x1b[2~", b"\x1b[3~", b"\x1b[1;5A"),
    *(b"\x1b[1;2D", b"\x1b[1;6C", b"\t", b" ", b"\x7f", b"\x08", b"\x04", b"\x15", b"\x0c", b"\x10", b"\x0e"),
    *(b"\x01", b"\x05", b"\x06", b"\x0b", b"\x17", b"\x00", b"\x1d", b"\x1e", b"\x1f", b"\x1bx", b"\x1bb"),
)
"""Keys with a name, as terminals send them."""
TYPED: Final = (
    *(
        "error",
        "5001",
        "state:failed",
        ":goto 5001",
        "fr",
        "x" * 60,
        "Größe 枯渇 👩‍💻",
        "-word",
        'size>"',
        "((((",
    ),
    *("~nosuchuser/x", "/dev/tty", "/etc/passwd", "n" * 300, "../../x", "5001 5002", "@@@", "mouse off"),
    *("theme none", "theme dark", "acme", "12", "reload", "messages", "é" * 40, "\u202eabc", "a\u0301" * 9),
)
"""Words for the fields; none holds a `q`."""
REPORTS: Final = (
    *(b"\x1b[?2026;2$y", b"\x1b[?2026;0$y", b"\x1b[?1;2c", b"\x1b[>41;354;0c", b"\x1b[24;80R", b"\x1b[0n"),
    *(b"\x1b]11;rgb:0000/0000/0000\x07", b"\x1b]52;c;aGk=\x1b\\", b"\x1bP>|xterm(370)\x1b\\", b"\x1b[?0u"),
    *(b"\x1b[I", b"\x1b[O", b"\x1b[I\x1b[O\x1b[I", b"\x1b[?2048;0$y", b"\x1b[?997;1n", b"\x1b[4;800;1200y"),
)
"""What terminals report, asked or not."""
ODD: Final = (
    *(b"\x1b[1114112u", b"\x1b[99999999999u", b"\x1b[55296u", b"\x1b[97;99u", b"\x1b[97;1:3u", b"\x1b[;u"),
    *(b"\x1b[97;;229u", b"\x1b[97;;1114112u", b"\x1b[0u", b"\x1b[57441;2u", b"\x1b[97;5;97u", b"\x1b[-1u"),
    *(b"\x1b[", b"\x1bO", b"\x1b]", b"\x1b[<", b"\x1b[<0;", b"\x1b[M", b"\x1b[M !!", b"\x1b[M\xff\xff\xff"),
    *(b"\x1b[1;999A", b"\x1b[;;;;A", b"\x1b[999999~", b"\x1b[?", b"\x1b[27;5;106~", b"\x1b\x1b[A", b"\x9b5~"),
    *(b"\x1b[<999;1;1M", b"\x1b[<0;-1;-1M", b"\x1b[<0;99999;99999M", b"\x1b[<0;0;0M", b"\x1b[<a;b;cM"),
    *(b"\x1b[<0;1.5;2.5M", b"\x1b[<35;40;12M", b"\x1b[<128;3;3M", b"\x1b[<64;30;12M\x1b[<65;30;12M"),
)
"""What a damaged line, another protocol or a strange terminal sends."""
BAD: Final = (
    b"\xe9j",
    b"\xc3j",
    b"\xff",
    b"\xf0\x9f",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\x80\x81",
    b"\xf8\x88",
    b"\xe2\x82",
)
"""No UTF-8."""
PASTED: Final = (
    *(
        b"hello",
        b"5001\n5002\n",
        b"log: \x1b[31mq\x1b[0m",
        b"caf\xe9 x",
        b"qqq\x03q",
        b"\x1b",
        b"\x1b[200~",
        b"",
    ),
    *(
        b"y",
        b"y\r",
        b"X\ry",
        "枯渇".encode(),
        b"x" * 5000,
        b"line\r\n" * 400,
        b"\x00\x01\x02",
        b"\x1b]0;q\x07D",
    ),
)
SIZES: Final = (
    *((120, 40), (120, 40), (80, 24), (100, 30), (200, 60), (60, 15), (46, 24), (44, 20), (40, 8), (40, 10)),
    *((10, 3), (1, 1), (2, 2), (5, 40), (300, 3), (132, 43), (33, 50), (20, 6)),
)
USUAL: Final = (120, 40)
YES: Final = (b"y", b"y", b"y", b"y", b"y", b"y", b"\t\r", b"l\r")
"""What says yes to a question."""
QUIT: Final = b"q"
LONG_RUN: Final = 5000
"""Events of a seed from which on some of its lives are long."""


class Drawn:
    """The events of one seed; `source` is a file that can be sent, written where a path is asked for."""

    def __init__(self, seed: str, source: str, spare: Collection[str] = ()) -> None:
        self._chance = random.Random(f"monkey/{seed}")
        self._source = source
        self._spare = spare
        self._down: list[Service] = []

    def until(self, count: int) -> Iterator[Event]:
        """Yield so many events, and what belongs to the last of them."""
        drawn = 0
        while drawn < count:
            group = self._group()
            drawn += len(group)
            yield from group

    def chance(self, share: float) -> bool:
        """Return whether something happens that happens so often."""
        return self._chance.random() < share

    def between(self, least: float, most: float) -> float:
        """Return a number between two."""
        return self._chance.uniform(least, most)

    def spares(self, what: str) -> bool:
        """Return whether something is left out."""
        return what in self._spare

    def pick(self, of: Sequence[T]) -> T:
        """Return one of several."""
        return self._chance.choice(of)

    def length(self, all_events: int) -> int:
        """Return how many events a life has; in a long run some lives are long, too."""
        lengths = (8, 25, 60, 60, 120, 240)
        return self._chance.choice((*lengths, 1000, 2500, 2500) if all_events >= LONG_RUN else lengths)

    def _group(self) -> Sequence[Event]:
        ways: tuple[tuple[int, Callable[[], Sequence[Event]]], ...] = (
            (34, self._looking), (14, self._moving), (9, self._acting), (8, self._changing),
            (8, self._typing), (3, self._twice), (6, self._odd), (4, self._bad), (5, self._pasting),
            (7, self._mouse), (4, self._report), (7, self._size), (3, self._outage), (4, self._calm),
            (2, self._news), (4, self._still), (3, self._any), (3, self._burst), (2, self._size_lie),
            (1, self._stopped),
        )  # fmt: skip
        weights = [0 if way.__name__[1:] in self._spare else weight for weight, way in ways]
        return self._chance.choices([way for _, way in ways], weights)[0]()

    def _one(self, of: Sequence[bytes]) -> bytes:
        return self._chance.choice(of)

    def _key(self, letters: str) -> Event:
        return keys(self._chance.choice(letters).encode())

    def _looking(self) -> Sequence[Event]:
        return [self._key(LOOKS)]

    def _moving(self) -> Sequence[Event]:
        return [keys(self._one((*NAMED, b"j", b"k", ESCAPE, ESCAPE, ESCAPE)))]

    def _acting(self) -> Sequence[Event]:
        return [self._key(ACTS)]

    def _changing(self) -> Sequence[Event]:
        """Ask for a change on the server from a row that is in sight, and answer, or not, or at once."""
        tab, act = self._chance.choice(
            ((b"2", b"X"), (b"2", b"X"), (b"2", b"T"), (b"1", b"T"), (b"2", b"d"), (b"3", b"T"), (b"4", b"X"))
        )
        steps = [keys(b"j") for _ in range(self._chance.randrange(6))]
        path = [keys(b"\x15" + self._source.encode()), answer(b"\r"), STILL] if self.chance(0.1) else []
        last = self._one((*YES, b"n", b"\x1b", b"\r", b"yy", b"acme\r", b"\x03", b"N"))
        middle = self._chance.choice(([], [STILL], [STILL, PAUSE], [STILL, PAUSE], [STILL, PAUSE]))
        marks = [keys(b" ")] * self._chance.randrange(3) if self.chance(0.2) else []
        out = [keys(ESCAPE), STILL] * self._chance.randrange(1, 3)
        return [*out, keys(tab), *steps, *marks, STILL, keys(act), *middle, *path, answer(last), STILL]

    def _typing(self) -> Sequence[Event]:
        opened = keys(self._one((b"/", b"/", b":", b":", b"a", b"A", b"E", b"L", b"C", b"?", b"0")))
        still = [STILL] if self.chance(0.5) else []
        words = keys(self._chance.choice(TYPED).encode())
        end = answer(self._one((b"\r", b"\r", b"\x1b", b"\x03", b"\r\r", b"\x1b[B\r", b"\t", b"\x15")))
        return [opened, *still, words, end]

    def _twice(self) -> Sequence[Event]:
        opened = self._one(
            (b"a", b"A", b"E", b"L", b"C", b":", b"/", b"?", b"0", b"X", b"T", b"W", b"Y", b"o", b"f")
        )
        end = self._one((b"\x03\x03", b"\x1b\x1b", b"\r\r", b"nn", b"yy", b"\x1b\r", b"\x03\x1b"))
        return [keys(opened), *([STILL] if self.chance(0.4) else []), answer(end)]

    def _odd(self) -> Sequence[Event]:
        return [noise(self._one(ODD))]

    def _bad(self) -> Sequence[Event]:
        if self.chance(0.6):
            return [noise(self._one(BAD))]
        return [
            noise(bytes(_harmless(self._chance.randrange(256)) for _ in range(self._chance.randrange(1, 40))))
        ]

    def _pasting(self) -> Sequence[Event]:
        text = self._one(PASTED)
        end = b"" if self.chance(0.1) else b"\x1b[201~"
        opened = [keys(self._one((b"/", b":", b"a", b"X", b"L")))] if self.chance(0.5) else []
        return [*opened, noise(b"\x1b[200~" + text + end)]

    def _mouse(self) -> Sequence[Event]:
        x, y = self._chance.randrange(1, 130), self._chance.randrange(1, 44)
        button = self._chance.choice((0, 0, 0, 1, 2, 32, 35, 64, 65, 66, 16, 8))
        press = f"\x1b[<{button};{x};{y}M"
        return [noise((press + press.replace("M", "m") * self._chance.randrange(2)).encode())]

    def _report(self) -> Sequence[Event]:
        return [noise(self._one(REPORTS))]

    def _size(self) -> Sequence[Event]:
        first = Event(Does.SIZE, size=self._chance.choice(SIZES))
        back = [Event(Does.SIZE, size=USUAL)] if self.chance(0.5) else []
        between = [STILL] if self.chance(0.4) else []
        opened = [self._key("?:aAEXTLC0/W")] if self.chance(0.3) else []
        return [*opened, first, *between, *back]

    def _size_lie(self) -> Sequence[Event]:
        """Report a size in the stream of keys, right or absurd; the right one follows."""
        x, y = self._chance.choice((*SIZES, (99999, 99999), (0, 0), (120, 0)))
        return [noise(f"\x1b[48;{y};{x};0;0t".encode()), Event(Does.SIZE, size=USUAL)]

    def _outage(self) -> Sequence[Event]:
        service = self._chance.choice(SERVICES)
        self._down.append(service)
        return [Event(Does.OUTAGE, place=(service, self._chance.choice(OUTAGES)))]

    def _calm(self) -> Sequence[Event]:
        return [Event(Does.CALM, place=(self._down.pop(), ""))] if self._down else [self._key("rR")]

    def _news(self) -> Sequence[Event]:
        return [Event(Does.NEWS)]

    def _still(self) -> Sequence[Event]:
        return [STILL]

    def _any(self) -> Sequence[Event]:
        return [noise(bytes([_harmless(self._chance.randrange(256))]))]

    def _burst(self) -> Sequence[Event]:
        """Many keys in one write, as a line that stood still brings them."""
        letters = LOOKS + ACTS.replace("y", "")
        return [keys("".join(self._chance.choices(letters, k=self._chance.randrange(2, 60))).encode())]

    def _stopped(self) -> Sequence[Event]:
        return [keys(b"\x1a"), STILL]


def _harmless(byte: int) -> int:
    """Return a byte, but none that is a key which quits, says yes, or stops the process."""
    return 0x3F if chr(byte) in "qQyY\x03\r\n\x1a\x1c" else byte


def keys(data: bytes) -> Event:
    """Return keys that say yes to nothing."""
    return Event(Does.KEYS, data)


def answer(data: bytes) -> Event:
    """Return keys that may say yes."""
    return Event(Does.ANSWER, data)


def noise(data: bytes) -> Event:
    """Return what is no key."""
    return Event(Does.NOISE, data)


STILL: Final = Event(Does.STILL)
PAUSE: Final = Event(Does.PAUSE)
