"""Calls that change a server: made once, and honest about what nobody can know afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from wbtui.domain.errors import BadAnswer, NoConnection, ServerFault, ServiceError, Uncertain
from wbtui.wordbee.session import Result

LOOK_FIRST = "Look whether it was done before you try again."


async def sent_once(answer: Awaitable[Result]) -> Result:
    """Return the answer to a change; raises `Uncertain` where the server may have acted without one.

    A request that certainly never left raises `NoConnection` as ever.
    """
    try:
        return await answer
    except NoConnection as error:
        if error.unsent or isinstance(error, Uncertain):
            raise
        failure = uncertain(error)
    except ServerFault as error:
        failure = uncertain(error)
    raise failure


def read_once(decode: Callable[[bytes], Result], body: bytes) -> Result:
    """Return what a good answer to a change says; one that cannot be read leaves its effect open."""
    try:
        return decode(body)
    except BadAnswer as error:
        failure = uncertain(error)
    raise failure


def uncertain(error: ServiceError) -> Uncertain:
    """Return the error of a change whose effect is not known."""
    return Uncertain(f"{error.message}; it may have been done all the same", advice=LOOK_FIRST)
