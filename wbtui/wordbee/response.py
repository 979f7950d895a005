"""What a service answered, before anybody has looked into it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

Rest = ParamSpec("Rest")


Decoded = TypeVar("Decoded")


LARGE = 128 * 1024
"""Bytes of a body from which decoding would hold up the event loop for too long."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers (names in lower case) and body of one HTTP answer.

    The body may hold a token, so the value prints neither body nor headers.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def good(self) -> bool:
        """Return whether the status is 2xx."""
        return 200 <= self.status < 300


async def decoded(
    decode: Callable[Concatenate[bytes, Rest], Decoded], body: bytes, *rest: Rest.args, **named: Rest.kwargs
) -> Decoded:
    """Return what `decode` makes of a body; a large one is decoded beside the event loop."""
    if len(body) < LARGE:
        return decode(body, *rest, **named)
    return await asyncio.to_thread(decode, body, *rest, **named)
