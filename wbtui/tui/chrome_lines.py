"""All lines round the table, worked out from one value. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.snapshot import Download, Snapshot
from wbtui.tui import chrome, tab_banner
from wbtui.tui.actions import ACTIONS, KeyAction, on_key_line
from wbtui.tui.download_lines import recent, strip, title
from wbtui.tui.layout import Layout
from wbtui.tui.matrix import LocaleTotal
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.glyphs import Drawing
from wbtui.tui.tabs.row import Count
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.lines import Line, Role, Span, text_of, width_of


@dataclass(frozen=True, slots=True)
class ChromeInput:
    """What the lines round the table are drawn from."""

    banner: chrome.Banner
    snapshot: Snapshot | None
    tab: TabSpec
    counts: Mapping[TabSpec, Count]
    table: chrome.TableStatus
    message: str
    unread: Count
    totals: Sequence[LocaleTotal]
    layout: Layout
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


def all_lines(shown: ChromeInput) -> dict[str, list[Line]]:
    """Return the lines of each part by the part's id."""
    width, snapshot, drawing = shown.width, shown.snapshot, shown.drawing
    return {
        "summary": [chrome.summary(shown.banner, snapshot, shown.counts, shown.zone)],
        "header": [chrome.header(shown.banner, snapshot, shown.zone, width, drawing.dot)],
        "tabs": [chrome.tabs(shown.tab, shown.counts, width)],
        "status": [status(shown)],
        "rule": [_ruled(shown, drawing.tee)],
        "band": banner(shown),
        "news": _news(shown),
        "message": footer_message(shown),
        "keys": [footer_keys(shown)],
    }


def status(shown: ChromeInput) -> Line:
    """Return the status line; it tells what lies above the rows that are seen, too."""
    return chrome.status(shown.table, shown.snapshot, shown.tab, shown.zone, shown.width)


def footer_message(shown: ChromeInput) -> list[Line]:
    """Return the message line."""
    return [chrome.footer_message(shown.message, shown.unread, shown.width, shown.drawing.ellipsis)]


def footer_keys(shown: ChromeInput) -> Line:
    """Return the key line; it depends on what is under the cursor, too."""
    return chrome.footer_keys(on_key_line(shown.tab, shown.actions), shown.width, shown.actions, shown.off)


def banner(shown: ChromeInput) -> list[Line]:
    """Return the lines above the table: what is wrong, then totals or the question."""
    snapshot, width = shown.snapshot, shown.table_width
    tab, service = shown.tab, shown.tab.service
    if snapshot is None or service is None:
        return []
    context = Context(snapshot.at, shown.zone, snapshot.places, shown.drawing, purge_days=snapshot.purge_days)
    most = shown.layout.banner_lines
    kept = 0 if tab.question is None else 1  # it is seen while the rows answer another one still
    lines = tab_banner.notice(snapshot.health.get(service), context, width, max(1, min(2, most - kept)))
    room = max(1, most) if not lines else most - len(lines)
    if room < 1:
        return lines
    if tab.totals and shown.totals:
        of, partial = _of(shown), shown.partial
        lines += tab_banner.totals_lines(shown.totals, context, width, room, of=of, partial=partial)
    if tab.question is not None:
        lines += tab.question(snapshot, context, width, room)
    return lines


def _of(shown: ChromeInput) -> str:
    """Return what the totals are of, where that is not all there is."""
    return " ".join(word for word in ("of these" * shown.filtered, "so far" * shown.partial) if word)


def _ruled(shown: ChromeInput, joint: str) -> Line:
    """Return a line across the screen, joined to the one before the details."""
    across = shown.drawing.across * shown.width
    edge = shown.table_width
    if edge < shown.width:
        across = across[:edge] + joint + across[edge + 1 :]
    return (Span(across, Role.RULE),)


def _news(shown: ChromeInput) -> list[Line]:
    """Return the strip below the table: downloads while there are any to speak of, else the newest events."""
    snapshot = shown.snapshot
    if snapshot is not None and (downloads := recent(snapshot.transfers, snapshot.at)):
        return _downloads(shown, snapshot, downloads)
    across = shown.drawing.across
    title: Line = (Span(across * 2 + " ", Role.RULE), Span("Activity", Role.HEAD), Span(" "))
    used = 2 + 1 + len("Activity") + 1
    heading = (*title, Span(text_of(_ruled(shown, shown.drawing.foot))[used:], Role.RULE))
    events = snapshot.events if snapshot is not None else ()
    return [heading, *chrome.news(events, shown.layout.news, shown.zone, shown.width, shown.drawing.ellipsis)]


def _downloads(shown: ChromeInput, snapshot: Snapshot, downloads: Sequence[Download]) -> list[Line]:
    head = title(snapshot.transfers, snapshot.transfers_before)
    heading = (Span(shown.drawing.across * 2 + " ", Role.RULE), *head, Span(" "))
    rest = Span(text_of(_ruled(shown, shown.drawing.foot))[width_of(heading) :], Role.RULE)
    return [(*heading, rest), *strip(downloads, shown.width, shown.drawing)]
