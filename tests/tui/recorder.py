"""A `Wishes` that writes down what the screen asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from wbtui.domain.model import Event, FlexQuestion, ItemKey, Novelty, RetryPlan, Service
from wbtui.domain.records import ReadOperations, Tracked
from wbtui.wordbee.envelopes import read_operations


class Recorder:
    """Answers every wish with words, and keeps them for the test."""

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
        self.sources: dict[ItemKey, Path] = {}
        self.tracked: list[tuple[int, ...]] = []

    def refresh(self, service: Service | None) -> str:
        self.refreshed.append(service)
        return f"Looking again at {service or 'everything'}."

    def pause(self) -> str:
        self.pauses.append("pause")
        return "Paused."

    def resume(self) -> str:
        self.pauses.append("resume")
        return "Going on."

    async def closed(self) -> None:
        self.pauses.append("closed")

    def ask_flex(self, question: FlexQuestion) -> str:
        self.questions.append(question)
        side = ", the other side" if question.invert else ""
        return f"Asking Flex: {question.metric.label}, {question.changed_seconds} s{side}."

    def forget(self, keys: Sequence[ItemKey]) -> str:
        self.forgotten.append(tuple(keys))
        return f"Stopped watching {len(keys)}."

    def undo_forget(self, keys: Sequence[ItemKey]) -> str:
        self.taken_back.append(tuple(keys))
        return f"Watching {len(keys)} again."

    def read_operations(self, raw: bytes) -> ReadOperations:
        return read_operations(raw)

    def track(self, items: Sequence[Tracked]) -> str:
        self.tracked.append(tuple(item.request_id for item in items))
        return f"Watching {len(items)}."

    def download(self, keys: Sequence[ItemKey], *, other: bool = False) -> str:
        self.acted.append(("other" if other else "download", tuple(keys)))
        return f"downloading {len(keys)}"

    def accept(self, keys: Sequence[ItemKey]) -> str:
        self.acted.append(("accept", tuple(keys)))
        return f"accepted {len(keys)}"

    def download_ready(self, keys: Sequence[ItemKey]) -> str:
        self.acted.append(("download_ready", tuple(keys)))
        return f"downloading {len(keys)}"

    async def whats_new(self, service: Service) -> Novelty:
        self.asked_new.append(service)
        return self.novelty

    def stop(self, keys: Sequence[ItemKey]) -> str:
        self.acted.append(("stop", tuple(keys)))
        return f"stopped {len(keys)} downloads"

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        needed = {key: words for key, words in self.needed.items() if key not in sources}
        files = {key: (str(path),) for key, path in sources.items()}
        return {
            key: RetryPlan(files.get(key, ()), needed.get(key, ""), self.tried.get(key, "")) for key in keys
        }

    def retry(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path], again: Collection[ItemKey] = ()
    ) -> str:
        self.acted.append(("retry", tuple(keys)))
        self.sources.update(sources)
        self.again |= set(again)
        return f"retry asked for {len(keys)}"

    def cancel(self, keys: Sequence[ItemKey]) -> str:
        self.acted.append(("cancel", tuple(keys)))
        return f"cancel asked for {len(keys)}"

    def toggle_alert(self, keys: Sequence[ItemKey]) -> str:
        self.acted.append(("tell", tuple(keys)))
        one = len(keys) == 1
        return "tells you when it is done" if one else f"tells you of {len(keys)} items as they get done"

    def note(self, event: Event) -> None:
        self.noted.append(event)
