"""One asynchronous operation of the Translator, and the envelope of every answer about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from wbtui.simulator.plan import Dialect

Result = Mapping[str, Any]


class OperationKind(StrEnum):
    """What an operation does; the value is the title that `trm/list` would show."""

    EXPORT = "Export segments"
    UPLOAD = "Add files to project"
    ZIP = "Order files as ZIP"
    FLEX = "Flex components status"
    PULL = "Flex pull"


@dataclass(frozen=True, slots=True)
class Ending:
    """How an operation ends, drawn when it was created.

    `info` says where the error text of a failed one goes: into `statusInfo`, nowhere with `statusInfo` null
    or absent (seen in a client), or into `statusText` (the page on order archives).
    """

    failed: bool = False
    error: str = ""
    info: Literal["info", "null", "absent", "text"] = "info"
    zero_id: bool = False


@dataclass(slots=True)
class SimulatedOperation:
    """An operation in the queue; `make` gives its `custom` node, called once when it finishes."""

    request_id: int
    kind: OperationKind
    submitted: datetime
    duration: timedelta
    ending: Ending
    make: Callable[[datetime], Result]
    units: int = 10
    foreign: bool = False
    """Submitted by others: in the queue, but its id is not announced."""
    title: str = ""
    """A description by its submitter. The services never return it."""
    started: datetime | None = None
    finished: datetime | None = None
    custom: Result = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Return the documented status word."""
        if self.finished is not None:
            return "Failed" if self.ending.failed else "Finished"
        return "Waiting" if self.started is None else "Executing"

    @property
    def ends(self) -> datetime | None:
        """Return when it will end or has ended, or None while it waits."""
        return None if self.started is None else self.started + self.duration

    def start(self, at: datetime) -> None:
        """Give it a slot."""
        self.started = at

    def finish(self) -> None:
        """End it, and create its result unless it fails."""
        assert self.ends is not None
        self.finished = self.ends
        if not self.ending.failed:
            self.custom = self.make(self.finished)

    @property
    def partial(self) -> bool:
        """Return whether it finished with files that failed."""
        return any(not file["success"] for file in self.custom.get("files", ()))


def envelope(operation: SimulatedOperation, now: datetime, dialect: Dialect = "current") -> dict[str, Any]:
    """Return the JSON of `trm/status`: nodes `trm` and, at a good end, `custom` and `result`.

    At the end `requestid` is 0 for some and the real id for others, as the samples contradict the prose.
    In the `older` dialect success is called `Success` and an export answers under `results` alone.
    """
    answer: dict[str, Any] = {"trm": _trm(operation, now, dialect)}
    if operation.status != "Finished":
        return answer
    items = {"items": [{"k": "res", "v": operation.custom}]}
    if operation.kind is not OperationKind.EXPORT:
        return answer | {"custom": operation.custom}
    if dialect == "older":
        return answer | {"results": items}
    return answer | {"result": items, "custom": operation.custom}


def first_envelope(
    operation: SimulatedOperation, now: datetime, dialect: Dialect = "current"
) -> dict[str, Any]:
    """Return the answer of the submitting call; some samples of it lack `isbatch`."""
    answer = envelope(operation, now, dialect)
    if operation.request_id % 3 == 0:
        del answer["trm"]["isbatch"]
    return answer


def _trm(operation: SimulatedOperation, now: datetime, dialect: Dialect) -> dict[str, Any]:
    ended = operation.finished is not None
    zero = ended and operation.ending.zero_id
    trm: dict[str, Any] = {"requestid": 0 if zero else operation.request_id, "isbatch": False}
    match operation.status:
        case "Finished":
            word = "Success" if dialect == "older" else "Finished"
            return trm | {"status": word, "statusText": "Finished!"}
        case "Failed":
            return trm | {"status": "Failed"} | _failure(operation.ending)
        case "Executing":
            return trm | {"status": "Executing", "statusText": _progress(operation, now)}
        case _:
            return trm | {"status": "Waiting", "statusText": "Waiting..."}


def _failure(ending: Ending) -> dict[str, Any]:
    match ending.info:
        case "info":
            return {"statusText": "Operation failed!", "statusInfo": ending.error}
        case "null":
            return {"statusText": "Operation failed!", "statusInfo": None}
        case "absent":
            return {"statusText": "Operation failed!"}
        case "text":
            return {"statusText": ending.error}


def _progress(operation: SimulatedOperation, now: datetime) -> str:
    assert operation.started is not None
    gone = (now - operation.started) / operation.duration
    done = min(operation.units - 1, int(gone * operation.units))
    return f"Executing... {done} of {operation.units}" if done > 0 else "Executing..."
