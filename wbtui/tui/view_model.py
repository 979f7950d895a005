"""What the screen shows and how it is looked at, without any widget: snapshot, tabs, message."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from wbtui.config.values import UiSettings
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import PROBLEM, ItemKey, State
from wbtui.domain.snapshot import HealthWord, Snapshot
from wbtui.tui import chrome, tab_banner
from wbtui.tui.actions import ACTIONS, KeyAction, Need
from wbtui.tui.chrome_lines import ChromeInput
from wbtui.tui.details_pane import subject, whole_row
from wbtui.tui.layout import DetailsPlace, Layout
from wbtui.tui.minute import Minute
from wbtui.tui.offered_actions import reasons
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.all import ITEM_TABS, TABS
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.details import Subject
from wbtui.tui.tabs.glyphs import ASCII, Drawing
from wbtui.tui.tabs.row import Cell, Count, Row, row_key, unread
from wbtui.tui.tabs.row_details import WholeRow
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.lines import cut_middle
from wbtui.tui.toolkit.steps import Steps, at_once
from wbtui.tui.toolkit.times import TimeFormat, short_clock
from wbtui.tui.view_state import RowFilter, ViewMemory


class MessageLine:
    """Holds the words of the message line.

    What is no failure is replaced by whatever is said next, and goes with the next key. A failure stays, with
    later words behind it, until a key is pressed after it was drawn. Times are seconds, as events have them.
    """

    def __init__(self) -> None:
        self.failure = ""
        """The words of a failure that was not followed by a key yet; to be read, not written."""
        self._other = ""
        self._seen_since = math.inf

    @property
    def text(self) -> str:
        """Return the words, those of a failure first."""
        return "   ".join(filter(None, (self.failure, self._other)))

    @property
    def drawn(self) -> bool:
        """Return whether the words were drawn as they are now."""
        return self._seen_since < math.inf

    def say(self, text: str, *, failed: bool = False) -> None:
        """Say something; of two failures the later one stands there."""
        if failed:
            self.failure, self._other = text, ""
        else:
            self._other = text
        if failed or not self.failure:
            self._seen_since = math.inf

    def show(self, at: float) -> None:
        """Record that the words have been drawn."""
        self._seen_since = min(self._seen_since, at)

    def press(self, at: float) -> bool:
        """Record a key: words that were seen before it go; return whether there were any."""
        if at <= self._seen_since or not self.text:
            return False
        self.failure = self._other = ""
        return True


AN_HOUR = 3600.0
"""Seconds without a key after which the line is shown."""


@dataclass(frozen=True, slots=True)
class AwaySummary:
    """What became ready and what failed since a moment."""

    since: datetime
    ready: int = 0
    failed: int = 0
    tab: TabSpec | None = None
    """The first tab on which something failed."""

    def __bool__(self) -> bool:
        return bool(self.ready or self.failed)

    def words(self, clock: str) -> str:
        """Return the line; `clock` is the moment as it is shown."""
        counts = [f"{self.ready} ready"] if self.ready else []
        counts += [f"{self.failed} failed"] if self.failed else []
        leads = "   ! shows what failed" if self.failed else ""
        return f"since {clock}: {', '.join(counts)}{leads}"


def missed(snapshot: Snapshot, since: datetime) -> AwaySummary:
    """Count the items that became ready or failed after a moment, as wbtui saw it."""
    ready = failed = 0
    first: TabSpec | None = None
    for tab, service in ITEM_TABS:
        for item in snapshot.items(service):
            if item.changed_at is None or item.changed_at <= since:
                continue
            ready += item.state is State.READY
            if item.state in PROBLEM:
                failed += 1
                first = first or tab
    return AwaySummary(since, ready, failed, first)


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """What the screen is drawn with: its settings from the file, and what the run was started with."""

    banner: chrome.Banner
    drawing: Drawing
    settings: UiSettings
    zone: tzinfo | None = None
    """None: the machine's."""
    actions: Sequence[KeyAction] = ACTIONS
    """With the keys of this run."""

    @property
    def offered(self) -> Sequence[KeyAction]:
        """Return the actions for help and key line: in a read-only profile none that changes a server."""
        return [each for each in self.actions if not (each.server and self.banner.read_only)]


