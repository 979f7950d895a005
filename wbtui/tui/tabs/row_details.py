"""A whole row of a matrix in full: a file or component in all its languages, or a folder. Pure.

With no cell lit the keys act on every language of the row, so this says of how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action
from wbtui.domain.snapshot import Event, ReadOnly
from wbtui.tui.matrix import FolderRow, Group, LocaleTotal, urgency, urgent
from wbtui.tui.offered_actions import choose
from wbtui.tui.tabs.column import Context, figure
from wbtui.tui.tabs.detail_fields import DetailField, field_lines, heading
from wbtui.tui.tabs.details import action_lines, history_lines, marked_lines, siblings_lines
from wbtui.tui.tabs.glyphs import style_of
from wbtui.tui.tabs.row import Cell
from wbtui.tui.tabs.tab_spec import Grouping, TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, line, wrap

NAMED = 6
"""Languages that are named where a key concerns some of them; of more only the number is told."""


@dataclass(frozen=True, slots=True)
class WholeRow:
    """Everything the details say of one row of a matrix."""

    tab: TabSpec
    row: Group | FolderRow
    read_only: ReadOnly = ReadOnly.NO
    history: Sequence[Event] = ()
    """Events about any of its languages, oldest first."""
    bells: int = 0
    """Languages that the user has asked to be told about when they are done."""
    marked: int = 0
    """Marked items: while there are any, the keys act on them."""
    so_far: bool = False
    """Whether only a part of the list has been read."""
    locale: str | None = None
    """Of a folder: the language that the keys act on; None: all."""

    @property
    def grouping(self) -> Grouping:
        """Return how the row was put together."""
        assert self.tab.grouping is not None
        return self.tab.grouping


def title(whole: WholeRow) -> str:
    """Return what stands over the details."""
    if isinstance(whole.row, FolderRow):
        return whole.row.name or "(no folder)"
    return f"{whole.row.title}  {_languages(len(whole.row.cells))}"


def details(whole: WholeRow, context: Context, width: int) -> list[Line]:
    """Return all lines for a pane of that width."""
    if isinstance(whole.row, FolderRow):
        return [crop(each, width) for each in _folder(whole, whole.row, width)]
    group = whole.row
    lines: list[Line] = []
    for field in _fields(whole, group, context):
        lines.extend(field_lines(field, width))
    lines += siblings_lines("Languages", _cells(group), width)
    lines += history_lines(whole.history, context, width)
    lines += heading("Actions")
    if whole.marked:
        lines += marked_lines(whole.marked, width)
    else:
        lines += [each for name, words in _keys(whole, group) for each in action_lines(name, words, width)]
    return [crop(each, width) for each in lines]


def brief(whole: WholeRow, context: Context, width: int) -> list[Line]:
    """Return the two lines for a small screen: how its languages are, and what the keys do to how many."""
    if isinstance(whole.row, FolderRow):
        return [
            crop(line(f" {_files_words(whole)}"), width),
            crop(line(Span(f" d {_ready_words(whole, whole.row)}   enter opens it", Role.QUIET)), width),
        ]
    group, ellipsis = whole.row, context.drawing.ellipsis
    worst = style_of(urgent(group))
    said = "  ".join(part for part in (_states(group), *_messages(whole, group)) if part)
    glyph = Span(f"{worst.glyph} ", worst.role)
    first = line(" ", glyph, cut(said, max(1, width - 4), ellipsis))
    if whole.marked:
        return [crop(first, width), *marked_lines(whole.marked, width)[:1]]
    keys = {name[0]: words for name, (words, _) in _keys(whole, group)}
    third = (width - 6) // 3
    told = "  ".join(f"{cut(f'{key} {keys[key]}', third, ellipsis):<{third}}" for key in "dTX")
    return [crop(first, width), crop(line(Span(f" {told}", Role.QUIET)), width)]


def _cells(group: Group) -> list[Cell]:
    return [group.cells[locale] for locale in sorted(group.cells)]


def _languages(count: int) -> str:
    return "1 language" if count == 1 else f"{count} languages"


def _states(group: Group) -> str:
    """Return how many languages are in which state, the most urgent first: `1 Error, 2 Ready`."""
    words = Counter(style_of(cell).word for cell in sorted(group.cells.values(), key=urgency))
    return ", ".join(f"{count} {word}" for word, count in words.items())


def _messages(whole: WholeRow, group: Group) -> list[str]:
    """Return each error once, with the languages that have it."""
    found: dict[str, list[str]] = {}
    for cell in _cells(group):
        if error := whole.grouping.error(cell):
            found.setdefault(error, []).append(cell.locale)
    return [f"{', '.join(locales)}: {error}" for error, locales in found.items()]


def _fields(whole: WholeRow, group: Group, context: Context) -> list[DetailField]:
    cells, worst = _cells(group), style_of(urgent(group))
    so_far = " so far: not all is read yet" if whole.so_far else ""
    return [
        *whole.grouping.head(cells[0], group.folder, group.name),
        DetailField("Row", f"{_languages(len(cells))}{so_far}; l and h go to one of them"),
        DetailField("State", line=(Span(f"{worst.glyph} ", worst.role), Span(_states(group)))),
        *(
            DetailField("Message" if number == 0 else "", each, Role.BAD)
            for number, each in enumerate(_messages(whole, group))
        ),
        _sizes(whole.grouping, cells),
        _read(cells, context),
    ]


def _sizes(grouping: Grouping, cells: Sequence[Cell]) -> DetailField:
    noun = grouping.size_noun
    sizes = {each for each in map(grouping.size, cells) if each}
    if not sizes:
        return DetailField(noun.capitalize(), "not counted yet")
    least, most = figure(min(sizes)), figure(max(sizes))
    return DetailField(
        noun.capitalize(), f"{most} {noun}" if least == most else f"{least} to {most} {noun}, by language"
    )


def _read(cells: Sequence[Cell], context: Context) -> DetailField:
    """Return when the languages were read: the oldest reading counts."""
    moments = [at for at in map(context.read_times.of, cells) if at is not None]
    if not moments:
        return DetailField("Read")
    first, last = (times.clock(each, context.zone) for each in (min(moments), max(moments)))
    return DetailField("Read", first if first == last else f"{first} to {last}")


def _keys(whole: WholeRow, group: Group) -> list[tuple[str, tuple[str, bool]]]:
    """Return what each key does to how many languages, and whether it does anything."""
    return [
        ("d download", _act(whole, group, Action.DOWNLOAD)),
        ("P other file", _act(whole, group, Action.OTHER)),
        ("T try again", _act(whole, group, Action.RETRY)),
        ("X cancel", _act(whole, group, Action.CANCEL)),
        ("b tell me", _bell(whole, group)),
    ]


def _act(whole: WholeRow, group: Group, act: Action) -> tuple[str, bool]:
    cells = _cells(group)
    choice = choose(whole.tab, cells, act, read_only=whole.read_only)
    if not choice.allowed:
        first = choice.refused[0][1]
        return f"off: {first.reason}" + (f"; {first.instead}" if first.instead else ""), False
    warnings = Counter(choice.warnings)
    if act in {Action.RETRY, Action.CANCEL} and whole.grouping.one_source:
        return f"all {_languages(len(cells))}: {next(iter(warnings))}", True
    keys = {item.key for item in choice.allowed}
    told = _some([cell.locale for cell in cells if cell.key in keys], len(cells))
    more = [f"{count} of them: {words}" for words, count in warnings.items() if words]
    return "; ".join([told, *more]), True


def _some(locales: Sequence[str], of: int) -> str:
    count = f"all {_languages(of)}" if len(locales) == of else f"{len(locales)} of {_languages(of)}"
    return f"{count}: {', '.join(locales)}" if len(locales) <= NAMED and len(locales) < of else count


def _bell(whole: WholeRow, group: Group) -> tuple[str, bool]:
    cells = _cells(group)
    if whole.bells:
        return f"on for {_some_count(whole.bells, len(cells))}", True
    coming = [cell.locale for cell in cells if cell.awaited]
    return (_some(coming, len(cells)), True) if coming else ("off: all of it is done already", False)


def _some_count(count: int, of: int) -> str:
    return f"all {_languages(of)}" if count == of else f"{count} of {_languages(of)}"


# A folder

FAILURES = 6
"""Causes of failure that are told of a folder; more are counted."""


def _files_words(whole: WholeRow) -> str:
    assert isinstance(whole.row, FolderRow)
    totals = whole.row.cells.values()
    ready, files = sum(each.ready for each in totals), sum(each.files for each in totals)
    problems = sum(each.problems for each in totals)
    failed = f", {problems} failed" if problems else ""
    so_far = ", of what is read so far" if whole.so_far else ""
    return f"{ready} of {files} translations ready{failed}{so_far}"


def _ready_words(whole: WholeRow, job: FolderRow) -> str:
    """Return what `d` does to a folder."""
    totals = [total for locale, total in job.cells.items() if whole.locale in {None, locale}]
    ready = sum(total.ready for total in totals)
    where = f" in {whole.locale}" if whole.locale is not None else ""
    return f"fetches what is ready{where}: {ready}" if ready else f"off: nothing is ready{where}"


def _folder(whole: WholeRow, job: FolderRow, width: int) -> list[Line]:
    words = sum(total.words for total in job.cells.values())
    return [
        *field_lines(DetailField("Folder", title(whole), Role.STRONG), width),
        *field_lines(DetailField("State", _files_words(whole)), width),
        *field_lines(DetailField("Words", figure(words) if words else "not counted yet"), width),
        *heading("Languages"),
        *(_language(locale, total) for locale, total in sorted(job.cells.items())),
        *_failures(whole.grouping, job, width),
        *heading("Actions"),
        *_folder_keys(whole, job, width),
    ]


def _language(locale: str, total: LocaleTotal) -> Line:
    failed = f", {total.problems} failed" if total.problems else ""
    ready, words = figure(total.ready_words), figure(total.words)
    size = Span(f"  {ready} of {words} words" if total.words else "", Role.QUIET)
    role = Role.BAD if total.problems else Role.PLAIN
    return line(f"  {locale:<8} ", Span(f"{total.ready} of {total.files} ready{failed}", role), size)


def _failures(grouping: Grouping, job: FolderRow, width: int) -> list[Line]:
    """Return why files of the folder failed: each cause once, the most frequent first."""
    if not job.problems:
        return []
    causes: dict[str, list[Cell]] = {}
    for item in job.problems:
        causes.setdefault(grouping.error(item), []).append(item)
    found = sorted(causes.items(), key=lambda each: -len(each[1]))
    lines = heading("Failures")
    for cause, items in found[:FAILURES]:
        which = f"{grouping.name(items[0])[1]} ({items[0].locale})" + (
            f" and {len(items) - 1} more" if len(items) > 1 else ""
        )
        for piece in wrap(f"{which}: {cause or 'no reason given'}", max(8, width - 4)):
            lines.append(line(Span(f"  {piece}", Role.BAD)))
    left = sum(len(items) for _, items in found[FAILURES:])
    return [*lines, line(Span(f"  and {left} more", Role.QUIET))] if left else lines


def _folder_keys(whole: WholeRow, job: FolderRow, width: int) -> list[Line]:
    """Return what the keys do to a folder: they act on its files, those of the lit language or all."""
    if whole.marked:
        return marked_lines(whole.marked, width)
    ready = _ready_words(whole, job)
    told = [
        ("enter open", ("shows its files; esc goes back to the folders", True)),
        ("d download", (ready, not ready.startswith("off"))),
    ]
    whose = "its files" if whole.locale is None else f"its files in {whole.locale}"
    told.append(("P T X b space", (f"act on {whose}", True)))
    return [each for name, words in told for each in action_lines(name, words, width)]
