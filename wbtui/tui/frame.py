"""All lines round the table, worked out from what is known: the frame of the picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from wbtui.domain.deeds import Transfer
from wbtui.domain.model import Snapshot
from wbtui.tui import bands, chrome
from wbtui.tui.actions import ACTIONS, Action, on_key_line
from wbtui.tui.census import LocaleTotal
from wbtui.tui.dialogs.transfer_lines import recent, strip, title
from wbtui.tui.shape import Shape
from wbtui.tui.tabs.base import Count, Tab
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.glyphs import Drawing
from wbtui.tui.toolkit.lines import Line, Role, Span, text_of, width_of


@dataclass(frozen=True, slots=True)
class Facts:
    """What the frame is drawn from."""

    banner: chrome.Banner
    snapshot: Snapshot | None
    tab: Tab
    counts: Mapping[Tab, Count]
    standing: chrome.Standing
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
    actions: Sequence[Action] = ACTIONS
    off: frozenset[str] = frozenset()
    """Ids of the actions that can do nothing now: their keys are dimmed."""


def frame(facts: Facts) -> dict[str, list[Line]]:
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


def status(facts: Facts) -> Line:
    """Return the status line; it tells what lies above the rows that are seen, too."""
    return chrome.status(facts.standing, facts.snapshot, facts.tab, facts.zone, facts.width)


def message(facts: Facts) -> list[Line]:
    """Return the message line."""
    return [chrome.message(facts.message, facts.unread, facts.width, facts.drawing.ellipsis)]


def keys(facts: Facts) -> Line:
    """Return the key line; it depends on what is under the cursor, too."""
    return chrome.keys(on_key_line(facts.tab, facts.actions), facts.width, facts.actions, facts.off)


def band(facts: Facts) -> list[Line]:
    """Return the lines above the table: what is wrong, then totals or the question."""
    snapshot, width = facts.snapshot, facts.table_width
    service = facts.tab.service
    if snapshot is None or service is None:
        return []
    context = Context(snapshot.at, facts.zone, snapshot.places, facts.drawing, purge_days=snapshot.purge_days)
    most = facts.shape.band_lines
    kept = 1 if facts.tab is Tab.FLEX else 0  # what was chosen is seen while the rows answer another choice
    lines = bands.notice(snapshot.health.get(service), context, width, max(1, min(2, most - kept)))
    room = max(1, most - len(lines)) if not lines else most - len(lines)
    if room < 1:
        return lines
    if facts.tab is Tab.BEEBOX and facts.totals:
        lines += bands.totals_lines(facts.totals, context, width, room, of=_of(facts), partial=facts.partial)
    if facts.tab is Tab.FLEX:
        lines += bands.flex_lines(snapshot, context, width, room)
    return lines


def _of(facts: Facts) -> str:
    """Return what the totals are of, where that is not all there is."""
    return " ".join(word for word in ("of these" * facts.filtered, "so far" * facts.partial) if word)


def _ruled(facts: Facts, joint: str) -> Line:
    """Return a line across the screen, joined to the one before the details."""
    across = facts.drawing.across * facts.width
    edge = facts.table_width
    if edge < facts.width:
        across = across[:edge] + joint + across[edge + 1 :]
    return (Span(across, Role.RULE),)


def _news(facts: Facts) -> list[Line]:
    """Return the strip below the table: downloads while there are any to speak of, else the newest events."""
    if facts.snapshot is not None and (shown := recent(facts.snapshot.transfers, facts.snapshot.at)):
        return _downloads(facts, shown)
    across = facts.drawing.across
    title: Line = (Span(across * 2 + " ", Role.RULE), Span("Activity", Role.HEAD), Span(" "))
    used = 2 + 1 + len("Activity") + 1
    heading = (*title, Span(text_of(_ruled(facts, facts.drawing.foot))[used:], Role.RULE))
    events = facts.snapshot.events if facts.snapshot is not None else ()
    return [heading, *chrome.news(events, facts.shape.news, facts.zone, facts.width, facts.drawing.ellipsis)]


def _downloads(facts: Facts, shown: Sequence[Transfer]) -> list[Line]:
    assert facts.snapshot is not None
    head = title(facts.snapshot.transfers, facts.snapshot.transfers_before)
    drawn = [head, *strip(shown, facts.width, facts.drawing)]
    heading = (Span(facts.drawing.across * 2 + " ", Role.RULE), *drawn[0], Span(" "))
    used = width_of(heading)
    rest = Span(text_of(_ruled(facts, facts.drawing.foot))[used:], Role.RULE)
    return [(*heading, rest), *drawn[1:]]
