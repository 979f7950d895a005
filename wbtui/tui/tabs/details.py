"""An item in full: what it is, why it is so, what was seen of it, and what could be done to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from wbtui.domain.model import BeeboxFile, Event, FlexComponent, InstantRequest, Item, Operation, flex_kind
from wbtui.domain.offers import Allowed, Offer, Offers, Refused
from wbtui.domain.uploads import file_words, replaced_words
from wbtui.tui.tabs import values
from wbtui.tui.tabs.base import Row
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.glyphs import sign
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, line, wrap

HISTORY = 8
"""Events of an item that are shown."""

LABEL = 10
"""Width of the column of names."""


@dataclass(frozen=True, slots=True)
class DetailField:
    """A name and what is said under it; `line` instead of `text` where it is drawn."""

    name: str
    text: str = ""
    role: Role = Role.PLAIN
    line: Line = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything the details say of one row besides itself."""

    row: Row
    offers: Offers | None = None
    siblings: Sequence[Item] = ()
    """The same file in its other languages."""
    history: Sequence[Event] = ()
    """Events about it, oldest first."""
    bell: bool = False
    """Whether the user is told when it is done."""
    marked: int = 0
    """Marked items: while there are any, the keys act on them."""


def title(row: Row) -> str:
    """Return what stands over the details."""
    if isinstance(row, Event):
        return row.source
    name = row.name
    return f"{name}  {row.locale}" if isinstance(row, BeeboxFile | FlexComponent) else name


def details(subject: Subject, context: Context, width: int) -> list[Line]:
    """Return all lines for a pane of that width."""
    lines: list[Line] = []
    for field in _fields(subject.row, context, width):
        lines.extend(field_lines(field, width))
    lines += _files(subject.row, context, width)
    lines += siblings_lines("Other languages", subject.siblings, width)
    lines += history_lines(subject.history, context, width)
    lines += _actions(subject, width)
    return [crop(each, width) for each in lines]


def brief(subject: Subject, context: Context, width: int) -> list[Line]:
    """Return the two lines for a small screen: why it is so, and what T and X would do."""
    row = subject.row
    if isinstance(row, Event):
        return [line(f" {piece}") for piece in wrap(row.text, width - 2)[:2]]
    found = sign(row)
    said = "  ".join(part for part in _sayings(row, context) if part)
    first = line(" ", Span(f"{found.glyph} {found.word}", found.role), f"  {said}")
    lines = [crop((*first[:-1], Span(cut(first[-1].text, width - 16, context.drawing.ellipsis))), width)]
    if subject.offers is not None and subject.marked:
        lines += marked_lines(subject.marked, width)[:1]
    elif subject.offers is not None:
        offers = subject.offers
        half = (width - 4) // 2
        retry = cut(f"T {offer_words(offers.retry)}", half, context.drawing.ellipsis)
        cancel = cut(f"X {offer_words(offers.cancel)}", half, context.drawing.ellipsis)
        lines.append(line(Span(f" {retry:<{half}}  {cancel}", Role.QUIET)))
    return lines


def _sayings(row: Item, context: Context) -> Iterable[str]:
    for field in _fields(row, context, 200):
        if field.name in {
            "Asked",
            "Message",
            "Status",
            "Result",
            "Since",
            "Queue",
            "Words",
            "Post edit",
            "Segments",
        }:
            named = field.name in _NAMED and field.text and not field.text.startswith("running")
            yield f"{field.name.lower()} {field.text}" if named else field.text


_SAID = frozenset(
    {"Asked", "Message", "Status", "Result", "Since", "Queue", "Words", "Post edit", "Segments"}
)
_NAMED = frozenset({"Queue", "Segments", "Post edit"})


def offer_words(offer: Offer) -> str:
    """Return what a key would do, or why it does nothing."""
    if isinstance(offer, Allowed):
        return offer.warning or "possible"
    return f"off: {offer.reason}" + (f"; {offer.instead}" if offer.instead else "")