@dataclass(frozen=True, slots=True)
class Targets:
    """The items that an action is for."""

    rows: tuple[Row, ...]
    marked: bool = False
    left_out: int = 0
    """Marked ones that the filter hides: nothing is done to them."""

    @property
    def keys(self) -> frozenset[ItemKey]:
        """Return the keys of the items."""
        return frozenset(row_key(row) for row in self.rows)

    @property
    def remark(self) -> str:
        """Return what is to be said of marked items that are left out, or nothing."""
        if not self.left_out:
            return ""
        noun = "1 marked item is" if self.left_out == 1 else f"{self.left_out} marked items are"
        return f"; {noun} hidden by the filter: left out"


class ViewModel:
    """The state of the screen; widgets are drawn from it and keys change it."""

    def __init__(self, options: ScreenOptions) -> None:
        self.options = options
        self.snapshot: Snapshot | None = None
        self.tab = TABS[0]
        self.message = MessageLine()
        self.views: Mapping[TabSpec, TabView] = {tab: TabView(tab) for tab in TABS}
        self.choices: Mapping[TabSpec, RowFilter] = {tab: RowFilter(tab) for tab in TABS}
        self.times = TimeFormat.AGE
        self.missed: AwaySummary | None = None
        """What happened while nobody was at the keys, until somebody has looked at it."""
        self.taken_away: list[tuple[TabSpec, frozenset[ItemKey]]] = []
        """What `x` took away, the last one at the end."""
        self._memory: ViewMemory | None = None
        self._turned = False
        """Whether a tab was chosen in this run."""
        self._seen_event = 0
        self._minute = Minute()

    @property
    def view(self) -> TabView:
        """Return the view state of the present tab."""
        return self.views[self.tab]

    @property
    def context(self) -> Context | None:
        """Return what cells are drawn with; None before the first snapshot."""
        if self.snapshot is None:
            return None
        now = self.snapshot
        return Context(
            self._minute.at,
            self.zone,
            now.places,
            self.options.drawing,
            self.times,
            now.forecasts,
            now.purge_days,
            now.read_times,
        )

    @property
    def ascii_only(self) -> bool:
        """Return whether lines and bars are made of ASCII characters."""
        return self.options.drawing is ASCII

    @property
    def zone(self) -> tzinfo | None:
        """Return the zone in which times are shown; None: the machine's."""
        return UTC if self.times is TimeFormat.UTC else self.options.zone

    @property
    def choice(self) -> RowFilter:
        """Return what is chosen of the present tab's rows."""
        return self.choices[self.tab]

    def restore_views(self, memory: ViewMemory) -> None:
        """Restore how every tab was looked at the last time, but for what was chosen already."""
        self._memory = memory
        tab, times = memory.restore(self.views, self.choices)
        self.tab = self.tab if self._turned else tab
        self.times = times if self.times is TimeFormat.AGE else self.times
        self._seen_event = max(self._seen_event, memory.seen())
        self.settle()

    def keep(self) -> None:
        """Write down how the tabs are looked at, as far as that has changed."""
        if self._memory is not None and self.snapshot is not None:
            self._memory.keep(self.views, self.choices, self.tab, self.times)

    def take(self, snapshot: Snapshot) -> None:
        """Take a newer snapshot into every tab; what is long to work out is left for `work`."""
        snapshot = self.snapshot = self._minute.held(snapshot)
        if not self._turned:
            self.tab = _first_that_is_on(self.tab, snapshot)
        context = self.context
        assert context is not None
        for view in self.views.values():
            view.take(snapshot, context)
        self.settle()
        self._look()

    def settle(self) -> None:
        """Bring every tab up to date whose work is short, and tell if the item under the cursor has gone."""
        context = self.context
        if context is None:
            return
        for tab, view in self.views.items():
            view.wanted = self.choices[tab].test(context)
            shown = tab is self.tab
            if not view.long and view.due(shown=shown):
                left = view.selection.current_key
                self._tell(tab, left, at_once(view.work(context, shown=shown)))

    def work(self) -> Steps[None] | None:
        """Return the next long work in slices, that of the present tab first; None if all is up to date."""
        context = self.context
        if context is None:
            return None
        for tab in sorted(self.views, key=lambda each: each is not self.tab):
            if self.views[tab].due(shown=tab is self.tab):
                return self._work_on(tab, context)
        return None

    def _work_on(self, tab: TabSpec, context: Context) -> Steps[None]:
        left = self.views[tab].selection.current_key
        kept = yield from self.views[tab].work(context, shown=tab is self.tab)
        self._tell(tab, left, kept)

    def _tell(self, tab: TabSpec, left: ItemKey | None, kept: bool) -> None:
        """Say that the item under the cursor has gone, unless the user took it away."""
        mine = self.taken_away and left in self.taken_away[-1][1]
        if not kept and tab is self.tab and not mine:
            self.message.say("The item under the cursor left the view.")

    def show_tab(self, tab: TabSpec) -> None:
        """Turn to a tab."""
        self._turned = True
        self.tab = tab
        self.message.say("")
        self.settle()
        self._look()

    def _look(self) -> None:
        """Take the events as seen if Activity is in sight."""
        if not self.tab.of_events or self.snapshot is None:
            return
        newest = max((event.id for event in self.snapshot.events), default=0)
        if newest > self._seen_event:
            self._seen_event = newest
            if self._memory is not None:
                self._memory.saw(newest)

    @property
    def targets(self) -> Targets:
        """Return what an action is for: the marked items that are in view, else what is under the cursor."""
        view = self.view
        marks = view.selection.marks
        if not marks:
            return Targets(view.selection.under_cursor)
        seen = marks & frozenset(view.selection.visible_keys)
        return Targets(view.items(seen), marked=True, left_out=len(marks) - len(seen))

    @property
    def missing(self) -> frozenset[Need]:
        """Return which needs of actions are not met."""
        view = self.view
        lacks = {
            Need.ROW: not view.selection.lines,
            Need.MARKS: not view.selection.marks and view.selection.lines.anchor is None,
            Need.UNDO: not self.taken_away,
        }
        return frozenset(need for need, lack in lacks.items() if lack)

    @property
    def reasons(self) -> Mapping[str, str]:
        """Return why some of the keys that act can do nothing at this moment, by the action's id."""
        if self.snapshot is None or (self.view.long and self.view.selection.marks):
            return {}  # searching the marked ones of a long list takes too long for every frame
        return reasons(self.tab, self.targets.rows, read_only=self.snapshot.read_only)

    @property
    def unread(self) -> Count:
        """Return the events that have not been seen."""
        if self.snapshot is None or self.tab.of_events:
            return Count()
        return unread(self.snapshot.events, self._seen_event)

    @property
    def counts(self) -> dict[TabSpec, Count]:
        """Return the figures of each tab's label."""
        return {tab: view.count for tab, view in self.views.items()} | {ACTIVITY: self.unread}

    def tab_at(self, x: int, width: int) -> TabSpec | None:
        """Return the tab whose label stands at that cell of the tab bar."""
        return chrome.tab_at(self.tab, self.counts, width, x)

    @property
    def subject(self) -> Subject | WholeRow | None:
        """Return what the details are about; None if there is no row, or none in this language."""
        view, marked = self.view, len(self.view.selection.marks)
        if self.snapshot is None:
            return None
        line = view.selection.whole_line
        if line is not None:
            locale = view.matrix.locale
            so_far = view.part is not None
            return whole_row(self.tab, line, self.snapshot, marked=marked, so_far=so_far, locale=locale)
        row = view.selection.current
        if row is None:
            return None
        grouping = self.tab.grouping
        shared = grouping is not None and grouping.one_source
        siblings = view.counts.siblings(row) if shared and isinstance(row, Cell) else ()
        return subject(self.tab, row, siblings, self.snapshot, marked=marked)

    @property
    def subject_key(self) -> object:
        """Return what the details keep their place for."""
        line = self.view.selection.whole_line
        return self.tab, self.view.selection.current_key if line is None else line.key

    @property
    def empty(self) -> list[str]:
        """Return the words to show if the present tab has no rows."""
        if self.view.count.total and (self.choice.words or self.choice.hidden):
            hidden = len(self.choice.hidden)
            taken = [f"{hidden} taken away with x: z takes the last one back."] if hidden else []
            words = self.choice.words
            slip = [self.choice.filter.strange] if self.choice.filter.strange else []
            found = [f"No row passes {words}.", *slip, "esc takes the filter away.", *taken]
            return found if words else taken
        if self.view.folder is not None and self.view.count.total:
            return [f"There is no file in {self._place} any more.", "esc goes back to the folders."]
        return tab_banner.empty(self.snapshot, self.tab, self.context)

    @property
    def missed_words(self) -> str:
        """Return the line on what happened while nobody was at the keys, or nothing."""
        return "" if self.missed is None else self.missed.words(short_clock(self.missed.since, self.zone))

    def chrome_input(self, layout: Layout, width: int, *, full: bool) -> ChromeInput:
        """Return what the lines round the table are drawn from."""
        view = self.view
        beside = layout.details is DetailsPlace.RIGHT and not full
        noun = "so far, sorting" if view.partial else self.tab.table_noun(view.mode)
        marks = len(view.selection.marks)
        return ChromeInput(
            banner=self.options.banner,
            snapshot=self.snapshot,
            tab=self.tab,
            counts=self.counts,
            table=chrome.TableStatus(
                len(view.selection.lines),
                view.columns.order_name,
                view.columns.reverse,
                marks,
                noun,
                self.choice.words,
                view.whole,
                self._notes(),
                self._above,
                self._place and f" in {self._place}",
            ),
            message=self.message.text,
            unread=self.unread,
            totals=view.totals if view.mode is ViewMode.LIST else (),
            filtered=view.narrowed,
            partial=view.part is not None,
            layout=layout,
            width=width,
            table_width=width - (layout.details_width if beside else 0),
            zone=self.zone,
            drawing=self.options.drawing,
            actions=self.options.offered,
            off=frozenset(self.reasons),
        )

    @property
    def _place(self) -> str:
        """Return the folder that is open, as it is called; or nothing."""
        folder = self.view.folder
        ellipsis = self.options.drawing.ellipsis
        return "" if folder is None else cut_middle(folder, 24, ellipsis) or "(no folder)"

    @property
    def _above(self) -> str:
        """Return how much of what went wrong lies above the rows that are seen, or nothing."""
        count = self.view.selection.lines.alerts_above
        word = "failed" if not self.tab.of_events else "problem" if count == 1 else "problems"
        return f"{count} {word} above" if count else ""

    def _notes(self) -> list[str]:
        """Return what else the status line says of the view."""
        lines, hidden = self.view.selection.lines, len(self.choice.hidden)
        notes = ["range open: v ends it"] if lines.anchor is not None else []
        notes += ["following"] if lines.followed is not None else []
        notes += [f"{hidden} taken away"] if hidden else []
        bells = 0 if self.snapshot is None else len(self.snapshot.alerts_on)
        notes += [f"{bells} {'bell' if bells == 1 else 'bells'}"] if bells else []
        return [*notes, "UTC"] if self.times is TimeFormat.UTC else notes


def _first_that_is_on(tab: TabSpec, snapshot: Snapshot) -> TabSpec:
    """Return this tab, or the first one that has a service if this one's is not set up."""
    if not _off(tab, snapshot):
        return tab
    return next((other for other, _ in ITEM_TABS if not _off(other, snapshot)), tab)


def _off(tab: TabSpec, snapshot: Snapshot) -> bool:
    """Return whether a tab is of a service that is not set up."""
    health = None if tab.service is None else snapshot.health.get(tab.service)
    return health is not None and health.word is HealthWord.OFF
