"""What `wbtui retry` and `wbtui cancel` have in common: offers, a question, one call, results per item."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from wbtui.cli.context import CommandContext, act, confirm, tell_outcomes
from wbtui.cli.exit_codes import Exit
from wbtui.cli.keys import read_keys
from wbtui.cli.output import data, document
from wbtui.cli.paths import path_of
from wbtui.domain.commands import Cancel, Retry
from wbtui.domain.item_keys import service_of
from wbtui.domain.model import Action, BeeboxFile, Item, ItemKey
from wbtui.domain.offers import Offer, Refused
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import RetryPlan
from wbtui.monitor.actions.download_queue import wire_path


def change(action: Action, arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Try again or cancel what the command line names, and print a result for each item."""
    keys = read_keys(arguments.keys)

    async def work(context: CommandContext) -> Exit:
        return await _change(context, action, keys, arguments)

    return act(arguments, env, work, named=keys)


async def _change(
    context: CommandContext, action: Action, keys: Sequence[ItemKey], arguments: argparse.Namespace
) -> Exit:
    # read first, so that no outdated state is acted on
    await context.read({service_of(key) for key in keys})
    keys = context.found(action, keys)
    items = [item for key in keys if (item := context.state.find(key)) is not None]
    source = path_of(arguments.source) if action is Action.RETRY and arguments.source else None
    sources = {key: source for key in keys} if source else {}
    plans = await context.executor.retry_plan(keys, sources) if action is Action.RETRY else {}
    lines = [line for item in items for line in _lines(context, action, item, plans.get(item.key))]
    if arguments.dry_run:
        return _say_what(context, action, items, lines, plans, as_json=arguments.json)
    asks = not arguments.yes and sys.stdin.isatty()
    unavailable = {key for key, plan in plans.items() if plan.tried and not (arguments.again or asks)}
    if any(i.key not in unavailable and not isinstance(_offer(context, action, i), Refused) for i in items):
        confirm(context, lines, yes=arguments.yes)
    if action is Action.RETRY:
        # what stood in the question was agreed to; a try that somebody made meanwhile was not
        agreed = {key for key, plan in plans.items() if plan.tried} - unavailable
        again = frozenset(keys if arguments.again else agreed)
        context.executor.do(Retry(tuple(keys), sources, again))
    else:
        context.executor.do(Cancel(tuple(keys)))
    await context.finish()
    return tell_outcomes(context, context.executor.audit.outcomes, as_json=arguments.json)


def _offer(context: CommandContext, action: Action, item: Item) -> Offer:
    return context.executor.offers(item).of(action)


def _lines(context: CommandContext, action: Action, item: Item, plan: RetryPlan | None) -> list[str]:
    """Return what a question about this item says; for a Beebox file with every language's state."""
    offer = _offer(context, action, item)
    words = f"cannot be: {offer.reason}" if isinstance(offer, Refused) else offer.warning
    lines = [f"{action.value} {item.key} {sanitize(item.full_name)}: {words}"]
    if isinstance(offer, Refused):
        return lines
    if plan is not None:
        lines += [f"    sends {file}" for file in plan.files]
        lines += [f"    needs: {plan.needed}"] if plan.needed else []
        lines += [f"    already: {plan.tried}; this sends it once more"] if plan.tried else []
    if isinstance(item, BeeboxFile):
        same = [f for f in context.state.beebox.values() if wire_path(f) == wire_path(item)]
        lines += [f"    {file.locale}: {file.state.value}" for file in same]
    return lines


def _say_what(
    context: CommandContext,
    action: Action,
    items: list[Item],
    lines: list[str],
    plans: Mapping[ItemKey, RetryPlan],
    *,
    as_json: bool,
) -> Exit:
    if not as_json:
        data("\n".join(lines))
        return Exit.OK
    would = [
        {
            "key": item.key,
            "action": action.value,
            "refused": offer.reason if isinstance(offer := _offer(context, action, item), Refused) else "",
            **_plan_to_json(plans.get(item.key)),
        }
        for item in items
    ]
    document({"profile": context.profile.name, "dry_run": True, "would": would})
    return Exit.OK


def _plan_to_json(plan: RetryPlan | None) -> dict[str, object]:
    return {} if plan is None else {"files": plan.files, "needed": plan.needed, "tried": plan.tried}
