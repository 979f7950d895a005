"""Which rows of a tab are to be shown: the filter, problems only, and what the user took away. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection

from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Event, Level
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.filter_language import EVERYTHING, BadFilter, Filter, parse
from wbtui.tui.tabs.row import Row, row_key
from wbtui.tui.tabs.tab_spec import TabSpec

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
