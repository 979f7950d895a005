"""The single lines round the table: header, tabs, status, message, keys, summary. All pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo

from rich.cells import cell_len

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Event, Health, HealthWord, Level, Snapshot
from wbtui.tui.actions import ACTIONS, ALWAYS, KeyAction, action
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.row import Count
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, ends, line, width_of

_WORD_ROLES = {
    HealthWord.OK: Role.GOOD,
    HealthWord.CONNECTING: Role.LIVE,
    HealthWord.BUSY: Role.LIVE,
    HealthWord.OLD: Role.WARN,
    HealthWord.DOWN: Role.BAD,
    HealthWord.LIMIT: Role.WARN,
    HealthWord.LOGIN: Role.BAD,
    HealthWord.PAUSED: Role.WARN,
    HealthWord.OFF: Role.QUIET,
}
_CLOCK_WORDS = {
    HealthWord.OLD: "since",
    HealthWord.PAUSED: "since",
    HealthWord.DOWN: "next",
    HealthWord.LIMIT: "until",
}


SOON = timedelta(minutes=1)
"""What is looked at again sooner is not announced: an idle screen would write it for each look."""
NOT_KEPT = Span("[NOT KEPT]", Role.BAD)
"""Said while nothing of what is shown can be written to the state file; Activity says why."""


@dataclass(frozen=True, slots=True)
class Banner:
    """What the header says of the program itself."""

    profile: str
    demo: bool = False
    read_only: bool = False
    color: str = ""
    """One of the terminal's eight colour names, for the profile's name; or empty."""
    danger: bool = False
    """Whether what changes a server asks for the profile's name."""

    @property
    def name(self) -> Line:
        """Return the profile's name in its colour."""
        return (Span(self.profile, Role(f"badge-{self.color}") if self.color else Role.TITLE),)

    @property
    def badges(self) -> Line:
        """Return the badges: DEMO where it is one, and whether this profile can change anything."""
        writes = Span("[READ-ONLY]", Role.READ_ONLY) if self.read_only else Span("[RW]", Role.WRITING)
        demo = (Span("[DEMO]", Role.DEMO), Span(" ")) if self.demo else ()
        danger = (Span(" "), Span("[DANGER]", Role.BAD)) if self.danger else ()
        return (*demo, writes, *danger)


def fitting(candidates: Iterable[Line], width: int) -> Line:
    """Return the first of the lines that fits, or the last one cut."""
    last: Line = ()
    for last in candidates:
        if width_of(last) <= width:
            return last
    return crop(last, width)


def health_word(health: Health, zone: tzinfo | None) -> Span:
    """Return a service's condition: a word of the closed list, with its clock time."""
    if health.part is not None and health.word is HealthWord.CONNECTING:
        return Span("in part", Role.WARN) if health.part.why else Span("reading", Role.LIVE)
    text = str(health.word)
    joint = _CLOCK_WORDS.get(health.word)
    if joint and health.at is not None:
        text = f"{text} {joint} {times.short_clock(health.at, zone)}"
    return Span(text, _WORD_ROLES[health.word])


def header(banner: Banner, snapshot: Snapshot | None, zone: tzinfo | None, width: int, gap: str) -> Line:
    """Return the first line: who, what may be done, how each service is, and the allowance used."""
    name = (Span(" "), *banner.name, Span(" "), *banner.badges)
    if snapshot is None:
        return (*name, Span("  opening", Role.QUIET))
    if snapshot.not_kept:
        name = (*name, Span(" "), NOT_KEPT)
    host = (Span(f"  {snapshot.server}", Role.QUIET),) if snapshot.server else ()
    calls = calls_used(snapshot)
    long, short = health_words(snapshot.health, zone), health_words(snapshot.health, zone, short=True)
    wrong = health_words(_troubled(snapshot.health), zone, short=True) or line("  ", Span("ok", Role.GOOD))
    candidates = (
        ((*name, *host), (*long, Span(f" {gap} ", Role.RULE), *calls)),
        (name, (*long, Span(f" {gap} ", Role.RULE), *calls)),
        (name, (*short, Span(f" {gap} ", Role.RULE), *calls)),
        (name, short),
        (name, wrong),
    )
    return fitting((_spread(left, right, width) for left, right in candidates), width)


def _spread(left: Line, right: Line, width: int) -> Line:
    """Return both at the ends of the line; longer than `width` if they do not fit."""
    if width_of(left) + width_of(right) + 2 > width:
        return (*left, *right, Span(" "))
    return ends(left, (*right, Span(" ")), width)


def _troubled(health: Mapping[Service, Health]) -> dict[Service, Health]:
    fine = {HealthWord.OK, HealthWord.OFF}
    return {service: each for service, each in health.items() if each.word not in fine}


