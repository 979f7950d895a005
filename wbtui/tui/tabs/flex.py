"""The tab Flex: what is shown of the components of Flex documents, and of the question they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from wbtui.domain.model import FlexComponent, FlexDocument, FlexQuestion, ItemKey, Service, State, flex_kind
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.tabs import filter_language as filters
from wbtui.tui.tabs.column import Column, Context, by_name, figure, name_of, words_of
from wbtui.tui.tabs.detail_fields import DetailField, date_field, read_field
from wbtui.tui.tabs.state import RANK, state_column, state_detail, state_field
from wbtui.tui.tabs.tab_spec import Grouping, TabSpec, ViewMode
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, line, pad

_component, _locale, _document = attrgetter("component"), attrgetter("locale"), attrgetter("document")


# Columns


def _order(row: FlexComponent, _: Context) -> tuple[float, str, str, str]:
    return RANK[row.state], row.document, folded(row.component), row.locale


_COLUMNS: Final = (
    state_column(_order, 10),
    Column("component", "Component", name_of(_component), by_name(_component), 16, 56, fixed=True),
    Column("locale", "Locale", words_of(_locale), by_name(_locale), 7, priority=1),
    Column("segments", "Segments", words_of(lambda row: figure(row.segments)),
           lambda row, _: row.segments or 0, 8, priority=3, right=True, newest_first=True),
    Column("matching", "Matching", words_of(lambda row: figure(row.matching)),
           lambda row, _: row.matching or 0, 8, priority=4, right=True, newest_first=True),
    Column("document", "Document", words_of(_document), by_name(_document), 8, 12, priority=2),
)  # fmt: skip

_FILTER_FIELDS: Final = (
    state_field(),
    filters.text_field("component", _component),
    filters.word_field("locale", _locale),
    filters.number_field("segments", lambda row: row.segments),
    filters.number_field("matching", lambda row: row.matching),
    filters.word_field("document", _document),
)


# Details


def _details(row: FlexComponent, context: Context, _: int) -> list[DetailField]:
    matching = "" if row.matching is None else f", {figure(row.matching)} satisfy the metric"
    segments = "" if row.segments is None else f"{figure(row.segments)}{matching}"
    return [
        DetailField("Component", row.component, Role.STRONG),
        _source(row),
        DetailField("Locale", row.locale),
        state_detail(row),
        DetailField("Segments", segments, brief=True, named=True),
        date_field("Changed", row.changed_at, context),
        read_field(row, context),
    ]


def _source(row: FlexComponent) -> DetailField:
    """Return what was asked; a job has a state of its own, by which it can differ from its document."""
    kind = flex_kind(row.document)
    return DetailField(kind.capitalize(), f"{row.document} (asked as a {kind})")


# The question


def _side(inverted: bool) -> Callable[[FlexComponent], bool]:
    wanted = State.RUNNING if inverted else State.READY
    return lambda row: row.state is wanted


def _half_known(snapshot: Snapshot) -> frozenset[str]:
    question = snapshot.question
    return frozenset(each.id for each in snapshot.flex_documents if not each.answers(question))


def question_lines(snapshot: Snapshot, context: Context, width: int, most: int) -> list[Line]:
    """Return the question in force, and how far it has come for each document."""
    lines = [_question(snapshot.question, short=width < 72)]
    lines += _documents(snapshot, context, max(0, most - 1))
    return [crop(each, width) for each in lines]


def _question(question: FlexQuestion, *, short: bool) -> Line:
    """Return the question in words; where it is narrow without their names."""
    values = (
        ("metric", question.metric.label),
        ("showing", "not complete (inverted)" if question.invert else "complete"),
        ("changed within", times.window(question.changed_seconds)),
    )
    spans: list[Span] = [Span(" ")]
    for name, value in values:
        spans += [] if short else [Span(f"{name} ", Role.QUIET)]
        spans += [Span(value, Role.STRONG), Span("  " if short else "   ")]
    return tuple(spans)


def _documents(snapshot: Snapshot, context: Context, room: int) -> list[Line]:
    """Return one line per document; where they do not fit, the unanswered first and a sum at the end."""
    documents, question = snapshot.flex_documents, snapshot.question
    if room < 1:
        return []
    if len(documents) <= room:
        return [_document_line(each, question, context) for each in documents]
    open_ones = [each for each in documents if each.note or not each.answers(question)]
    answered = len(documents) - len(open_ones)
    shown = [*open_ones, *(each for each in documents if each not in open_ones)][: room - 1]
    total = f" {len(documents)} documents: {answered} answered, {len(open_ones)} not yet"
    return [*(_document_line(each, question, context) for each in shown), line(Span(total, Role.QUIET))]


def _document_line(document: FlexDocument, question: FlexQuestion, context: Context) -> Line:
    answered = f"answered {times.clock(document.answered_at, context.zone)}"
    note = document.note or (answered if document.answered_at else "not asked yet")
    old: Line = ()
    if document.question is not None and document.former(question):
        since = times.clock(document.read_at, context.zone)
        old = (Span(f"OLD: {document.question.words}, as of {since}  ", Role.WARN),)
        note = document.note or "asked next"
    name = cut(f"{document.id} {document.name}".rstrip(), 30, context.drawing.ellipsis)
    return line(*pad(line(f" {name}"), 33), *old, Span(note, Role.QUIET))


def _empty(snapshot: Snapshot, _: Context) -> list[str]:
    question = snapshot.question
    waiting = [document for document in snapshot.flex_documents if not document.answers(question)]
    if not snapshot.flex_documents:
        return ["No Flex document is known yet."]
    if waiting:
        return [f"{waiting[0].id} {waiting[0].name}".rstrip() + f": {waiting[0].note or 'not asked yet'}"]
    verb = "fails" if question.invert else "satisfies"
    span = times.window(question.changed_seconds)
    return [
        f"No component changed within {span} {verb} '{question.metric.label}'.",
        "> looks further back, M takes another metric, i shows the other side.",
    ]


# Its languages


def _group_key(item: FlexComponent) -> ItemKey:
    return ItemKey(f"component:{item.document}:{item.wire_component or item.component}")


def _group_head(item: FlexComponent, _: str, name: str) -> Sequence[DetailField]:
    return DetailField("Component", name, Role.STRONG), DetailField("Document", item.document)


FLEX: Final = TabSpec(
    id="flex",
    short="Flex",
    service=Service.FLEX,
    columns=_COLUMNS,
    filter_fields=_FILTER_FIELDS,
    details=_details,
    title=lambda row: f"{row.component}  {row.locale}",
    empty=_empty,
    group_noun="components",
    modes=(ViewMode.MATRIX, ViewMode.LIST),
    grouping=Grouping(
        key=_group_key,
        name=lambda item: (f"{item.document}  ", item.component),
        head=_group_head,
        size=attrgetter("segments"),
        look=attrgetter("state"),
        noun="Component",
        size_noun="segments",
        complete="complete",
        absent="not changed",
        source=_document,
    ),
    side=_side,
    question=question_lines,
    half_known=_half_known,
    sent_noun="component",
    result_noun="component",
)
