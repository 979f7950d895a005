"""Searching in lines of text: where the hits are, and how they look. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.lines import Line, Role, Span, text_of


def hits(lines: Sequence[Line], needle: str) -> list[int]:
    """Return the numbers of the lines that contain the text, upper and lower case alike."""
    wanted = folded(needle)
    if not wanted:
        return []
    return [number for number, spans in enumerate(lines) if wanted in folded(text_of(spans))]


def following(found: Sequence[int], present: int, step: int) -> int | None:
    """Return the hit after the present line, or before it with a step of -1; round the end. None: no hits."""
    if not found:
        return None
    if step > 0:
        return next((number for number in found if number > present), found[0])
    return next((number for number in reversed(found) if number < present), found[-1])


def lit(spans: Line, needle: str) -> Line:
    """Return the line with every occurrence of the text set off."""
    text, wanted = text_of(spans).lower(), needle.lower()
    if not wanted or wanted not in text or len(text) != len(text_of(spans)):
        return spans
    roles = [span.role for span in spans for _ in span.text]
    place = text.find(wanted)
    while place >= 0:
        roles[place : place + len(wanted)] = [Role.CURSOR] * len(wanted)
        place = text.find(wanted, place + len(wanted))
    return tuple(Span(character, role) for character, role in zip(text_of(spans), roles, strict=True))
