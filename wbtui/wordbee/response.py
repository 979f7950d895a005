"""An answer that is not decoded yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Concatenate, ParamSpec, TypeVar

from wbtui.domain.lazy_dataclass import dataclass

Rest = ParamSpec("Rest")


Decoded = TypeVar("Decoded")


LARGE = 128 * 1024
"""The size of a body from which decoding runs in a thread, since it would block the event loop."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers (names in lower case) and body of one HTTP answer.

    The body may hold a token, so `repr` shows neither body nor headers.
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
    """Decode a body; a large one in a thread."""
    if len(body) < LARGE:
        return decode(body, *rest, **named)
    return await asyncio.to_thread(decode, body, *rest, **named)
