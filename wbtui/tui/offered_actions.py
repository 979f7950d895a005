"""What a key would do to the items it was pressed on, or why it cannot be done. Pure.

`domain/offers.py` decides; this module counts, words the result, and makes what a confirm dialog shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Final

from wbtui.domain.commands import Cancel, Command
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action, Item, ItemKey
from wbtui.domain.offers import WORDS, Allowed, Refused, offers
from wbtui.domain.snapshot import Event, ReadOnly, RetryPlan
from wbtui.tui.dialogs.confirm import ONE_BY_ONE, Proposal, ProposalNews, ProposedItem, word_to_type
from wbtui.tui.tabs.glyphs import style_of
from wbtui.tui.tabs.row import Cell, Row
from wbtui.tui.tabs.tab_spec import TabSpec

FILES_NAMED: Final = 5
"""Files that are named of an item; the others are counted."""


@dataclass(frozen=True, slots=True)
class ActionTargets:
    """The items of a tab that a key was pressed on, parted by what may be done with them."""

    tab: TabSpec
    act: Action
    allowed: tuple[Item, ...]
    refused: tuple[tuple[Item, Refused], ...]
    hidden: int = 0
    """Marked items that the filter hides, and which are therefore left out."""
    marked: bool = False
    """Whether these are the marked items, and not those under the cursor."""
    plans: Mapping[ItemKey, RetryPlan] = field(default_factory=dict)
    """What would be sent for each item that is tried again."""
    warnings: tuple[str, ...] = ()
    """What else is touched by acting on each of those allowed; empty where nothing is to be said."""


def choose(
    tab: TabSpec, items: Iterable[Item], act: Action, *, read_only: ReadOnly, hidden: int = 0
) -> ActionTargets:
    """Part the items by what the offers say."""
    allowed: list[Item] = []
    warnings: list[str] = []
    refused: list[tuple[Item, Refused]] = []
    for item in items:
        offer = offers(item, read_only=read_only).of(act)
        if isinstance(offer, Refused):
            refused.append((item, offer))
        else:
            allowed.append(item)
            warnings.append(offer.warning)
    return ActionTargets(tab, act, tuple(allowed), tuple(refused), hidden, warnings=tuple(warnings))


def refusal(choice: ActionTargets) -> str:
    """Return why nothing can be done, and what can be done instead; empty if something can."""
    if choice.allowed:
        return ""
    if not choice.refused:
        return f"{WORDS[choice.act].letter}: there is no row here"
    reasons = {refused for _, refused in choice.refused}
    first = choice.refused[0][1]
    instead = f"; {first.instead}" if first.instead else ""
    more = f" ({len(reasons) - 1} other reasons)" if len(reasons) > 1 else ""
    return f"{WORDS[choice.act].letter}: {first.reason}{instead}{more}"


def with_plans(choice: ActionTargets, plans: Mapping[ItemKey, RetryPlan]) -> ActionTargets:
    """Return the choice with what would be sent, without the items whose file was not found."""
    missing = {key: Refused(plan.needed) for key, plan in plans.items() if plan.needed}
    return replace(
        choice,
        allowed=tuple(item for item in choice.allowed if item.key not in missing),
        refused=(*choice.refused, *((i, missing[i.key]) for i in choice.allowed if i.key in missing)),
        plans=plans,
    )


def dry_run(choice: ActionTargets) -> str:
    """Return how many of the chosen can be acted on: "8 of 11 can be downloaded"."""
    total = len(choice.allowed) + len(choice.refused)
    return f"{len(choice.allowed)} of {total} can be {WORDS[choice.act].done}"


def confirm_text(choice: ActionTargets, items: Iterable[Item], profile: str, *, danger: bool) -> Proposal:
    """Return what is put before the user; `items` are all of the tab, for a file's other languages."""
    tab, words = choice.tab, WORDS[choice.act]
    units = _units(tab, choice.allowed)
    count = len(units)
    siblings = _languages(tab, items)
    plans = [choice.plans.get(unit.key, RetryPlan()) for unit in units]
    shown = tuple(
        ProposedItem(unit.key, _name(tab, unit), _planned(_state(tab, unit, siblings), plan))
        for unit, plan in zip(units, plans, strict=True)
    )
    tried = sum(bool(plan.tried) for plan in plans)
    return Proposal(
        title=words.title,
        badge=f"{profile} [RW]",
        effect=_effect(tab, choice.act, count),
        items=shown,
        yes=f"Yes, {words.yes} {count}{' once more' if tried else ''}",
        no=words.no,
        caution=" ".join(filter(None, (_once_more(tried, count), _caution(choice.act, units)))),
        left_out=_left_out(choice),
        whose=_whose(choice, count),
        word=word_to_type(count, profile, danger=danger),
    )


def _whose(choice: ActionTargets, count: int) -> str:
    if choice.marked:
        return "What is marked:"
    return "The one under the cursor:" if count == 1 else "Those under the cursor:"


def _units(tab: TabSpec, items: Sequence[Item]) -> list[Item]:
    """Return one item per call: one language of a source stands for all of them."""
    units: dict[str, Item] = {}
    for item in items:
        units.setdefault(tab.unit(item), item)
    return list(units.values())


def _one_source(tab: TabSpec) -> bool:
    return tab.grouping is not None and tab.grouping.one_source


def _languages(tab: TabSpec, items: Iterable[Item]) -> dict[str, list[Cell]]:
    """Return the items of each source, where several are made from one."""
    found: dict[str, list[Cell]] = {}
    for item in items if _one_source(tab) else ():
        if isinstance(item, Cell):
            found.setdefault(tab.unit(item), []).append(item)
    return found


