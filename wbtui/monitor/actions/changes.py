"""Try again and cancel: what changes something on a server, each asked for once and by the user only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from wbtui.domain.attempts import next_attempt
from wbtui.domain.clock import Clock
from wbtui.domain.commands import Cancel, Command
from wbtui.domain.errors import Busy, Rejected, ServiceError, SourceError, StoreError, Uncertain
from wbtui.domain.item_keys import instant_key, local_operation_key
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.merge import new_operation
from wbtui.domain.model import (
    FLEX_QUERY,
    Action,
    BeeboxFile,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
    State,
)
from wbtui.domain.ports import BeeboxWriting, Gateways, NewRequest, Records, Store
from wbtui.domain.records import SentFiles
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Level
from wbtui.files.user_files import is_file, is_folder, no_file, nothing_at, open_file, read_file, reading
from wbtui.files.user_files import named as shown
from wbtui.monitor.actions.download_queue import wire_path
from wbtui.monitor.actions.receive import in_thread
from wbtui.monitor.monitor_state import MonitorState

WORKFLOWS_NEW: Final = "/workflows/new"


def is_new_files(operation: Operation) -> bool:
    """Return whether an operation came from `workflows/new`, whose uploads are needed once more."""
    request = operation.request
    return request is not None and request.path.split("?", 1)[0].rstrip("/").endswith(WORKFLOWS_NEW)


def failed_names(operation: Operation) -> tuple[str, ...]:
    """Return the files of a `workflows/new` that are to be sent again: those that failed, else all."""
    failed = tuple(file.name for file in operation.reading.files if not file.success)
    return failed or tuple(requested_files(operation))


def requested_files(operation: Operation) -> dict[str, dict[str, object]]:
    """Return the `files` records of a recorded `workflows/new`, by their names.

    Raises `SourceError` if the record does not hold them.
    """
    found: dict[str, dict[str, object]] = {}
    for record in request_body(operation).get("files", []):
        if isinstance(record, dict) and isinstance(record.get("name"), str):
            found[record["name"]] = record
    if not found:
        raise SourceError("the recorded request names no files")
    return found


def request_body(operation: Operation) -> dict[str, list[object]]:
    """Return the JSON body of a recorded request; raises `SourceError` if it has none."""
    try:
        body = json.loads(operation.request.body if operation.request else "")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise SourceError("the recorded request has no JSON body")
    return body


@dataclass(frozen=True, slots=True)
class Sources:
    """Finds local files; `folder` is the profile's `source_dir`."""

    folder: Path | None
    records: Records

    def find(self, item: Item, named: Path | None) -> Mapping[str, Path]:
        """Return the local files to send, by name; `named` is a file, or a folder that holds them.

        Raises `SourceError` in words for what is missing.
        """
        if isinstance(item, BeeboxFile):
            return {wire_path(item): _named(named, wire_path(item)) if named else self._beebox(item)}
        if isinstance(item, InstantRequest):
            if named is None:
                raise SourceError(f"the file {item.name} is needed")
            return {item.name: _named(named, item.name)}
        if isinstance(item, Operation) and is_new_files(item):
            return self._uploads(item, named)
        return {}

    def beginning(self, item: BeeboxFile, most: int = 4096) -> bytes | None:
        """Return the first bytes of an item's source, or None where that does not lie in the folder."""
        found = _below(self.folder, wire_path(item)) if self.folder is not None else None
        if found is None:
            return None
        try:
            with open_file(found) as file, reading(found):
                return file.read(most)
        except SourceError:
            return None

    def _beebox(self, item: BeeboxFile) -> Path:
        if self.folder is None:
            raise SourceError(
                f"the source file of {item.path} is needed", advice="Name it, or set source_dir."
            )
        found = _below(self.folder, wire_path(item))
        if found is None or not is_file(found):
            raise SourceError(f"the source file of {item.path} is not in {sanitize(str(self.folder), 300)}")
        return found

    def _uploads(self, item: Operation, named: Path | None) -> Mapping[str, Path]:
        names = failed_names(item)
        known = self.records.sent_files(item.key)
        remembered = known.files if known else {}
        found = {name: _upload(name, named, remembered, alone=len(names) == 1) for name in names}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            raise SourceError(f"needed to upload them anew: {sanitize(', '.join(missing), 400)}")
        return {name: path for name, path in found.items() if path is not None}


def _named(named: Path, wire: str) -> Path:
    """Return the file that the user named, or the one of that name in the folder that he named."""
    if not is_folder(named):
        if problem := no_file(named):
            raise SourceError(f"{shown(named)}: {problem}")
        return named
    found = next((path for path in _within(named, wire) if path is not None and is_file(path)), None)
    if found is None:
        raise SourceError(f"{sanitize(wire, 300)} is not in {shown(named)}")
    return found


def _within(folder: Path, wire: str) -> list[Path | None]:
    """Return where a file may lie in a folder: with its folders, or by its name alone."""
    return [_below(folder, wire), _below(folder, re.split(r"[/\\]", wire)[-1])]


