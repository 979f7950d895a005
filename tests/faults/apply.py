"""One fault applied to one answer: pure, so that a socket and an in-process transport do the same."""

from __future__ import annotations

import json
import math
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from tests.faults.kinds import TLS, Fault, Kind
from wbtui.simulator.http_messages import Reply

PIECE: Final = 64 * 1024
BABBLE: Final = b"220 mail.acme.example ESMTP ready\r\n"
TYPED: Final = (("Content-Type", "application/json; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class FaultOutcome:
    """What is sent instead of an answer.

    `wait`: seconds before the first byte, `math.inf` for never. `gap`: seconds between two bytes of the
    body. `cut`: bytes of the body after which the connection ends, -1 for before the status line.
    `filler`: bytes of blanks after the body, made as they are sent. `head_filler`: bytes of headers that
    follow the others. `raw`: sent instead of HTTP. `asked` and `answered`: how often the service receives the
    request, and how often its answer is sent. `refused`: the connection is refused.
    """

    reply: Reply
    wait: float = 0.0
    gap: float = 0.0
    cut: int | None = None
    filler: int = 0
    head_filler: int = 0
    raw: bytes = b""
    asked: int = 1
    answered: int = 1
    refused: bool = False

    @property
    def length(self) -> int:
        """Return the Content-Length."""
        return len(self.reply.body) + self.filler

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it is sent, up to where it is cut."""
        left = self.length if self.cut is None else max(0, self.cut)
        body = self.reply.body[:left]
        step = 1 if self.gap else PIECE
        for start in range(0, len(body), step):
            yield body[start : start + step]
        left -= len(body)
        while left > 0:
            yield b" " * min(left, PIECE)
            left -= PIECE


def applied(fault: Fault | None, reply: Reply, now: datetime | None = None) -> FaultOutcome:
    """Apply a fault to an answer. The result depends on the arguments alone.

    `now` is the time for the Date header of an answer.
    """
    if fault is None:
        return FaultOutcome(reply)
    if fault.kind is Kind.WRONG_DATE:
        return FaultOutcome(_dated(reply, now, fault.seconds))
    return _ACTS.get(fault.kind, _other_answer)(fault, reply)


def _other_answer(fault: Fault, _reply: Reply) -> FaultOutcome:
    return FaultOutcome(Reply(fault.status, fault.headers, fault.body))


def _page(fault: Fault, _reply: Reply) -> FaultOutcome:
    return FaultOutcome(Reply(200, (("Content-Type", "text/html"),), fault.body))


def _refused(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, refused=True)


def _hangs(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, wait=math.inf)


def _late(fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, wait=fault.seconds)


def _drip(fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, gap=fault.seconds)


def _cut(fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, cut=min(fault.size, max(0, len(reply.body) - 1)))


def _cut_head(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, cut=-1)


def _not_http(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, raw=BABBLE)


def _asked_twice(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, asked=2)


def _answered_twice(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, answered=2)


def _empty(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(replace(reply, body=b""))


def _huge(fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, filler=fault.size)


def _endless_head(fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(reply, head_filler=fault.size)


def _garbled(fault: Fault, reply: Reply) -> FaultOutcome:
    chance, body = random.Random(fault.seed), bytearray(reply.body)
    for place in sorted(chance.sample(range(len(body)), min(fault.size, len(body)))):
        body[place] ^= chance.randrange(1, 256)
    return FaultOutcome(replace(reply, body=bytes(body)))


def _bad_utf8(_fault: Fault, reply: Reply) -> FaultOutcome:
    """Insert bytes that are not UTF-8 into the first text of the body, or in front of it."""
    at = reply.body.find(b'"') + 1
    return FaultOutcome(replace(reply, body=reply.body[:at] + b"\xff\xfe\xc3" + reply.body[at:]))


def _deep(_fault: Fault, _reply: Reply) -> FaultOutcome:
    return FaultOutcome(Reply(200, TYPED, b"[" * 100_000 + b"]" * 100_000))


def _big_number(_fault: Fault, _reply: Reply) -> FaultOutcome:
    return FaultOutcome(Reply(200, TYPED, b'{"total": ' + b"9" * 10_000 + b"}"))


def _bomb(fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(Reply(reply.status, (*TYPED, ("Content-Encoding", "deflate")), _swelling(fault.size)))


@cache
def _swelling(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def _bad_packing(_fault: Fault, reply: Reply) -> FaultOutcome:
    return FaultOutcome(replace(reply, headers=(*reply.headers, ("Content-Encoding", "gzip"))))


def _wrong_types(fault: Fault, reply: Reply) -> FaultOutcome:
    chance = random.Random(fault.seed)

    def wrong(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: wrong(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [wrong(inner) for inner in value]
        return chance.choice([True, 1.5, -1, "words", [value], {"value": value}, None])

    return FaultOutcome(_rewritten(reply, wrong))


def _missing(fault: Fault, reply: Reply) -> FaultOutcome:
    """Remove every second member of every object, and half of the others at random."""
    chance = random.Random(fault.seed)

    def less(value: Any) -> Any:
        if isinstance(value, dict):
            kept = [name for number, name in enumerate(value) if number % 2 and chance.random() < 0.5]
            return {name: less(value[name]) for name in kept}
        return [less(inner) for inner in value] if isinstance(value, list) else value

    return FaultOutcome(_rewritten(reply, less))


def _listed_twice(_fault: Fault, reply: Reply) -> FaultOutcome:
    def double(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: double(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [inner for each in value for inner in (double(each), double(each))]
        return value

    return FaultOutcome(_rewritten(reply, double))


def _rewritten(reply: Reply, change: Callable[[Any], Any]) -> Reply:
    """Change the JSON value of a body. A body that is not JSON stays unchanged."""
    try:
        value = json.loads(reply.body)
    except ValueError:
        return reply
    return replace(reply, body=json.dumps(change(value)).encode())


def _dated(reply: Reply, now: datetime | None, seconds: float) -> Reply:
    if now is None:
        return reply
    others = tuple((name, value) for name, value in reply.headers if name.lower() != "date")
    return replace(
        reply, headers=(*others, ("Date", format_datetime(now + timedelta(seconds=seconds), usegmt=True)))
    )


_ACTS: Final[Mapping[Kind, Callable[[Fault, Reply], FaultOutcome]]] = MappingProxyType(
    {
        Kind.REFUSED: _refused,
        Kind.HANGS: _hangs,
        Kind.DELAY: _late,
        Kind.DRIP: _drip,
        Kind.CUT_HEAD: _cut_head,
        Kind.CUT: _cut,
        Kind.GARBLE: _garbled,
        Kind.NOT_HTTP: _not_http,
        Kind.TWICE_ASKED: _asked_twice,
        Kind.TWICE_ANSWERED: _answered_twice,
        Kind.TWICE_LISTED: _listed_twice,
        Kind.HTML: _page,
        Kind.EMPTY: _empty,
        Kind.HUGE: _huge,
        Kind.ENDLESS: _huge,
        Kind.ENDLESS_HEAD: _endless_head,
        Kind.WRONG_TYPES: _wrong_types,
        Kind.MISSING: _missing,
        Kind.BAD_UTF8: _bad_utf8,
        Kind.DEEP: _deep,
        Kind.BIG_NUMBER: _big_number,
        Kind.BOMB: _bomb,
        Kind.BAD_PACKING: _bad_packing,
        **dict.fromkeys(TLS, _refused),
    }
)
"""STATUS, REDIRECT and THROTTLED send the answer in the fault."""