def _name(tab: TabSpec, item: Item) -> str:
    return item.name if _one_source(tab) else item.sentence_name


def _state(tab: TabSpec, item: Item, siblings: Mapping[str, Sequence[Cell]]) -> str:
    """Return an item's state in words: that of each language, where all are touched."""
    languages = siblings.get(tab.unit(item))
    if languages is not None:
        return _by_language(languages)
    return "; ".join(filter(None, (style_of(item).word, tab.state_words(item))))


def _planned(state: str, plan: RetryPlan) -> str:
    """Return an item's state with what would be sent, and with what became of the last time."""
    more = len(plan.files) - FILES_NAMED
    files = ", ".join(plan.files[:FILES_NAMED]) + (f" and {more} more" if more > 0 else "")
    return "; ".join(filter(None, (state, f"sends {files}" if files else "", plan.tried)))


def _once_more(tried: int, count: int) -> str:
    """Return the warning for items that were sent again already."""
    if not tried:
        return ""
    whose = "It was" if count == 1 else f"{tried} of these {'was' if tried == 1 else 'were'}"
    return f"{whose} sent again already: yes sends {'it' if tried == 1 else 'them'} once more."


def _by_language(files: Sequence[Cell]) -> str:
    """Return the state of each language, put together by state where there are many of them."""
    if len(files) <= ONE_BY_ONE:
        return ", ".join(f"{file.locale} {style_of(file).word}" for file in files)
    states: dict[str, list[str]] = {}
    for file in files:
        states.setdefault(style_of(file).word, []).append(file.locale)
    return "; ".join(f"{word} {', '.join(sorted(locales))}" for word, locales in states.items())


def _effect(tab: TabSpec, act: Action, count: int) -> str:
    files = f"{count} {'file' if count == 1 else 'files'}"
    if WORDS[act].effect:
        return WORDS[act].effect.format(files=files)
    if _one_source(tab):
        return f"Put the source of {files} again. ALL languages start anew."
    if count == 1:
        return f"Send 1 {tab.sent_noun} again, as a new one."
    return f"Send {count} {tab.sent_noun}s again, as new ones."


def _caution(act: Action, units: Sequence[Item]) -> str:
    if WORDS[act].caution:
        return WORDS[act].caution
    warnings: dict[str, None] = {}
    for unit in units:
        offer = offers(unit, read_only=ReadOnly.NO).of(act)
        if isinstance(offer, Allowed) and offer.warning:
            warnings[offer.warning] = None
    if not warnings:
        return ""
    first = next(iter(warnings))
    return f"{first[0].upper()}{first[1:]}."


def _left_out(choice: ActionTargets) -> tuple[str, ...]:
    said = []
    if choice.refused:
        first = choice.refused[0][1].reason
        said.append(f"{len(choice.refused)} left out: {first}")
    if choice.hidden:
        one = choice.hidden == 1
        said.append(
            f"{choice.hidden} marked {'item is' if one else 'items are'} hidden by the filter: left out"
        )
    return tuple(said)


def news(
    shown: Proposal,
    before: Mapping[ItemKey, Item],
    now: Mapping[ItemKey, Item],
    choice: ActionTargets,
    *,
    read_only: ReadOnly,
) -> ProposalNews:
    """Return what happened to a proposal's items since it was opened with `before`.

    Both hold all languages of a source: what becomes of one of them matters, since all are touched.
    """
    changed: dict[ItemKey, str] = {}
    unfit: dict[ItemKey, str] = {}
    moved = [now[key] for key, item in before.items() if key in now and now[key].state is not item.state]
    languages = _languages(choice.tab, moved)
    for item in shown.items:
        fresh = now.get(item.key)
        if fresh is None:
            unfit[item.key] = "it is not in the list any more"
            continue
        offer = offers(fresh, read_only=read_only).of(choice.act)
        if isinstance(offer, Refused):
            unfit[item.key] = offer.reason
        elif (unit := choice.tab.unit(fresh)) in languages:
            changed[item.key] = _by_language(languages[unit])
        elif fresh.state is not before[item.key].state:
            changed[item.key] = style_of(fresh).word
    return ProposalNews(changed, unfit)


LOOKED_AT: Final = 200
"""Items that are looked at; of more it is taken that something can be done with one of them."""

ACTIONS: Final[Mapping[str, Action]] = {
    "item.download": Action.DOWNLOAD,
    "item.other": Action.OTHER,
    "item.retry": Action.RETRY,
    "item.cancel": Action.CANCEL,
}
"""What the keys by these ids do to items."""
COMMANDS: Final[Mapping[Action, Callable[[tuple[ItemKey, ...]], Command]]] = {Action.CANCEL: Cancel}
"""What is asked of the monitor once the question has been answered, where nothing more has to be known."""


def reasons(tab: TabSpec, rows: Sequence[Row], *, read_only: ReadOnly) -> Mapping[str, str]:
    """Return the ids of the actions that can do nothing with any of these rows, each with why."""
    if len(rows) > LOOKED_AT:
        return {}
    items = [row for row in rows if not isinstance(row, Event)]
    if not items:
        return {}
    found = {id: refusal(choose(tab, items, act, read_only=read_only)) for id, act in ACTIONS.items()}
    if not any(item.awaited for item in items):
        found["item.tell"] = "b: nothing more is to come of it"
    return {id: why for id, why in found.items() if why}
