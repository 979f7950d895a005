"""The garbage collector, kept from walking over hundreds of thousands of rows in the middle of a frame."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SELDOM: Final = (20_000, 20, 20)
"""New objects before a round over the young ones, and rounds of one kind before a wider one."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the collector out of a long work, and what the work made out of later rounds.

    A full round takes 0.1 s and more with 200 000 items in memory. Items hold no cycles, so they are given
    back without it. What Textual left in cycles lately is collected first: frozen it would stay.
    """
    gc.collect(0)
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def settled() -> None:
    """Leave out of later rounds what is there by now and stays, and have rounds more seldom.

    A round over what is young visits each item of a new tuple of 200 000, which takes 10 ms and more.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)