def _upload(name: str, named: Path | None, remembered: Mapping[str, str], *, alone: bool) -> Path | None:
    if named is not None and is_folder(named):
        candidates = _within(named, name)
    elif named is not None and (alone or named.name == re.split(r"[/\\]", name)[-1]):
        candidates = [named]
    else:
        candidates = [Path(remembered[name])] if name in remembered else []
    return next((path for path in candidates if path is not None and is_file(path)), None)


def _below(folder: Path, wire: str) -> Path | None:
    """Return the path of a server's name below a folder; None for one that would lead out of it."""
    parts = re.split(r"[/\\]", wire)
    if any(part in {"", ".", ".."} or ":" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)


LARGEST_INSTRUCTIONS: Final = 1024 * 1024
"""Bytes of a `.beebox` file."""
BUSY_RESTS: Final = (5.0, 10.0, 20.0, 20.0)
"""Waits between log-ins while the Beebox works; nothing is asked of it before a log-in."""

_Session = TypeVar("_Session")


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did, and the item it made, if any."""

    words: str
    new_key: ItemKey | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change on a server: the action that its outcomes bear, and the call that makes it for one item."""

    action: Action
    make: Callable[[Item], Awaitable[Done]]


class Changes:
    """Makes the calls of `T` and `X`, and puts what follows from them into the state."""

    def __init__(
        self,
        *,
        state: MonitorState,
        store: Store,
        records: Records,
        gateways: Gateways,
        sources: Sources,
        clock: Clock,
        ask_flex: Callable[[], str],
        pull_again: Callable[[Operation], bool],
    ) -> None:
        self._state = state
        self._store = store
        self._records = records
        self._gateways = gateways
        self._sources = sources
        self._clock = clock
        self._ask_flex = ask_flex
        self._pull_again = pull_again

    # -- try again --------------------------------------------------------------------------------------

    async def retry(self, item: Item, named: Path | None) -> Done:
        """Send an item again; raises `ServiceError`, or `SourceError` for a local file that is missing."""
        if isinstance(item, BeeboxFile):
            return await self._put_again(item, named)
        if isinstance(item, InstantRequest):
            return await self._submit_again(item, named)
        if isinstance(item, Operation):
            return await self._operation_again(item, named)
        raise Rejected("only a failed query or pull can be run again", status=0)

    async def _operation_again(self, item: Operation, named: Path | None) -> Done:
        if item.kind == FLEX_QUERY:
            return Done(f"Flex is asked again: {self._ask_flex()}")
        if self._pull_again(item):
            return Done("the pull is run again, and its files are stored")
        writer = self._gateways.translator_writer
        if writer is None or item.request is None:
            raise ServiceError("the translator could not be set up for writing")
        files: Mapping[str, Path] = {}
        record = item.request
        if is_new_files(item):
            files = await in_thread(lambda: self._sources.find(item, named))
            tokens = {name: await writer.upload(path, name) for name, path in files.items()}
            record = _with_new_tokens(item, record, tokens)
        reading = await writer.resend(record)
        made = await self.watch(reading, record, files, label=item.label, kind=item.kind, before=item)
        return Done(f"sent again as {made.key}, attempt {made.attempt}", made.key)

    async def watch(
        self,
        reading: OperationReading,
        record: RequestRecord,
        files: Mapping[str, Path],
        *,
        label: str,
        kind: str,
        before: Operation | None = None,
    ) -> Operation:
        """Put a new operation into the state; when this returns it is on disk, since no list names it again.

        Where it cannot be written Activity says so: it was sent all the same.
        """
        now = self._clock.now()
        made = new_operation(reading.request_id, reading, now, kind=kind, label=label)
        if not reading.request_id:
            number = await in_thread(self._store.next_local)
            made = replace(made, key=local_operation_key(number))
        attempt = next_attempt(before, self._state.operations) if before else 1
        forerunner = before.key if before else None
        made = replace(made, submitted_at=now, request=record, attempt=attempt, forerunner=forerunner)
        self._state.put(Service.OPERATIONS, [made])
        if files:
            places = {name: str(path.absolute()) for name, path in files.items()}
            self._records.save_sent(SentFiles(made.key, places))
        try:
            await in_thread(self._records.flush)
        except StoreError as error:
            words = f"{made.key} was sent, but is not kept: {error.message}"
            self._state.events.add(Level.WARNING, "wbtui", words, key=made.key)
        return made

    async def _put_again(self, item: BeeboxFile, named: Path | None) -> Done:
        path = wire_path(item)
        found = await in_thread(lambda: self._sources.find(item, named))
        siblings = self._languages(item)
        instructions = await in_thread(lambda: _instructions(found[path], siblings))
        async with self._beebox() as session:
            await session.put_source(path, found[path], instructions)
        self._mark(siblings, Action.RETRY)
        return Done(f"the source of {item.path} was put again; {len(siblings)} languages start anew")

    async def _submit_again(self, item: InstantRequest, named: Path | None) -> Done:
        writer = self._gateways.instant_writer
        if writer is None:
            raise ServiceError("Instant Translation could not be set up for writing")
        found = await in_thread(lambda: self._sources.find(item, named))
        file = found[item.name]
        name = await self._hash_name(item, file)
        unique = await in_thread(lambda: self._store.recall(name)) or uuid.uuid4().hex
        # written down before it is sent: after a broken connection the same one must be used
        self._store.remember(name, unique)
        await in_thread(self._records.flush)
        async with writer.writing() as session:
            configuration = await session.configuration()
            request = NewRequest(item.name, item.source, item.target, unique, option=configuration.option)
            try:
                number = await session.submit(request, file)
            except Uncertain:
                raise
            except ServiceError:
                self._store.remember(name, "")
                raise
        self._store.remember(name, "")
        made = self._new_request(item, number)
        return Done(f"submitted again as {made.key}", made.key)

    async def _hash_name(self, item: InstantRequest, file: Path) -> str:
        """Return under which name the hash of this file for this request is kept."""
        digest = await in_thread(lambda: _digest(file))
        return f"instant.hash.{item.request_id}.{digest[:16]}"

    def _new_request(self, old: InstantRequest, number: int) -> InstantRequest:
        now = self._clock.now()
        made = InstantRequest(
            key=instant_key(number),
            request_id=number,
            name=old.name,
            state=State.WAITING,
            status="Waiting",
            source=old.source,
            target=old.target,
            source_title=old.source_title,
            target_title=old.target_title,
            sent_at=now,
            seen_at=now,
            changed_at=now,
        )
        self._state.put(Service.INSTANT, [made])
        return made

    # -- cancel -----------------------------------------------------------------------------------------

    @property
    def by_command(self) -> Mapping[type[Command], Change]:
        """Return the changes that need nothing but the items, each by its command."""
        return {Cancel: Change(Action.CANCEL, self.cancel)}

    async def cancel(self, item: Item) -> Done:
        """Delete the source of a Beebox file; nothing else can be cancelled. Raises `ServiceError`."""
        if not isinstance(item, BeeboxFile):
            raise Rejected("Wordbee has no call to cancel this", status=0)
        async with self._beebox() as session:
            await session.delete_source(wire_path(item))
        siblings = self._languages(item)
        self._mark(siblings, Action.CANCEL)
        return Done(f"the source of {item.path} was deleted; {len(siblings)} languages stop")

    def _languages(self, item: BeeboxFile) -> list[BeeboxFile]:
        """Return the records of a file in all its languages."""
        path = wire_path(item)
        return [file for file in self._state.beebox.values() if wire_path(file) == path]

    def _mark(self, files: list[BeeboxFile], action: Action) -> None:
        now = self._clock.now()
        self._state.put(
            Service.BEEBOX,
            [replace(self._state.beebox[f.key], asked=action, asked_at=now) for f in files],
        )

    @asynccontextmanager
    async def _beebox(self) -> AsyncIterator[BeeboxWriting]:
        writer = self._gateways.beebox_writer
        if writer is None:
            raise ServiceError("the Beebox could not be set up for writing")
        async with AsyncExitStack() as stack:
            yield await _let_in(stack, writer.writing, self._clock)