def _telling(subject: Subject) -> Offer:
    if subject.bell:
        return Allowed("on: rings when it is done")
    if isinstance(subject.row, Event) or subject.row.awaited:
        return Allowed()
    return Refused("it is done already")


def field_lines(field: DetailField, width: int) -> list[Line]:
    """Return a field's name and words, wrapped; nothing if there are no words."""
    name = Span(f"{field.name:<{LABEL - 1}} ", Role.QUIET)
    if field.line:
        return [(name, *field.line)]
    if not field.text:
        return []
    label = len(name.text)
    pieces = wrap(field.text, max(8, width - label))
    blank = Span(" " * label)
    return [(blank if index else name, Span(piece, field.role)) for index, piece in enumerate(pieces)]


def heading(text: str) -> list[Line]:
    """Return the head of a section, with the blank line before it."""
    return [(), line(Span(text, Role.HEAD))]


def _fields(row: Row, context: Context, width: int) -> list[DetailField]:
    if isinstance(row, Event):
        return _event(row, context)
    if isinstance(row, Operation):
        return _operation(row, context)
    if isinstance(row, BeeboxFile):
        return _beebox(row, context)
    if isinstance(row, InstantRequest):
        return _instant(row, context, width)
    return _flex(row, context)


def _state(row: Item) -> DetailField:
    found = sign(row)
    return DetailField("State", line=(found.span,))


def _when(name: str, when: object, context: Context) -> DetailField:
    """Return a date with its age; nothing if it is not known."""
    if isinstance(when, datetime):
        moment = times.full(when, context.at, context.zone)
        return DetailField(name, f"{moment}  {_ago(times.age_of(when, context.at))}")
    return DetailField(name, f"{when}" if when else "")


def _ago(age: str) -> str:
    return "just now" if age == "now" else f"{age} ago"


def _operation(row: Operation, context: Context) -> list[DetailField]:
    reading = row.reading
    forerunner = f"attempt {row.attempt}, after {row.forerunner}" if row.forerunner else ""
    result = values.operation_result(row)
    request = "" if row.request is None else f"{row.request.method} {row.request.path}"
    counts = ", ".join(f"{values.figure(number)} {name}" for name, number in reading.counts.items())
    return [
        DetailField("Label", row.label, Role.STRONG),
        DetailField("Id", str(row.request_id or "none: it was finished at once")),
        DetailField("Kind", row.kind),
        DetailField("Project", values.project(row)),
        _state(row),
        DetailField("Status", " - ".join(part for part in (reading.status, reading.status_text) if part)),
        DetailField("Message", reading.status_info),
        DetailField("Replaced", replaced_words(row), Role.WARN),
        DetailField("Queue", _queue(row, context)),
        DetailField("Result", "" if result == reading.status_info else result),
        DetailField("Counted", counts),
        _when("Sent", row.submitted_at or row.tracked_at, context),
        _when("Started", row.started_at, context),
        _when("Finished", row.finished_at, context),
        DetailField("Looked", _looked(row, context)),
        DetailField("Request", request),
        DetailField("Attempt", forerunner),
    ]


def _looked(row: Operation, context: Context) -> str:
    if not row.looks:
        return ""
    often = "once, at" if row.looks == 1 else f"{row.looks} times, last"
    return f"{often} {times.clock(row.seen_at, context.zone)}"


def _queue(row: Operation, context: Context) -> str:
    """Return `3rd to start, about 14:20 ± 4 min` or `running 12 min, usually 2 min`, if that is known."""
    place, forecast = context.places.get(row.key), context.forecasts.get(row.key)
    parts = ["" if place is None else f"{values.ordinal(place)} to start"]
    parts.append(values.running_for(row, forecast, context.at))
    if forecast is not None and forecast.expected_at is not None and forecast.expected_at > context.at:
        parts.append(f"about {values.expected(forecast, context)}")
    elif forecast is not None and place is not None:
        parts.append(values.expected(forecast, context))
    return ", ".join(part for part in parts if part)


