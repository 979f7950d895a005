"""`wbtui download`: named items, everything ready, or what was made since the last time."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from wbtui.cli.context import CommandContext, act, tell_outcomes
from wbtui.cli.exit_codes import Exit
from wbtui.cli.keys import read_keys
from wbtui.cli.output import data, document, say
from wbtui.cli.paths import path_of
from wbtui.domain.commands import AcceptDoubtful, DownloadItems
from wbtui.domain.errors import SettingsError
from wbtui.domain.item_keys import service_of
from wbtui.domain.model import Action, Item, ItemKey, Service
from wbtui.domain.offers import Allowed
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Download, DownloadState
from wbtui.domain.versions import Overwrite


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Fetch what the command line names, and print a result for each item."""
    keys = read_keys(arguments.keys)
    if not keys and not arguments.ready and not arguments.new:
        raise SettingsError("nothing to download is named", advice="Name keys, or say --ready or --new.")
    if keys and (arguments.ready or arguments.new):
        raise SettingsError("keys do not go together with --ready or --new")
    if arguments.accept and not keys:
        raise SettingsError("--accept wants the keys of the files that you have looked at")
    to = path_of(arguments.to) if arguments.to else None

    async def work(context: CommandContext) -> Exit:
        return await _download(context, keys, arguments)

    overwrite = Overwrite(arguments.overwrite) if arguments.overwrite else None
    return act(arguments, env, work, to=to, overwrite=overwrite, named=keys)


async def _download(context: CommandContext, keys: Sequence[ItemKey], arguments: argparse.Namespace) -> Exit:
    services = {Service(name) for name in arguments.service or ()} or set(context.profile.services())
    named = bool(keys)
    if arguments.accept:
        context.executor.accept(AcceptDoubtful(tuple(keys)))
        return tell_outcomes(context, context.executor.audit.outcomes, as_json=arguments.json)
    if keys:
        await context.read(
            {service_of(key) for key in keys if not _known(context, key, other=arguments.other)}
        )
        keys = context.found(Action.DOWNLOAD, keys)
    else:
        await context.read(services)
        keys = await _new(context, services) if arguments.new else _ready(context, services)
    if arguments.dry_run:
        _say_what(context, keys, as_json=arguments.json, other=arguments.other)
        return context.exit_code(Exit.OK, outcomes=len(keys), named=named)
    if not keys and not context.executor.audit.outcomes:
        part = context.unread or context.partly
        say(f"wbtui: nothing to download{' of what could be read' if part else ''}")
    elif arguments.new or arguments.ready:
        count = "1 file" if len(keys) == 1 else f"{len(keys)} files"
        say(f"wbtui: {count}{' made since the last time' if arguments.new else ''}")
    context.executor.download(DownloadItems(tuple(keys), other=arguments.other))
    await context.finish()
    outcomes = context.executor.audit.outcomes
    transfers = [download_to_json(transfer) for transfer in context.state.transfers]
    code = tell_outcomes(context, outcomes, as_json=arguments.json, downloads=transfers)
    return context.exit_code(code, outcomes=len(outcomes), named=named)


def _known(context: CommandContext, key: ItemKey, *, other: bool) -> bool:
    """Return whether an item can be fetched by what is known of it already."""
    item = context.state.find(key)
    if item is None:
        return False
    found = context.executor.offers(item)
    return isinstance(found.other if other else found.download, Allowed)


def _ready(context: CommandContext, services: Collection[Service]) -> list[ItemKey]:
    items = (item for service in services for item in context.state.items(service))
    return [item.key for item in items if context.executor.ready(item)]


async def _new(context: CommandContext, services: Collection[Service]) -> list[ItemKey]:
    found = await context.executor.whats_new.find(services)
    if not found.whole:
        say("wbtui: beebox: the list could not be read whole: there may be more")
        context.partly.add(Service.BEEBOX)
    return list(found.keys)


def _say_what(context: CommandContext, keys: Sequence[ItemKey], *, as_json: bool, other: bool) -> None:
    items = [item for key in keys if (item := context.state.find(key)) is not None]
    if as_json:
        members = [_plan(context, item, other=other) for item in items]
        document({"profile": context.profile.name, "dry_run": True, "files": len(items), "would": members})
        return
    for item in items:
        data(f"{item.key}\t{sanitize(item.full_name)}")
    data(f"{len(items)} {'file' if len(items) == 1 else 'files'}")


def _plan(context: CommandContext, item: Item, *, other: bool) -> dict[str, Any]:
    found = context.executor.offers(item)
    offer = found.other if other else found.download
    reason = "" if isinstance(offer, Allowed) else offer.reason
    return {"key": item.key, "label": sanitize(item.full_name), "refused": reason}


_LIES = frozenset({DownloadState.DONE, DownloadState.KEPT, DownloadState.DOUBTFUL})
"""States in which a file lies on the disk, though a doubtful one under another name."""


def download_to_json(transfer: Download) -> dict[str, Any]:
    """Return a download as it stands in JSON."""
    return {
        "key": transfer.key,
        "state": transfer.state.value,
        "path": transfer.path if transfer.state in _LIES else "",
        "bytes": transfer.received,
        "note": transfer.note,
    }
