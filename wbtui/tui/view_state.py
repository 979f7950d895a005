"""Which rows of a tab are shown, and how it was looked at, as text that outlives the program. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Event, Level
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.column import Context, last_skip
from wbtui.tui.tabs.filter_language import EVERYTHING, BadFilter, Filter, parse
from wbtui.tui.tabs.row import Row, row_key
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.times import TimeFormat

Test = Callable[[Row], bool]


class RowFilter:
    """What the user chose of one tab's rows; marks and cursor are not touched by it."""

    def __init__(self, tab: TabSpec) -> None:
        self.tab = tab
        self.filter: Filter = EVERYTHING
        """The last one that was understood."""
        self.problems = False
        """Only what went wrong."""
        self.errors = False
        """Activity: only errors, not even warnings."""
        self._hidden: frozenset[ItemKey] = frozenset()
        self._test: Test | None = None
        self._made = False

    def type(self, text: str) -> str:
        """Filter by this text; if it is wrong, keep the last filter and return what is wrong and where."""
        try:
            self.filter = parse(text.strip(), self.tab.filter_fields)
        except BadFilter as error:
            return str(error)
        self._made = False
        return ""

    def toggle_problems(self) -> None:
        """Show only what went wrong, or everything again."""
        self.problems = not self.problems
        self._made = False

    def toggle_errors(self) -> None:
        """Show only errors of Activity, or everything again."""
        self.errors = not self.errors
        self._made = False

    def clear(self) -> None:
        """Show every row that was not taken away."""
        self.filter, self.problems, self.errors = EVERYTHING, False, False
        self._made = False

    @property
    def hidden(self) -> frozenset[ItemKey]:
        """Return the keys that were taken away."""
        return self._hidden

    def hide(self, keys: Collection[ItemKey]) -> None:
        """Take these rows away until they are taken back."""
        self._hidden |= frozenset(keys)
        self._made = False

    def show_again(self, keys: Collection[ItemKey]) -> None:
        """Show these rows again."""
        self._hidden -= frozenset(keys)
        self._made = False

    @property
    def narrows(self) -> bool:
        """Return whether a filter is in force, of whatever kind."""
        return bool(self.filter.terms) or self.problems or self.errors

    @property
    def words(self) -> str:
        """Return what is filtered by, as the status line says it."""
        parts = [f"/{self.filter.text}"] if self.filter.terms else []
        parts += ["problems only"] if self.problems else []
        parts += ["errors only"] if self.errors else []
        return "  ".join(parts)

    def test(self, context: Context) -> Test | None:
        """Return what a row must pass, or None if all do.

        It stays the same object until something was chosen, or the filter looks at ages, so that rows are
        not worked through again for nothing.
        """
        if not self._made or self.filter.timed:
            self._test = self._make(context)
            self._made = True
        return self._test

    def _make(self, context: Context) -> Test | None:
        tests: list[Test] = []
        if self._hidden:
            hidden = self._hidden
            tests.append(lambda row: row_key(row) not in hidden)
        if self.problems:
            tests.append(self.tab.is_problem)
        if self.errors:
            tests.append(lambda row: isinstance(row, Event) and row.level is Level.ERROR)
        if self.filter.terms:
            holds = self.filter.holds
            tests.append(lambda row: holds(row, context))
        if len(tests) < 2:
            return tests[0] if tests else None
        return lambda row: all(test(row) for test in tests)


Recall = Callable[[str], str | None]
Remember = Callable[[str, str], None]

_SCREEN: Final = "view.screen"
_SEEN: Final = "activity.seen"


def name_of(tab: TabSpec) -> str:
    """Return the name under which a tab's view is remembered."""
    return f"view.{tab.id}"


