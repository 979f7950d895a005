"""What a user sees of each fault, as data: the health word and its message."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from wbtui.domain.snapshot import HealthWord

OK, DOWN, LIMIT = HealthWord.OK, HealthWord.DOWN, HealthWord.LIMIT


@dataclass(frozen=True, slots=True)
class Seen:
    """The health of a service under a fault; `words` are part of its message, `tries` fail at least."""

    word: HealthWord
    words: str = ""
    tries: int = 2


TIME, BROKE, POINTS = "did not answer in time", "broke off", "points to collector.example (https)"
LARGE, THROTTLED = "is larger than", "HTTP 429 Too Many Requests"
DAMAGED = "the answer is damaged JSON, or was cut off"

SEEN: Final = MappingProxyType(
    {
        "refused": Seen(DOWN, "no connection to"),
        "hangs": Seen(DOWN, TIME),
        "hangs after the work": Seen(DOWN, TIME),
        "late": Seen(OK),
        "drip": Seen(DOWN, TIME),
        "hung up": Seen(DOWN, BROKE),
        "hung up after the work": Seen(DOWN, BROKE),
        "cut": Seen(DOWN, BROKE),
        "garbled": Seen(DOWN, "the answer is"),
        "not http": Seen(DOWN, BROKE),
        "asked twice": Seen(OK),
        "answered twice": Seen(OK),
        "listed twice": Seen(OK),
        "500": Seen(DOWN),
        "502 page": Seen(DOWN, "HTTP 502 Bad Gateway"),
        "503 empty": Seen(DOWN, "HTTP 503 Service Unavailable"),
        "503 for a while": Seen(DOWN, "HTTP 503 Service Unavailable"),
        "408": Seen(DOWN, "HTTP 408 Request Timeout"),
        "404 page": Seen(DOWN, "404 - File not found"),
        "403 page": Seen(DOWN, "Forbidden by the firewall"),
        "407": Seen(DOWN, "the proxy on the way asks for credentials of its own"),
        "418": Seen(DOWN, "short and stout"),
        "599": Seen(DOWN, "HTTP 599"),
        "204": Seen(DOWN, "the answer is empty"),
        "html": Seen(DOWN, "not JSON; it begins: Sign in to the hotel"),
        "empty": Seen(DOWN, "the answer is empty"),
        "huge": Seen(DOWN, LARGE),
        "endless": Seen(DOWN, LARGE),
        "endless head": Seen(DOWN, BROKE),
        "wrong types": Seen(DOWN),
        "missing fields": Seen(DOWN, "holds no list of"),
        "invalid utf-8": Seen(DOWN, "the answer is not UTF-8 text"),
        "deep": Seen(DOWN, DAMAGED),
        "big number": Seen(DOWN, DAMAGED),
        "bomb": Seen(DOWN, LARGE),
        "bad packing": Seen(DOWN, "cannot be decompressed"),
        "redirect": Seen(DOWN, POINTS),
        "redirect that keeps the method": Seen(DOWN, POINTS),
        "429": Seen(LIMIT, THROTTLED),
        "429 with a figure": Seen(LIMIT),
        "429 for seconds": Seen(LIMIT),
        "429 until a date": Seen(LIMIT),
        "429 for ever": Seen(LIMIT, tries=1),
        "429 nonsense": Seen(LIMIT),
        "date ahead": Seen(OK),
        "date behind": Seen(OK),
        "expired": Seen(DOWN, "no connection to"),
        "unknown authority": Seen(DOWN, "no connection to"),
        "other name": Seen(DOWN, "no connection to"),
    }
)
"""By the names of `kinds.FAULTS`, for what is asked after the log-in."""