def _beebox(row: BeeboxFile, context: Context) -> list[DetailField]:
    status = "" if row.status is None else f" ({row.status} {row.status_name})".replace(" )", ")")
    found = sign(row)
    size = ", ".join(
        f"{values.figure(number)} {noun}"
        for number, noun in ((row.words, "words"), (row.segments, "segments"))
        if number is not None
    )
    return [
        DetailField("File", row.path, Role.STRONG),
        DetailField("Locale", f"{row.locale}  {row.locale_name}".rstrip()),
        DetailField("State", line=(found.span, Span(status, Role.QUIET))),
        DetailField("Asked", _asked(row, context), Role.WARN),
        DetailField("Message", row.error, Role.BAD),
        DetailField("Info", row.info),
        DetailField("Words", size),
        _aged("Source", row.source_at, row.source_age, row, context),
        _aged("Output", row.made_at, row.made_age, row, context),
        _when("Preliminary", row.preliminary_at, context),
        DetailField("Read", times.clock(row.seen_at, context.zone)),
    ]


def _asked(row: BeeboxFile, context: Context) -> str:
    """Return what was asked of the Beebox and when, while it has said nothing new since."""
    if row.asked is None:
        return ""
    return f"{row.asked.value} asked {times.short_clock(row.asked_at, context.zone)}: waiting for the Beebox"


def _aged(name: str, when: object, minutes: float | None, row: BeeboxFile, context: Context) -> DetailField:
    """Return a date whose age the server gave in minutes."""
    seconds = times.minutes_old(minutes, row.seen_at, context.at)
    if seconds is None:
        return _when(name, when, context)
    date = when if isinstance(when, str) else ""
    return DetailField(name, f"{_ago(times.age(seconds))}  {date}".rstrip())


def _instant(row: InstantRequest, context: Context, width: int) -> list[DetailField]:
    days = values.purge_days(row, context)
    titles = f"{row.source_title or row.source} {context.drawing.arrow} {row.target_title or row.target}"
    size = ", ".join(
        f"{values.figure(number)} {noun}"
        for number, noun in ((row.words, "words"), (row.segments, "segments"), (row.characters, "characters"))
        if number is not None
    )
    return [
        DetailField("File", row.name, Role.STRONG),
        DetailField("Id", str(row.request_id)),
        DetailField("Languages", titles),
        _state(row),
        DetailField("Status", row.status),
        DetailField("Words", size),
        _shares(row, context, width),
        DetailField("Memory", _memory(row)),
        DetailField("Post edit", row.post_edit or ("ready" if row.post_edit_ready else "")),
        DetailField("Order", row.post_edit_order),
        DetailField("Web page", row.post_edit_url),
        _when("Sent", row.sent_at, context),
        DetailField("Purged", "" if days is None else f"in {days} days"),
        DetailField("Read", times.clock(row.seen_at, context.zone)),
    ]


def _shares(row: InstantRequest, context: Context, width: int) -> DetailField:
    share = values.machine_share(row)
    if share is None:
        return DetailField("Split")
    percent = round(share * 100)
    size = max(6, min(16, width - LABEL - 24))
    bar = context.drawing.split(share, size)
    return DetailField("Split", line=(*bar, Span(f"  MT {percent} %, memory {100 - percent} %")))


def _memory(row: InstantRequest) -> str:
    kinds = (
        (row.words_identical, "identical"), (row.words_context, "in context"), (row.words_fuzzy, "fuzzy"),
    )  # fmt: skip
    return ", ".join(f"{values.figure(number)} {noun}" for number, noun in kinds if number is not None)


def _flex(row: FlexComponent, context: Context) -> list[DetailField]:
    matching = "" if row.matching is None else f", {values.figure(row.matching)} satisfy the metric"
    return [
        DetailField("Component", row.component, Role.STRONG),
        _flex_source(row),
        DetailField("Locale", row.locale),
        _state(row),
        DetailField("Segments", "" if row.segments is None else f"{values.figure(row.segments)}{matching}"),
        _when("Changed", row.changed_at, context),
        DetailField("Read", times.clock(row.seen_at, context.zone)),
    ]


def _flex_source(row: FlexComponent) -> DetailField:
    """Return what was asked; a job has a state of its own, by which it can differ from its document."""
    kind = flex_kind(row.document)
    return DetailField(kind.capitalize(), f"{row.document} (asked as a {kind})")


