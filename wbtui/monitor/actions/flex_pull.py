"""Downloads of Flex components: a pull is an operation of its own, and its file comes when that has ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from wbtui.domain.attempts import next_attempt
from wbtui.domain.clock import Clock
from wbtui.domain.errors import AllowanceUsed, BadAnswer, BeingSaved, Rejected, SaveError, ServiceError
from wbtui.domain.item_keys import local_operation_key
from wbtui.domain.merge import new_operation
from wbtui.domain.model import (
    FLEX_PULL,
    FlexComponent,
    ItemKey,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
    State,
)
from wbtui.domain.ports import Gateways, Store
from wbtui.domain.snapshot import DownloadState
from wbtui.files.saving import Saved
from wbtui.monitor.actions.download_queue import DownloadJob, wire_component
from wbtui.monitor.actions.downloads import Downloads
from wbtui.monitor.actions.receive import Destination, Received, in_thread
from wbtui.monitor.monitor_state import MonitorState, until_finished

MOST_COMPONENTS: Final = 500
LOOK_EVERY: Final = 1.0


class FlexPulls:
    """Runs one pull after the other; other downloads go on while it waits in the customer's queue."""

    def __init__(
        self,
        transfers: Downloads,
        *,
        state: MonitorState,
        store: Store,
        gateways: Gateways,
        clock: Clock,
    ) -> None:
        self._transfers = transfers
        self._state = state
        self._store = store
        self._gateways = gateways
        self._clock = clock
        self._wake = asyncio.Event()
        self._asked: dict[ItemKey, list[FlexComponent]] = {}

    def wake(self) -> None:
        """Look at the queue again."""
        self._wake.set()

    def asked_by(self, operation: ItemKey) -> list[FlexComponent]:
        """Return the components that a pull of this run was for."""
        return self._asked.get(operation, [])

    async def run(self) -> None:
        """Pull what waits, until cancelled."""
        while True:
            self._wake.clear()
            jobs = self._next()
            if jobs:
                await self._pull(jobs)
            else:
                await self._clock.wait(self._wake, LOOK_EVERY if self._waiting() else None)

    def _waiting(self) -> list[DownloadJob]:
        return self._transfers.jobs.waiting(Service.FLEX)

    def _next(self) -> list[DownloadJob]:
        """Return the waiting downloads of one document, of at most 500 components."""
        waiting = self._waiting()
        if not waiting or self._state.paused_at is not None:
            return []
        first = waiting[0]
        assert isinstance(first.item, FlexComponent)
        chosen: dict[str, list[DownloadJob]] = {}
        for job in waiting:
            item = job.item
            together = job.forerunner == first.forerunner
            if isinstance(item, FlexComponent) and item.document == first.item.document and together:
                chosen.setdefault(wire_component(item), []).append(job)
        return [job for jobs in list(chosen.values())[:MOST_COMPONENTS] for job in jobs]

    async def _pull(self, jobs: list[DownloadJob]) -> None:
        transfers = self._transfers
        for job in jobs:
            transfers.jobs.note(job, DownloadState.RUNNING, "asks for the texts")
        try:
            left = await self._to_fetch(jobs)
            if left:
                await self._fetch(left)
        except AllowanceUsed as error:
            transfers.back_to_queue(jobs, error)
            await self._clock.sleep(LOOK_EVERY)
        except (ServiceError, SaveError) as error:
            for job in jobs:
                transfers.runner.fail(job, error)
        finally:
            for job in jobs:
                if job.transfer.state is DownloadState.RUNNING:
                    transfers.jobs.note(job, DownloadState.WAITING)
            transfers.runner.tell()

    async def _to_fetch(self, jobs: list[DownloadJob]) -> dict[DownloadJob, Destination]:
        """Return those whose file is to be fetched, and where it goes."""
        runner, found = self._transfers.runner, dict[DownloadJob, Destination]()
        for job in jobs:
            if job.transfer.ended:
                continue
            try:
                if await runner.settled(job):
                    continue
                place = await runner.place(job, runner.places.path(job.item, other=False))
            except BeingSaved as error:
                self._transfers.wait_for_other(job, error)
                continue
            if place is not None:
                found[job] = place
        return found

    async def _fetch(self, jobs: dict[DownloadJob, Destination]) -> None:
        components = [job.item for job in jobs if isinstance(job.item, FlexComponent)]
        key = await self._ask(components, next(iter(jobs)).forerunner)
        for job in jobs:
            self._transfers.jobs.note(job, DownloadState.RUNNING, f"{key} waits in the queue")
        self._transfers.runner.tell()
        operation = await self._ended(key)
        wanted: dict[str, list[str]] = {}
        for component in components:
            wanted.setdefault(wire_component(component), []).append(component.locale)
        token = _token(operation)
        async with self._transfers.slots:
            pull = self._gateways.pull
            assert pull is not None
            texts = await pull.texts(token, wanted)
        for job, place in jobs.items():
            assert isinstance(job.item, FlexComponent)
            await self._save(job, place, texts.get((wire_component(job.item), job.item.locale)))

    async def _ask(self, components: list[FlexComponent], forerunner: ItemKey | None) -> ItemKey:
        if self._gateways.pull is None:
            raise ServiceError("Flex could not be set up")
        names = list(dict.fromkeys(wire_component(component) for component in components))
        document = components[0].document
        async with self._transfers.slots:
            reading, record = await self._gateways.pull.pull(document, names)
        operation = self._operation(reading, record, f"{document}: {len(names)} components", forerunner)
        self._asked[operation.key] = components
        self._state.spoken_for.add(operation.key)
        self._state.put(Service.OPERATIONS, [operation])
        return operation.key

    def _operation(
        self, reading: OperationReading, record: RequestRecord, label: str, forerunner: ItemKey | None
    ) -> Operation:
        now = self._clock.now()
        made = new_operation(reading.request_id, reading, now, kind=FLEX_PULL, label=label)
        if not reading.request_id:
            made = replace(made, key=local_operation_key(self._store.next_local()))
        before = self._state.operations.get(forerunner) if forerunner else None
        return replace(
            made,
            submitted_at=now,
            request=record,
            forerunner=forerunner,
            attempt=next_attempt(before, self._state.operations) if before else 1,
        )

    async def _ended(self, key: ItemKey) -> Operation:
        """Wait until the operations' watch has seen the pull end."""
        operation = await until_finished(self._state, self._clock, key, every=LOOK_EVERY)
        if operation is None:
            raise Rejected("the pull was taken off the list of operations", status=0)
        return operation

    async def _save(self, job: DownloadJob, place: Destination, content: bytes | None) -> None:
        """Write the file of one component in one language."""
        if job.transfer.ended:
            return
        try:
            if content is None:
                raise BadAnswer("the pull brought nothing of this component in this language: not stored")
            saved = await in_thread(lambda: _written(place, content))
        except (ServiceError, SaveError) as error:
            self._transfers.runner.fail(job, error)
            return
        self._transfers.runner.delivered(job, Received(saved), place)


def _token(operation: Operation) -> str:
    reading = operation.reading
    if operation.state is State.READY and reading.file_token:
        return reading.file_token
    if operation.state in {State.DONE, State.READY}:
        raise BadAnswer("the pull ended without a file: there is nothing to store")
    why = reading.status_info or reading.status_text or operation.state.value
    raise Rejected(f"the pull failed: {why}", status=0, advice=f"T on {operation.key} runs it again.")


def _written(place: Destination, content: bytes) -> Saved:
    with place.folder.saving(place.path, replace=place.replace, aside=place.aside) as saving:
        saving.write(content)
        return saving.finish()
