"""All lines round the table, worked out from what is known: the frame of the picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from wbtui.domain.model import Download, Snapshot
from wbtui.tui import bands, chrome
from wbtui.tui.actions import ACTIONS, KeyAction, on_key_line
from wbtui.tui.download_lines import recent, strip, title
from wbtui.tui.matrix import LocaleTotal
from wbtui.tui.tabs.base import TabSpec
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.glyphs import Drawing
from wbtui.tui.tabs.row import Count
from wbtui.tui.toolkit.lines import Line, Role, Span, text_of, width_of

SIDE_BY_SIDE = 110
WIDE = 160


class DetailsPlace(StrEnum):
    """Where the details are."""

    RIGHT = "right"
    BELOW = "below"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts are there, and how large; in cells and lines."""

    summary: bool = False
    """Too small for a table: one line with counts."""
    details: DetailsPlace = DetailsPlace.NOWHERE
    details_width: int = 0
    """For `RIGHT`: its width, the line before it included."""
    details_lines: int = 0
    """For `BELOW`: lines below the divider."""
    band_lines: int = 1
    """Lines above the table at most: totals, the question, notices."""
    rule: bool = False
    """A line between the status line and the table."""
    news: int = 0
    """Lines of the Activity strip, its title not counted; 0: none."""


def shape(width: int, height: int, *, long_rows: bool = False, below: int = 2) -> Shape:
    """Return the cut for a terminal of that size; with `long_rows` the table keeps the whole width.

    `below` is how many lines of details there are below the table of a small terminal; 0: none.
    """
    if width < 40 or height < 8:
        return Shape(summary=True)
    band = 4 if height >= 34 else 2 if height >= 18 else 1
    news = 3 if height >= 34 else 0
    if width >= SIDE_BY_SIDE and height >= 12 and not long_rows:
        size = 58 if width >= WIDE else width * 3 // 8
        return Shape(False, DetailsPlace.RIGHT, size, 0, band, height >= 24, news)
    if height < 20 or not below:
        return Shape(False, DetailsPlace.NOWHERE, 0, 0, band, height >= 34, news)
    usual = 9 if height >= 34 else 4 if long_rows else 2
    lines = usual if below == 2 else min(below, height // 3)
    return Shape(False, DetailsPlace.BELOW, 0, lines, band, height >= 34, news)


@dataclass(frozen=True, slots=True)
class ChromeInput:
    """What the frame is drawn from."""

    banner: chrome.Banner
    snapshot: Snapshot | None
    tab: TabSpec
    counts: Mapping[TabSpec, Count]
    standing: chrome.TableStatus
    message: str
    unread: Count
    totals: Sequence[LocaleTotal]
    shape: Shape
    width: int
    table_width: int
    """Up to the line before the details, which then stands at this cell."""
    zone: tzinfo | None
    drawing: Drawing
    filtered: bool = False
    """Whether a filter hides some of the tab's rows: then the totals are of what it leaves."""
    partial: bool = False
    """Whether only a part of the tab's list has been read."""
    actions: Sequence[KeyAction] = ACTIONS
    off: frozenset[str] = frozenset()
    """Ids of the actions that can do nothing now: their keys are dimmed."""


def frame(facts: ChromeInput) -> dict[str, list[Line]]:
    """Return the lines of each part by the part's id."""
    width, snapshot, drawing = facts.width, facts.snapshot, facts.drawing
    return {
        "summary": [chrome.summary(facts.banner, snapshot, facts.counts, facts.zone)],
        "header": [chrome.header(facts.banner, snapshot, facts.zone, width, drawing.dot)],
        "tabs": [chrome.tabs(facts.tab, facts.counts, width)],
        "status": [status(facts)],
        "rule": [_ruled(facts, drawing.tee)],
        "band": band(facts),
        "news": _news(facts),
        "message": message(facts),
        "keys": [keys(facts)],
    }


def status(facts: ChromeInput) -> Line:
    """Return the status line; it tells what lies above the rows that are seen, too."""
    return chrome.status(facts.standing, facts.snapshot, facts.tab, facts.zone, facts.width)


def message(facts: ChromeInput) -> list[Line]:
    """Return the message line."""
    return [chrome.message(facts.message, facts.unread, facts.width, facts.drawing.ellipsis)]


def keys(facts: ChromeInput) -> Line:
    """Return the key line; it depends on what is under the cursor, too."""
    return chrome.keys(on_key_line(facts.tab, facts.actions), facts.width, facts.actions, facts.off)


def band(facts: ChromeInput) -> list[Line]:
    """Return the lines above the table: what is wrong, then totals or the question."""
    snapshot, width = facts.snapshot, facts.table_width
    tab, service = facts.tab, facts.tab.service
    if snapshot is None or service is None:
        return []
    context = Context(snapshot.at, facts.zone, snapshot.places, facts.drawing, purge_days=snapshot.purge_days)
    most = facts.shape.band_lines
    kept = 0 if tab.question is None else 1  # it is seen while the rows answer another one still
    lines = bands.notice(snapshot.health.get(service), context, width, max(1, min(2, most - kept)))
    room = max(1, most - len(lines)) if not lines else most - len(lines)
    if room < 1:
        return lines
    if tab.totals and facts.totals:
        lines += bands.totals_lines(facts.totals, context, width, room, of=_of(facts), partial=facts.partial)
    if tab.question is not None:
        lines += tab.question(snapshot, context, width, room)
    return lines


def _of(facts: ChromeInput) -> str:
    """Return what the totals are of, where that is not all there is."""
    return " ".join(word for word in ("of these" * facts.filtered, "so far" * facts.partial) if word)


def _ruled(facts: ChromeInput, joint: str) -> Line:
    """Return a line across the screen, joined to the one before the details."""
    across = facts.drawing.across * facts.width
    edge = facts.table_width
    if edge < facts.width:
        across = across[:edge] + joint + across[edge + 1 :]
    return (Span(across, Role.RULE),)


def _news(facts: ChromeInput) -> list[Line]:
    """Return the strip below the table: downloads while there are any to speak of, else the newest events."""
    if facts.snapshot is not None and (shown := recent(facts.snapshot.transfers, facts.snapshot.at)):
        return _downloads(facts, shown)
    across = facts.drawing.across
    title: Line = (Span(across * 2 + " ", Role.RULE), Span("Activity", Role.HEAD), Span(" "))
    used = 2 + 1 + len("Activity") + 1
    heading = (*title, Span(text_of(_ruled(facts, facts.drawing.foot))[used:], Role.RULE))
    events = facts.snapshot.events if facts.snapshot is not None else ()
    return [heading, *chrome.news(events, facts.shape.news, facts.zone, facts.width, facts.drawing.ellipsis)]


def _downloads(facts: ChromeInput, shown: Sequence[Download]) -> list[Line]:
    assert facts.snapshot is not None
    head = title(facts.snapshot.transfers, facts.snapshot.transfers_before)
    drawn = [head, *strip(shown, facts.width, facts.drawing)]
    heading = (Span(facts.drawing.across * 2 + " ", Role.RULE), *drawn[0], Span(" "))
    used = width_of(heading)
    rest = Span(text_of(_ruled(facts, facts.drawing.foot))[used:], Role.RULE)
    return [(*heading, rest), *drawn[1:]]
