"""`wbtui send`: files into a project; its three levels of failure are three different things.

A refused request ends with 1, a failed operation with 8, single files that failed with 7.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wbtui.cli.context import CommandContext, act, confirm
from wbtui.cli.exit_codes import Exit, exit_for
from wbtui.cli.output import data, document, say
from wbtui.cli.paths import file_of
from wbtui.domain.errors import ServiceError, SettingsError, WbtuiError
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import FINISHED, Action, Operation, State
from wbtui.domain.notices import file_words, replaced_words
from wbtui.domain.offers import read_only_refusal
from wbtui.domain.ports import NewFiles, fits_an_id
from wbtui.domain.sanitize import sanitize
from wbtui.domain.serialize import item_to_json

NOBODY = operation_key("new")
"""Stands for the operation until it has an id."""


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Upload the files, submit them, and print the operation's key."""
    files = local_files(arguments.files, arguments.folder)
    request = request_of(arguments)

    async def work(context: CommandContext) -> Exit:
        return await _send(context, request, files, arguments)

    return act(arguments, env, work)


def local_files(words: list[str], folder: str) -> dict[str, Path]:
    """Return the files by their names in the project; raises `SettingsError` for what cannot be sent.

    A relative path keeps its folders, which the project stores (projects/{pid}/workflows/new, `name`); of an
    absolute one, or one that leads upwards, only the file's name is kept.
    """
    found: dict[str, Path] = {}
    for word in words:
        path = file_of(word)
        keeps_folders = not path.is_absolute() and ".." not in path.parts
        within = path.as_posix() if keeps_folders else path.name
        name = f"{folder.strip('/')}/{within}" if folder.strip("/") else within
        if name in found:
            raise SettingsError(
                f"two of the files would be named {sanitize(name, 300)} in the project",
                advice="Go to the folder above them and give relative paths: those keep their folders.",
            )
        found[name] = path
    return found


def request_of(arguments: argparse.Namespace) -> NewFiles:
    """Return what the command line asks for; raises `SettingsError`."""
    targets = tuple(code.strip() for code in arguments.trgs.split(",") if code.strip())
    if not targets:
        raise SettingsError("--trgs names no language")
    fields = []
    for word in arguments.jobs_cf:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise SettingsError(f"--jobs-cf {sanitize(word, 80)}: is not of the form NAME=VALUE")
        fields.append((_field_name(name.strip()), value))
    return NewFiles(
        project=arguments.project,
        source=arguments.src,
        targets=targets,
        deadline=arguments.deadline,
        workflow=arguments.workflow,
        allow_updates=False if arguments.no_updates else None,
        job_fields=tuple(fields),
    )


def _field_name(name: str) -> str:
    """Return the id or title of a custom field; raises `SettingsError` for what can be no id."""
    if not fits_an_id(name):
        raise SettingsError(
            f"--jobs-cf {sanitize(name, 40)}: no custom field has an id of {len(name)} digits"
        )
    return name


async def _send(
    context: CommandContext, request: NewFiles, files: Mapping[str, Path], arguments: argparse.Namespace
) -> Exit:
    if context.profile_services.read_only:
        refused = read_only_refusal(context.profile_services.read_only)
        raise SettingsError(refused.reason, advice=refused.instead)
    targets = ", ".join(request.targets)
    lines = [
        f"send to project {request.project}, {request.source} to {targets}: {sanitize(n)}" for n in files
    ]
    if arguments.dry_run:
        data("\n".join(lines))
        return Exit.OK
    confirm(context, lines, yes=arguments.yes or not context.profile.danger)
    try:
        operation = await _submit(context, request, files, sanitize(arguments.label))
    except ServiceError as error:
        return _refused(context, error, as_json=arguments.json)
    if arguments.wait:
        await context.until_ended(operation.key, arguments.wait)
    return _tell(context.state.operations[operation.key], arguments)


async def _submit(
    context: CommandContext, request: NewFiles, files: Mapping[str, Path], label: str
) -> Operation:
    writer = context.profile_services.gateways.translator_writer
    if writer is None:
        raise next(
            iter(context.profile_services.unavailable.values()),
            SettingsError("this profile has no translator"),
        )
    audit = context.executor.audit
    audit.asked(Action.SEND, NOBODY, f"{len(files)} files to project {request.project}")
    tokens: dict[str, str] = {}
    for name, path in files.items():
        tokens[name] = await writer.upload(path, name)
        say(f"uploaded {sanitize(name)}")
    reading, record = await writer.workflows_new(request, tokens)
    operation = await context.executor.changes.watch(
        reading, record, files, label=label or ", ".join(map(sanitize, files))[:120], kind="Upload"
    )
    audit.ended(Action.SEND, operation.key, f"{len(files)} files sent as {operation.key}")
    return operation


def _refused(context: CommandContext, error: WbtuiError, *, as_json: bool) -> Exit:
    """Say that nothing became an operation: the first level."""
    context.executor.audit.ended(Action.SEND, NOBODY, error.message, error=error)
    if as_json:
        document({"level": "refused", "message": error.message, "advice": error.advice})
    say(f"wbtui: not accepted: {error.message}")
    if error.advice:
        say(f"       {error.advice}")
    return exit_for(error)


def _tell(operation: Operation, arguments: argparse.Namespace) -> Exit:
    """Print the operation and, if it has ended, what became of it and of each file."""
    level, code = _level(operation, waited=bool(arguments.wait))
    if arguments.json:
        shown: dict[str, Any] = {"level": level, "operation": item_to_json(operation)}
        document(shown)
        return code
    data(f"{operation.key}\t{operation.state.value}\t{operation.label}".rstrip())
    if operation.state is State.FAILED:
        say(f"wbtui: the operation failed: {operation.reading.status_info or operation.reading.status_text}")
    for file in operation.reading.files:
        end = "done" if file.success else "failed"
        data(f"{file.name}\t{end}\t{file.error}\t{file_words(file)}".rstrip())
    if replaced := replaced_words(operation):
        say(f"wbtui: {replaced}")
    return code


def _level(operation: Operation, *, waited: bool) -> tuple[str, Exit]:
    if operation.state not in FINISHED:
        return "", Exit.UNFINISHED if waited else Exit.OK
    if operation.state is State.FAILED:
        return "operation failed", Exit.FAILED
    if operation.state is State.PARTIAL:
        all_failed = all(not file.success for file in operation.reading.files)
        return "files failed", Exit.FAILED if all_failed else Exit.PARTLY
    return "", Exit.OK