def health_words(health: Mapping[Service, Health], zone: tzinfo | None, *, short: bool = False) -> Line:
    """Return one word per service, in the order of the tabs."""
    spans: list[Span] = []
    for service in Service:
        if service in health:
            name = service.short_label if short else service.value
            spans += [Span(f"  {name} ", Role.QUIET), health_word(health[service], zone)]
    return tuple(spans)


def calls_used(snapshot: Snapshot) -> Line:
    """Return the calls of the last hour against the ceiling."""
    calls = snapshot.calls
    role = Role.WARN if calls.limit and calls.used >= 0.9 * calls.limit else Role.PLAIN
    limit = f"/{calls.limit}" if calls.limit else ""
    return (Span("calls ", Role.QUIET), Span(f"{calls.used}{limit}", role))


def tabs(active: TabSpec, counts: Mapping[TabSpec, Count], width: int) -> Line:
    """Return the tab bar: the active one in brackets and capitals, `!` with the number of problems."""
    return fitting(
        (
            _tabs(active, counts, lambda tab: tab.label, totals=True),
            _tabs(active, counts, lambda tab: tab.short, totals=True),
            _tabs(active, counts, lambda tab: tab.short, totals=False),
            _tabs(active, counts, lambda tab: tab.short if tab is active else "", totals=False),
        ),
        width,
    )


def _tabs(
    active: TabSpec, counts: Mapping[TabSpec, Count], name: Callable[[TabSpec], str], *, totals: bool
) -> Line:
    spans: list[Span] = []
    for number, tab in enumerate(TABS, 1):
        count = counts.get(tab, Count())
        words = [str(number), name(tab)]
        words += [f"{count.total}{count.more}"] if totals and count.total else []
        problems = f"{count.problems}{count.more}!" if count.problems else ""
        label = " ".join(word for word in words if word)
        if tab is active:
            text = f"{label.upper()} {problems}".rstrip()
            spans.append(Span(f"[{text}]", Role.ACTIVE))
            continue
        spans.append(Span(f" {label}", Role.TAB))
        spans.append(Span(f" {problems} " if problems else " ", Role.ALERT if problems else Role.TAB))
    return (Span(" "), *spans)


def tab_at(active: TabSpec, counts: Mapping[TabSpec, Count], width: int, x: int) -> TabSpec | None:
    """Return the tab whose label is at cell `x` of the tab bar."""
    position = 0
    seen = -1
    for span in tabs(active, counts, width):
        if span.role is Role.ACTIVE or (span.role is Role.TAB and span.text.strip()):
            seen += 1
        position += len(span.text)
        if x < position:
            return TABS[seen] if seen >= 0 else None
    return None


@dataclass(frozen=True, slots=True)
class TableStatus:
    """What the status line says of the table."""

    shown: int
    sort: str
    reverse: bool
    marked: int = 0
    noun: str = "items"
    filter: str = ""
    """What is filtered by, as it is typed."""
    total: int = 0
    """How many there are without the filter."""
    notes: Sequence[str] = ()
    """What else is to be known of the view: a range that is open, an item that is followed."""
    above: str = ""
    """What must not go unseen above the rows that are seen."""
    place: str = ""
    """Where in the tab this is, in words that go on from the noun: an open folder."""


def status(
    table: TableStatus, snapshot: Snapshot | None, tab: TabSpec, zone: tzinfo | None, width: int
) -> Line:
    """Return the third line: how many, sorted how, how fresh; or the banner while paused."""
    if snapshot is not None and snapshot.paused_at is not None:
        since = times.short_clock(snapshot.paused_at, zone)
        text = f" PAUSED since {since}, no calls are made - p resumes"
        return (Span(text.ljust(width)[:width], Role.PAUSED),)
    arrow = "^" if table.reverse else "v"
    filtered = Span(f" {table.filter}   " if table.filter else " ", Role.KEY)
    of = f" of {table.total}" if table.filter and table.total else ""
    noun = table.noun.removesuffix("s") if table.shown == 1 and not of else table.noun
    count = Span(f"{table.shown}{of} {noun}{table.place}")
    above = Span(f"   {table.above}" if table.above else "", Role.ALERT)
    order = Span(f"   sort {table.sort} {arrow}", Role.QUIET)
    marked = Span(f"   {table.marked} marked" if table.marked else "")
    notes = Span("".join(f"   {note}" for note in table.notes), Role.LIVE)
    service = tab.service
    health = None if snapshot is None or service is None else snapshot.health.get(service)
    rights = ((),) if health is None else _freshness(health, zone, short=width < 64)
    short = (filtered, count, marked, above)
    full = (filtered, count, order, marked, above, notes)
    lefts: tuple[Line, ...] = (full, (*short, notes), short)
    candidates = [_spread(left, right, width) for left in lefts for right in rights]
    if health is None or health.part is None:
        candidates.append(_spread(short, (), width))
    # what must not go unseen, and that this is a part, stay longest
    candidates += [_spread(left, rights[-1], width) for left in ((count, above), (above,))]
    return fitting(candidates, width)


