"""What is known of a tab, in one value: each tab has a file that makes it, and `all.py` lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.tabs.column import Column, Context, adapted
from wbtui.tui.tabs.detail_fields import DetailField
from wbtui.tui.tabs.filter_language import FilterField
from wbtui.tui.tabs.row import row_key
from wbtui.tui.tabs.state import has_problem
from wbtui.tui.toolkit.lines import Line
from wbtui.tui.toolkit.times import TimeFormat


class ViewMode(StrEnum):
    """How a tab shows its items."""

    LIST = "list"
    MATRIX = "matrix"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grouping:
    """How a tab puts together the items that differ in their language alone; called for 200 000 items."""

    key: Callable[[Any], ItemKey]
    """The key of the group that an item belongs to; wire names keep unsafe ones apart."""
    name: Callable[[Any], tuple[str, str]]
    """What stands before the name, its separator included, and the name."""
    head: Callable[[Any, str, str], Sequence[DetailField]]
    """(item, folder, name) -> what the details of a whole row begin with."""
    size: Callable[[Any], int | None]
    look: Callable[[Any], object]
    """What the look of its state depends on, and no more."""
    noun: str
    """The head of the column of names."""
    size_noun: str
    complete: str
    """What is said of a language that is done."""
    absent: str = ""
    """What the legend says of a cell without an item; nothing: it says nothing."""
    foldered: bool = False
    """Whether a name always bears what stands before it; else only where that differs."""
    source: Callable[[Any], str] = lambda _: ""
    """What the server is asked about to learn of an item; see `TabSpec.half_known`."""
    error: Callable[[Any], str] = lambda _: ""
    one_source: bool = False
    """Whether all languages are made from one source, so that what is done to it concerns all of them."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TabSpec:
    """A tab: its names, its columns, its filter, its details, and in what it differs from the others.

    Functions get rows of the tab's own kind.
    """

    id: str
    """Its name in action ids, in what is stored, and in file names."""
    short: str
    """Its label on a narrow terminal."""
    service: Service | None
    """The service whose items it shows; None: it shows events."""
    columns: tuple[Column, ...]
    filter_fields: tuple[FilterField, ...]
    details: Callable[[Any, Context, int], list[DetailField]]
    """(row, context, width) -> its lines in the details."""
    empty: Callable[[Snapshot, Context], list[str]]
    """The paragraphs to show where there are no rows; the first is plain."""
    title: Callable[[Any], str] = lambda row: row.name
    """What stands over the details of a row."""
    sections: Callable[[Any, Context, int], list[Line]] = lambda *_: []
    """(row, context, width) -> further lines of the details, below its fields."""
    is_problem: Callable[[Any], bool] = has_problem
    """Whether `!` shows a row."""
    noun: str = "items"
    """What the status line counts in the list."""
    group_noun: str = "items"
    """What it counts in the matrix."""
    modes: tuple[ViewMode, ...] = (ViewMode.LIST,)
    """The view modes that `m` goes through, the first one first."""
    grouping: Grouping | None = None
    """How the lines of the matrix are made; None: there is no matrix."""
    folder: Callable[[Any], str] | None = None
    """The first folder of an item, where items can be added up by it."""
    totals: bool = False
    """Whether totals by language stand above the list."""
    side: Callable[[bool], Callable[[Any], bool]] | None = None
    """(inverted) -> whether a row is on the side of the question that is shown; None: all rows are."""
    question: Callable[[Snapshot, Context, int, int], list[Line]] | None = None
    """(snapshot, context, width, most) -> the question that the rows answer, as lines above the table."""
    half_known: Callable[[Snapshot], frozenset[str]] = lambda _: frozenset()
    """The sources that have not wholly answered the question; no share is told of them."""
    watched: bool = False
    """Whether the user named its items to have them watched, so that `x` ends that."""
    unit: Callable[[Any], str] = row_key
    """What one call to the server concerns: the item, or the source of several."""
    state_words: Callable[[Any], str] = lambda _: ""
    """What a confirm dialog says of an item behind its state."""
    sent_noun: str = "request"
    """What is sent when an item is tried again."""
    result_noun: str = "file"
    """What is downloaded."""
    nothing_new: str = "all that is ready was downloaded"
    """What is said where nothing new can be downloaded."""
    number: Callable[[Any], int | None] = lambda _: None
    """The number by which `:goto` finds an item besides its key and name."""
    web: Callable[[Any], str] = lambda _: ""
    """The address of an item's own web page."""

    @property
    def label(self) -> str:
        """Return the name shown."""
        return self.id.capitalize()

    @property
    def of_events(self) -> bool:
        """Return whether its rows are events, the newest first, and not items."""
        return self.service is None

    @property
    def all_modes(self) -> tuple[ViewMode, ...]:
        """Return every view mode that the tab has."""
        return self.modes if self.folder is None else (*self.modes, ViewMode.JOBS)

    def column(self, id: str) -> Column:
        """Return a column by its id; raises StopIteration for one that there is not."""
        return next(column for column in self.columns if column.id == id)

    def columns_for(
        self, width: int, times: TimeFormat = TimeFormat.AGE, *, wide: bool = False
    ) -> tuple[Column, ...]:
        """Return the columns for a table of that width; with `wide` names give way for more of them."""
        return adapted(self.columns, width, times, wide=wide)

    def table_noun(self, mode: ViewMode) -> str:
        """Return what the status line counts."""
        return {ViewMode.LIST: self.noun, ViewMode.MATRIX: self.group_noun}.get(mode, "folders")
