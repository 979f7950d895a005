"""A `MonitorCommands` that writes down what the screen asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from wbtui.domain.commands import (
    AcceptDoubtful,
    AskFlex,
    Cancel,
    Command,
    DownloadItems,
    DownloadReady,
    Forget,
    ItemsCommand,
    Note,
    Pause,
    Prefer,
    Refresh,
    Resume,
    Retry,
    StopDownloads,
    ToggleAlert,
    Track,
    UndoForget,
)
from wbtui.domain.model import FlexQuestion, ItemKey, Service
from wbtui.domain.records import ReadOperations
from wbtui.domain.snapshot import Event, Novelty, RetryPlan
from wbtui.wordbee.envelopes import read_operations

ACTS: dict[type[ItemsCommand], tuple[str, str]] = {
    DownloadItems: ("download", "downloading {}"),
    DownloadReady: ("download_ready", "downloading {}"),
    AcceptDoubtful: ("accept", "accepted {}"),
    StopDownloads: ("stop", "stopped {} downloads"),
    Retry: ("retry", "retry asked for {}"),
    Cancel: ("cancel", "cancel asked for {}"),
    ToggleAlert: ("tell", "tells you of {} items as they get done"),
}


class Recorder:
    """Answers every command with words, and keeps what it was for the test."""

    def __init__(self) -> None:
        self.refreshed: list[Service | None] = []
        self.pauses: list[str] = []
        self.questions: list[FlexQuestion] = []
        self.noted: list[Event] = []
        self.forgotten: list[tuple[ItemKey, ...]] = []
        self.taken_back: list[tuple[ItemKey, ...]] = []
        self.acted: list[tuple[str, tuple[ItemKey, ...]]] = []
        self.novelty = Novelty()
        self.asked_new: list[Service] = []
        self.needed: dict[ItemKey, str] = {}
        self.tried: dict[ItemKey, str] = {}
        self.again: set[ItemKey] = set()
        self.preferred: list[frozenset[ItemKey]] = []
        self.sources: dict[ItemKey, Path] = {}
        self.tracked: list[tuple[int, ...]] = []

    def do(self, command: Command) -> str:
        """Keep a command and answer in words."""
        match command:
            case Refresh(service):
                self.refreshed.append(service)
                return f"Looking again at {service or 'everything'}."
            case Pause():
                self.pauses.append("pause")
                return "Paused."
            case Resume():
                self.pauses.append("resume")
                return "Going on."
            case AskFlex(question):
                self.questions.append(question)
                side = ", the other side" if question.invert else ""
                return f"Asking Flex: {question.metric.label}, {question.changed_seconds} s{side}."
            case Track(items):
                self.tracked.append(tuple(item.request_id for item in items))
                return f"Watching {len(items)}."
            case Note(event):
                self.noted.append(event)
                return ""
            case _:
                return self._act(command)

    def _act(self, command: ItemsCommand) -> str:
        keys, count = command.keys, len(command.keys)
        match command:
            case Forget():
                self.forgotten.append(keys)
                return f"Stopped watching {count}."
            case UndoForget():
                self.taken_back.append(keys)
                return f"Watching {count} again."
            case Prefer():
                self.preferred.append(frozenset(keys))
                return ""
            case Retry():
                self.sources.update(command.sources)
                self.again |= command.again
            case DownloadItems(other=True):
                self.acted.append(("other", keys))
                return f"downloading {count}"
            case ToggleAlert() if count == 1:
                self.acted.append(("tell", keys))
                return "tells you when it is done"
        name, words = ACTS[type(command)]
        self.acted.append((name, keys))
        return words.format(count)

    async def closed(self) -> None:
        self.pauses.append("closed")

    def read_operations(self, raw: bytes) -> ReadOperations:
        return read_operations(raw)

    async def whats_new(self, service: Service) -> Novelty:
        self.asked_new.append(service)
        return self.novelty

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        needed = {key: words for key, words in self.needed.items() if key not in sources}
        files = {key: (str(path),) for key, path in sources.items()}
        return {
            key: RetryPlan(files.get(key, ()), needed.get(key, ""), self.tried.get(key, "")) for key in keys
        }