def _freshness(health: Health, zone: tzinfo | None, *, short: bool) -> Sequence[Line]:
    """Return what can be said of how much was read and when, the longest first."""
    if health.part is None:
        return (freshness(health, zone, short=short),)
    words = Span(health.part.words(), Role.WARN if health.part.why else Role.LIVE)
    if health.next_at is None or health.word is HealthWord.OFF:
        return ((words,),)
    joint = "next" if health.part.why else "goes on"
    return ((words, Span(f", {joint} {times.clock(health.next_at, zone)}", Role.QUIET)), (words,))


def freshness(health: Health, zone: tzinfo | None, *, short: bool) -> Line:
    """Return when the service was read, and when it is next if that is a minute later or more."""
    parts = []
    if health.read_at is not None:
        parts.append(f"{'at' if short else 'updated'} {times.short_clock(health.read_at, zone)}")
    if (at := health.next_at) is not None and health.word is not HealthWord.OFF:
        soon = health.read_at is not None and at < health.read_at + SOON
        parts += [f"next {times.short_clock(at, zone)}"] * (not soon)
    return (Span(", ".join(parts), Role.QUIET),) if parts else ()


def footer_message(text: str, unread: Count, width: int, ellipsis: str) -> Line:
    """Return the message line: the last word said, and at its right what is unread in Activity.

    A long message takes the room of the call to Activity, whose tab counts the problems, too.
    """
    calls = [""]
    if unread.problems:
        noun = "problem" if unread.problems == 1 else "problems"
        calls = [f"{unread.problems} new {noun}: press 5 ", f"{unread.problems} new: 5 ", ""]
    call = next((each for each in calls if cell_len(text) + cell_len(each) + 2 <= width), "")
    right: Line = (Span(call, Role.ALERT),) if call else ()
    room = width - width_of(right) - 2
    return ends((Span(" " + cut(text, max(1, room), ellipsis)),), right, width)


def footer_keys(
    offered: Sequence[KeyAction],
    width: int,
    actions: Sequence[KeyAction] = ACTIONS,
    off: Container[str] = (),
) -> Line:
    """Return the key line, cut at whole entries; help and quit, as they are among `actions`, stay.

    The keys of the actions in `off` are dimmed.
    """
    always = tuple(span for id in ALWAYS for span in _entry(action(id, actions), Role.KEY))
    room = width - width_of(always) - 1
    spans: list[Span] = [Span(" ")]
    for each in offered:
        entry = _entry(each, Role.QUIET if each.id in off else Role.KEY)
        if width_of(spans) + width_of(entry) > room:
            break
        spans.extend(entry)
    return (*spans, *always)


def _entry(offered: KeyAction, role: Role) -> Line:
    return (Span(offered.key, role), Span(f" {offered.label}  ", Role.QUIET))


def summary(
    banner: Banner, snapshot: Snapshot | None, counts: Mapping[TabSpec, Count], zone: tzinfo | None
) -> Line:
    """Return the one line for a terminal too small for a table."""
    if snapshot is None:
        return line(f"{banner.profile} opening")
    failed = sum(count.problems for tab, count in counts.items() if not tab.of_events)
    ready = sum(count.ready for count in counts.values())
    more = "+" if any(count.least for count in counts.values()) else ""
    words = [health_word(replace(each, at=None), zone) for each in _troubled(snapshot.health).values()]
    state = words[0] if words else Span("ok", Role.GOOD)
    if snapshot.paused_at is not None:
        state = Span("PAUSED", Role.WARN)
    unkept = (NOT_KEPT, Span(" ")) if snapshot.not_kept else ()
    return (
        Span(f"{banner.profile} "),
        *unkept,
        state,
        Span(f"  {failed}{more} failed", Role.BAD if failed else Role.PLAIN),
        Span(f"  {ready}{more} ready  {times.short_clock(snapshot.at, zone)}"),
    )


def news(events: Sequence[Event], count: int, zone: tzinfo | None, width: int, ellipsis: str) -> list[Line]:
    """Return the last events, newest first, one line each."""
    latest = list(reversed(events[-count:])) if count else []
    return [_news_line(event, zone, width, ellipsis) for event in latest]


def _news_line(event: Event, zone: tzinfo | None, width: int, ellipsis: str) -> Line:
    roles = {Level.ERROR: Role.BAD, Level.WARNING: Role.WARN}
    level = "" if event.level is Level.INFO else f"{event.level}: "
    time = times.clock(event.until or event.at, zone)
    used = len(time) + 4 + 12
    text = cut(f"{level}{event.text}", max(1, width - used), ellipsis)
    return line(
        Span(f" {time}  ", Role.QUIET),
        Span(f"{event.source:<11} ", Role.QUIET),
        Span(text, roles.get(event.level, Role.PLAIN)),
    )
