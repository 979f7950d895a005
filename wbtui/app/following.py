"""What a screen can ask where another wbtui polls: what the store can do, and for the rest where to ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from wbtui.domain.clock import Clock
from wbtui.domain.deeds import Novelty, RetryPlan
from wbtui.domain.errors import StoreError
from wbtui.domain.model import Event, FlexQuestion, ItemKey, Operation, Service
from wbtui.domain.ports import ReadOperations, Tracked
from wbtui.wordbee.envelopes import read_operations


class TrackingStore(Protocol):
    """A store that takes operations to be watched."""

    @property
    def trouble(self) -> str:
        """Return in words why nothing is kept at present, or an empty text."""
        ...

    def track(self, items: Sequence[Tracked], now: datetime) -> tuple[Operation, ...]:
        """Keep these operations, for whoever polls; raises `StoreError`."""
        ...


class Following:
    """The wishes of a screen that shows what another process reads (`ports.Wishes`)."""

    def __init__(self, store: TrackingStore, clock: Clock, words: str) -> None:
        self._store = store
        self._clock = clock
        self._words = words

    def _there(self) -> str:
        return f"{self._words}: ask there, or quit that one and this one takes over"

    def refresh(self, service: Service | None) -> str:
        """Say who polls."""
        return self._there()

    def pause(self) -> str:
        """Say who polls."""
        return self._there()

    def resume(self) -> str:
        """Say who polls."""
        return self._there()

    async def closed(self) -> None:
        """Return at once: nothing is open here."""

    def ask_flex(self, question: FlexQuestion) -> str:
        """Say who polls."""
        return self._there()

    def forget(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls: an operation that is forgotten here would be written again there."""
        return self._there()

    def take_back(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text names."""
        return read_operations(raw)

    def track(self, items: Sequence[Tracked]) -> str:
        """Track operations through the store, where the one that polls finds them."""
        if self._store.trouble:
            return f"not tracked: {self._store.trouble}"
        try:
            self._store.track(items, self._clock.now())
        except StoreError as error:
            return f"not tracked: {error.message}. {error.advice}".rstrip()
        return f"tracked {len(items)}; {self._words}"

    def tell_me(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    def note(self, event: Event) -> None:
        """Keep no note: Activity is written by the one that polls."""

    def download(self, keys: Sequence[ItemKey], *, other: bool = False) -> str:
        """Say who polls."""
        return self._there()

    def download_ready(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    async def whats_new(self, service: Service) -> Novelty:
        """Say who polls: what was fetched is known there."""
        return Novelty(refusal=self._there())

    def accept(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls: what was fetched is known there."""
        return self._there()

    def stop(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return nothing: nothing is sent from here."""
        return {}

    def retry(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path], again: Collection[ItemKey] = ()
    ) -> str:
        """Say who polls."""
        return self._there()

    def cancel(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()
