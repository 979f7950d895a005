"""Connections on which more came than was asked for: the rest would pass for the next answer."""

from __future__ import annotations

import contextlib

import httpcore

PEEK_SECONDS = 0.001
WAY = ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state", "trailing_data")
"""From an answer's stream to what was read beyond its end; the library has no public way to it."""


async def drop_if_more_came(stream: object, connection: httpcore.AsyncNetworkStream | None) -> None:
    """Close the connection of an answer that was read to its end if bytes came behind it.

    Some proxies send an answer twice. The library notices bytes that still wait at the socket, but neither
    those that it has read already nor those that TLS holds.
    """
    if connection is not None and (_read_beyond(stream) or await _held_back(connection)):
        with contextlib.suppress(OSError):
            await connection.aclose()


def _read_beyond(stream: object) -> bool:
    for name in WAY:
        stream = getattr(stream, name, None)
    return isinstance(stream, tuple) and bool(stream[0])


async def _held_back(connection: httpcore.AsyncNetworkStream) -> bool:
    """Tell whether there is anything to read, be it the end."""
    try:
        await connection.read(1, timeout=PEEK_SECONDS)
    except httpcore.ReadTimeout:
        return False
    except httpcore.ReadError:
        return True
    return True
