"""Figures and moments as the tables and the details write them."""

from __future__ import annotations

from datetime import datetime

from wbtui.domain.model import When


def figure(number: int | None) -> str:
    """Return a number with its thousands set apart: `4 011`; nothing for None."""
    return "" if number is None else f"{number:,}".replace(",", " ")


def figures(*counted: tuple[int | None, str]) -> str:
    """Return numbers with their nouns, without those that are not known: `12 words, 3 segments`."""
    return ", ".join(f"{figure(number)} {noun}" for number, noun in counted if number is not None)


def ordinal(place: int) -> str:
    """Return `1st`, `2nd`, `3rd`, `11th`."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 <= place % 100 <= 20 else endings.get(place % 10, "th")
    return f"{place}{ending}"


def timestamp(when: When) -> float:
    """Return the number that a date is sorted by; text and None come first."""
    return when.timestamp() if isinstance(when, datetime) else 0.0
