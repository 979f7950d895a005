"""What the screen shows and how it is looked at, without any widget: snapshot, tabs, message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from wbtui.model import BeeboxFile, Snapshot
from wbtui.ui import bands, bars
from wbtui.ui.columns import Context
from wbtui.ui.derived import subject
from wbtui.ui.details import Subject
from wbtui.ui.frame import Facts
from wbtui.ui.glyphs import Drawing
from wbtui.ui.matrix import Form
from wbtui.ui.shape import Place, Shape
from wbtui.ui.slices import Steps, at_once
from wbtui.ui.tab_view import TabView
from wbtui.ui.tabs import TABS, Count, Tab, unread

_NOUNS = {
    (Tab.ACTIVITY, Form.LIST): "events",
    (Tab.BEEBOX, Form.MATRIX): "files",
    (Tab.BEEBOX, Form.JOBS): "folders",
    (Tab.FLEX, Form.MATRIX): "components",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How this run of the program shows things."""

    banner: bars.Banner
    drawing: Drawing
    zone: tzinfo | None = None
    """None: the machine's."""
    seen: Callable[[int], None] | None = None
    """Told the id of the newest event once Activity has been looked at."""
    seen_event: int = 0
    """The one of the last time."""


class ViewModel:
    """The state of the screen; widgets are drawn from it and keys change it."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.snapshot: Snapshot | None = None
        self.tab = Tab.OPERATIONS
        self.message = ""
        self.views: Mapping[Tab, TabView] = {tab: TabView(tab) for tab in TABS}
        self._seen_event = manner.seen_event

    @property
    def view(self) -> TabView:
        """Return the view state of the present tab."""
        return self.views[self.tab]

    @property
    def context(self) -> Context | None:
        """Return what cells are drawn with; None before the first snapshot."""
        if self.snapshot is None:
            return None
        return Context(self.snapshot.at, self.manner.zone, self.snapshot.places, self.manner.drawing)

    def take(self, snapshot: Snapshot) -> None:
        """Take a newer snapshot into every tab; what is long to work out is left for `work`."""
        self.snapshot = snapshot
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
            shown = tab is self.tab
            if not view.long and view.due(shown=shown):
                self._tell(tab, at_once(view.work(context, shown=shown)))

    def work(self) -> Steps[None] | None:
        """Return the next long work in slices, that of the present tab first; None if all is up to date."""
        context = self.context
        if context is None:
            return None
        for tab in sorted(self.views, key=lambda each: each is not self.tab):
            if self.views[tab].due(shown=tab is self.tab):
                return self._work_on(tab, context)
        return None

    def _work_on(self, tab: Tab, context: Context) -> Steps[None]:
        kept = yield from self.views[tab].work(context, shown=tab is self.tab)
        self._tell(tab, kept)

    def _tell(self, tab: Tab, kept: bool) -> None:
        if not kept and tab is self.tab:
            self.message = "The item under the cursor left the view."

    def show_tab(self, tab: Tab) -> None:
        """Turn to a tab."""
        self.tab = tab
        self.message = ""
        self.settle()
        self._look()

    def step_tab(self, distance: int) -> None:
        """Turn to the tab so many further on, in a circle."""
        self.show_tab(TABS[(TABS.index(self.tab) + distance) % len(TABS)])

    def _look(self) -> None:
        """Take the events as seen if Activity is in sight."""
        if self.tab is not Tab.ACTIVITY or self.snapshot is None:
            return
        newest = max((event.id for event in self.snapshot.events), default=0)
        if newest > self._seen_event:
            self._seen_event = newest
            if self.manner.seen is not None:
                self.manner.seen(newest)

    def sort(self, id: str | None) -> None:
        """Sort by that column, once more to reverse; None: by the next one."""
        if id is None:
            self.view.sort_next()
        else:
            self.view.sort_by(id)
        self.settle()

    @property
    def unread(self) -> Count:
        """Return the events that have not been seen."""
        if self.snapshot is None or self.tab is Tab.ACTIVITY:
            return Count()
        return unread(self.snapshot.events, self._seen_event)

    @property
    def counts(self) -> dict[Tab, Count]:
        """Return the figures of each tab's label."""
        return {tab: view.count for tab, view in self.views.items()} | {Tab.ACTIVITY: self.unread}

    def tab_at(self, x: int, width: int) -> Tab | None:
        """Return the tab whose label stands at that cell of the tab bar."""
        return bars.tab_at(self.tab, self.counts, width, x)

    @property
    def subject(self) -> Subject | None:
        """Return what the details are about; None if there is no row."""
        row = self.view.current
        if self.snapshot is None or row is None:
            return None
        siblings = self.view.siblings(row) if isinstance(row, BeeboxFile) else ()
        return subject(row, siblings, self.snapshot)

    @property
    def empty(self) -> list[str]:
        """Return the words to show if the present tab has no rows."""
        return bands.empty(self.snapshot, self.tab, self.context)

    def facts(self, cut: Shape, width: int, *, full: bool) -> Facts:
        """Return what the lines round the table are drawn from."""
        view = self.view
        beside = cut.details is Place.RIGHT and not full
        order, reverse = view.order
        noun = "so far, sorting" if view.partial else _NOUNS.get((self.tab, view.form), "items")
        marks = len(view.rows.marks)
        return Facts(
            banner=self.manner.banner,
            snapshot=self.snapshot,
            tab=self.tab,
            counts=self.counts,
            standing=bars.Standing(len(view.lines), order, reverse, marks, noun),
            message=self.message,
            unread=self.unread,
            totals=view.census.totals if view.form is Form.LIST else (),
            shape=cut,
            width=width,
            table_width=width - (cut.details_width if beside else 0),
            zone=self.manner.zone,
            drawing=self.manner.drawing,
        )