def written(view: TabView, choice: RowFilter) -> str:
    """Return the state of a tab's view as text; marks and what was taken away end with the program."""
    found = {
        "filter": choice.filter.text,
        "problems": choice.problems,
        "errors": choice.errors,
        "sort": view.list.sort,
        "reverse": view.list.reverse,
        "skip": view.list.skip,
        "wide": view.list.wide,
        "form": view.mode.value,
        "folder": view.folder,
        "matrix": [view.matrix.sort, view.matrix.reverse, view.matrix.locale],
        "cursor": view.selection.lines.wanted_key,
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def restore(text: str | None, view: TabView, choice: RowFilter) -> None:
    """Put a remembered state back; of one that is damaged or of another version what can be used.

    What was chosen in this run already stays.
    """
    found = {**_decoded(text), **_chosen(view, choice)}
    choice.type(_text(found, "filter"))
    choice.problems = found.get("problems") is True
    choice.errors = found.get("errors") is True
    if _text(found, "sort") in {each.id for each in view.tab.columns}:
        view.list.sort = _text(found, "sort")
        view.list.reverse = found.get("reverse") is True
    skip = found.get("skip")
    if isinstance(skip, int):
        view.list.skip = max(0, min(skip, last_skip(view.tab.columns)))
    view.list.wide = found.get("wide") is True
    _restore_matrix(found, view)
    cursor = _text(found, "cursor")
    if cursor:
        view.selection.lines.expect(ItemKey(cursor))


def _chosen(view: TabView, choice: RowFilter) -> Mapping[str, Any]:
    """Return of a tab's state what is not as it is at first."""
    first = _decoded(written(TabView(view.tab), RowFilter(view.tab)))
    now = _decoded(written(view, choice))
    names = {name for name, value in now.items() if value != first[name]}
    names |= {"sort", "reverse"} if names & {"sort", "reverse"} else set()
    return {name: now[name] for name in names}


def _restore_matrix(found: Mapping[str, Any], view: TabView) -> None:
    forms = {each.value: each for each in view.tab.all_modes}
    view.selection.mode = forms.get(_text(found, "form"), view.mode)
    folder = found.get("folder")
    if view.tab.folder is not None and view.mode is not ViewMode.JOBS and isinstance(folder, str):
        view.folder, view.folder_words = folder, _text(found, "filter")
    matrix = found.get("matrix")
    if isinstance(matrix, list) and len(matrix) == 3 and isinstance(matrix[0], str):
        view.matrix.sort, view.matrix.reverse = matrix[0], matrix[1] is True
        view.matrix.locale = matrix[2] if isinstance(matrix[2], str) else None


def _decoded(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


class ViewMemory:
    """Puts the views back at the start, and writes each one down when it has changed."""

    def __init__(self, recall: Recall, remember: Remember, *, views: bool = True) -> None:
        self._views = views
        self._remember = remember
        self._recall = recall
        self._written: dict[str, str] = {}

    def restore(
        self, views: Mapping[TabSpec, TabView], choices: Mapping[TabSpec, RowFilter]
    ) -> tuple[TabSpec, TimeFormat]:
        """Put every tab's view back; return the tab and the form of times of the last time."""
        if not self._views:
            return TABS[0], TimeFormat.AGE
        for tab in TABS:
            restore(self._recall(name_of(tab)), views[tab], choices[tab])
        found = _decoded(self._recall(_SCREEN))
        tab = next((each for each in TABS if each.id == found.get("tab")), TABS[0])
        times = next((each for each in TimeFormat if each.value == found.get("times")), TimeFormat.AGE)
        return tab, times

    def seen(self) -> int:
        """Return the id of the newest event that was looked at."""
        text = self._recall(_SEEN) or ""
        return int(text) if text.isascii() and text.isdecimal() else 0

    def saw(self, event: int) -> None:
        """Write down the id of the newest event that was looked at."""
        self._remember(_SEEN, str(event))

    def keep(
        self,
        views: Mapping[TabSpec, TabView],
        choices: Mapping[TabSpec, RowFilter],
        tab: TabSpec,
        times: TimeFormat,
    ) -> None:
        """Write down what has changed since the last time."""
        if not self._views:
            return
        now = {name_of(each): written(views[each], choices[each]) for each in TABS}
        now[_SCREEN] = json.dumps({"tab": tab.id, "times": times.value})
        for name, text in now.items():
            if self._written.get(name) != text:
                self._remember(name, text)
        self._written = now