def _event(row: Event, context: Context) -> list[DetailField]:
    repeated = f"{row.count} times, last {times.clock(row.until, context.zone)}" if row.count > 1 else ""
    return [
        DetailField("Time", times.date(row.at, context.zone)),
        DetailField("Level", str(row.level)),
        DetailField("Source", row.source),
        DetailField("Counted", repeated),
        DetailField("About", row.key or ""),
        DetailField("Text", row.text),
    ]


def _files(row: Row, context: Context, width: int) -> list[Line]:
    """Return what became of each file of an upload."""
    if not isinstance(row, Operation) or not row.reading.files:
        return []
    lines = heading("Files")
    for file in row.reading.files:
        glyph, role = ("+", Role.GOOD) if file.success else ("!", Role.BAD)
        lines.append(line(Span(f"  {glyph} ", role), cut(file.name, width - 4, context.drawing.ellipsis)))
        lines += [line(Span(f"    {piece}", role)) for piece in wrap(file.error, width - 4)]
        known = Role.WARN if file.replaced else Role.QUIET
        lines += [line(Span(f"    {piece}", known)) for piece in wrap(file_words(file), width - 4)]
    return lines


def siblings_lines(head: str, siblings: Sequence[Item], width: int) -> list[Line]:
    """Return the languages with their states, as many on a line as there is room for."""
    if not siblings:
        return []
    lines = heading(head)
    locales = [item.locale if isinstance(item, BeeboxFile | FlexComponent) else "" for item in siblings]
    widest = max(map(cell_len, locales))
    current: list[Span] = [Span("  ")]
    for item, locale in zip(siblings, locales, strict=True):
        found = sign(item)
        name = Span(locale + " " * (widest + 1 - cell_len(locale)))
        entry = (name, Span(f"{found.glyph} {found.word:<12}", found.role))
        if sum(len(span.text) for span in (*current, *entry)) > width and len(current) > 1:
            lines.append(tuple(current))
            current = [Span("  ")]
        current.extend(entry)
    return [*lines, tuple(current)]


def history_lines(events: Sequence[Event], context: Context, width: int) -> list[Line]:
    """Return what was seen of it, the last at the end; that there was more is said."""
    if not events:
        return []
    last = f", the last {HISTORY}" if len(events) > HISTORY else ""
    lines = heading(f"History (seen by wbtui{last})")
    for event in events[-HISTORY:]:
        time = times.near(event.until or event.at, context.at, context.zone)
        for index, piece in enumerate(wrap(event.text, max(8, width - 14))):
            lines.append(line(Span(f"  {'' if index else time:<11} ", Role.QUIET), piece))
    return lines


def _actions(subject: Subject, width: int) -> list[Line]:
    offers = subject.offers
    if offers is None:
        return []
    lines = heading("Actions")
    if subject.marked:
        return lines + marked_lines(subject.marked, width)
    named = (
        ("d download", offers.download),
        ("P other file", offers.other),
        ("T try again", offers.retry),
        ("X cancel", offers.cancel),
        ("b tell me", _telling(subject)),
    )
    for name, offer in named:
        lines += action_lines(name, (offer_words(offer), isinstance(offer, Allowed)), width)
    return lines


def action_lines(name: str, told: tuple[str, bool], width: int) -> list[Line]:
    """Return what a key does, wrapped; quietly if it does nothing."""
    words, can = told
    role = Role.PLAIN if can else Role.QUIET
    pieces = wrap(words, max(8, width - 16))
    return [
        line(Span(f"  {'' if index else name:<13} ", role), Span(piece, role))
        for index, piece in enumerate(pieces)
    ]


def marked_lines(count: int, width: int) -> list[Line]:
    """Return that the keys act on the marked items, and not on the row that the details are of."""
    words = f"{count} marked: the keys act on what is marked, not on this row; u takes the marks away"
    return [line(Span(f" {piece}", Role.WARN)) for piece in wrap(words, max(8, width - 2))]