async def _let_in(
    stack: AsyncExitStack, open_session: Callable[[], AbstractAsyncContextManager[_Session]], clock: Clock
) -> _Session:
    """Log in, waiting while the Beebox works; what the session is used for is done once."""
    for rest in BUSY_RESTS:
        with contextlib.suppress(Busy):
            return await stack.enter_async_context(open_session())
        await clock.sleep(rest)
    try:
        return await stack.enter_async_context(open_session())
    except Busy as error:
        failure = Busy(f"{error.message}; nothing was done", advice="Try again later.")
    raise failure


def _with_new_tokens(item: Operation, record: RequestRecord, tokens: Mapping[str, str]) -> RequestRecord:
    """Return the request for the uploaded files only, everything else as it was."""
    body: dict[str, object] = dict(request_body(item))
    known = requested_files(item)
    body["files"] = [{**known.get(name, {"name": name}), "token": token} for name, token in tokens.items()]
    return replace(record, body=json.dumps(body))


def _instructions(source: Path, languages: list[BeeboxFile]) -> bytes:
    """Return the `.beebox` beside the source, else one with the languages shown.

    Source: beebox/instruction-format.
    """
    beside = source.with_name(f"{source.name}.beebox")
    if not nothing_at(beside):
        return read_file(beside, LARGEST_INSTRUCTIONS)
    return json.dumps({"locales": sorted({file.locale for file in languages})}).encode()


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file; raises `SourceError`."""
    with open_file(file) as opened, reading(file):
        return hashlib.file_digest(opened, "sha256").hexdigest()
