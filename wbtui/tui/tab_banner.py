"""What stands above and in place of a tab's table: totals, the question, notices, and words for emptiness."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.domain.model import Service
from wbtui.domain.snapshot import Health, HealthWord, Snapshot
from wbtui.tui.matrix import LocaleTotal
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, line, pad, wrap

CELL = 34
"""Width of one locale's total."""


def totals_lines(
    sums: Sequence[LocaleTotal],
    context: Context,
    width: int,
    most: int,
    *,
    of: str = "",
    partial: bool = False,
) -> list[Line]:
    """Return the totals side by side, in at most so many lines; what does not fit is counted.

    `of` says what they are of where that is not all; with `partial` no share is told: the rest is unknown.
    """
    lead = f" {of}: " if of else " "
    across = max(1, (width - len(lead)) // CELL)
    room = across * most
    if room == 1 and len(sums) > 1:
        sums = [_all(sums)]
    shown = list(sums) if len(sums) <= room else list(sums[: room - 1])
    cells = [_total(each, context, partial=partial) for each in shown]
    if len(shown) < len(sums):
        cells.append(line(Span(f"and {len(sums) - len(shown)} more locales", Role.QUIET)))
    rows = [cells[start : start + across] for start in range(0, len(cells), across)]
    return [
        crop(
            (
                Span(" " * len(lead) if number else lead, Role.QUIET),
                *(span for cell in row for span in pad(cell, CELL)),
            ),
            width,
        )
        for number, row in enumerate(rows)
    ]


def _all(sums: Sequence[LocaleTotal]) -> LocaleTotal:
    """Return the sum over all locales."""
    return LocaleTotal(
        f"{len(sums)} loc.",
        sum(each.ready for each in sums),
        sum(each.files for each in sums),
        sum(each.ready_words for each in sums),
        sum(each.words for each in sums),
    )


def _total(total: LocaleTotal, context: Context, *, partial: bool) -> Line:
    return (
        Span(f"{cut(total.locale, 7, context.drawing.ellipsis):<8}", Role.STRONG),
        *context.drawing.bar(total.share, 10, partial=partial),
        Span("      " if partial else f" {total.percent or '-':>3} %"),
        Span(f"  {total.ready}/{total.files}", Role.QUIET),
    )


def notice(health: Health | None, context: Context, width: int, most: int) -> list[Line]:
    """Return what is wrong with the tab's service, and what to do about it; nothing while it is well."""
    if health is None or health.word not in _TROUBLE:
        return []
    role = Role.BAD if health.word in {HealthWord.DOWN, HealthWord.LOGIN} else Role.WARN
    parts = [_TROUBLE[health.word], health.message, health.advice]
    if health.word is HealthWord.DOWN and health.at is not None:
        parts.append(f"Next try {times.clock(health.at, context.zone)}.")
    if health.read_at is not None:
        parts.append(f"Showing data of {times.clock(health.read_at, context.zone)}.")
    text = " ".join(_sentence(part) for part in parts if part)
    pieces = wrap(text, max(1, width - 4))
    if len(pieces) > most:
        pieces = [*pieces[: most - 1], cut(" ".join(pieces[most - 1 :]), width - 4, context.drawing.ellipsis)]
    return [line(Span(f" {'!' if index == 0 else ' '} {piece}", role)) for index, piece in enumerate(pieces)]


_TROUBLE = {
    HealthWord.DOWN: "No connection.",
    HealthWord.LOGIN: "Log-in needed: press L.",
    HealthWord.LIMIT: "The hourly allowance holds looks back.",
    HealthWord.OLD: "No fresh data.",
}


def _sentence(text: str) -> str:
    """Return the text with a capital and a full stop, so that parts can stand one after another."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def empty(snapshot: Snapshot | None, tab: TabSpec, context: Context | None) -> list[str]:
    """Return the paragraphs to show where a tab has no rows."""
    if snapshot is None or context is None:
        return ["Opening."]
    service = tab.service
    health = None if service is None else snapshot.health.get(service)
    if service is not None and health is not None and health.word is HealthWord.OFF:
        return not_set_up(service, snapshot.profile)
    if health is not None and health.read_at is None and tab.question is None:
        return _not_read(health)
    if health is not None and health.part is not None and tab.question is None:
        return [f"{_sentence(health.part.words())[:1].upper()}{_sentence(health.part.words())[1:]}"]
    return tab.empty(snapshot, context)


def _not_read(health: Health) -> list[str]:
    if health.word in _TROUBLE:
        return ["Nothing has been read yet."]
    if health.word is HealthWord.PAUSED:
        return ["Nothing has been read yet. p goes on."]
    return ["Reading."]


def not_set_up(service: Service, profile: str) -> list[str]:
    """Return how a service is added to a profile."""
    name = service.account.value
    return [
        f"{service.label} is not set up in the profile {profile}.",
        f"Add a table [profiles.{profile}.{name}] to the configuration: `wbtui config path` says where "
        f"it is. Then `wbtui login {name}` stores its secret.",
    ]
