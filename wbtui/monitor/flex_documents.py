"""What is known of the Flex documents, and how old and how complete their answers are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from wbtui.domain.clock import Clock
from wbtui.domain.flex_answers import flex_health
from wbtui.domain.model import FlexDocument, FlexQuestion, ItemKey, Service
from wbtui.domain.ports import Store
from wbtui.domain.snapshot import Health, Part


class FlexDocuments:
    """Holds the Flex documents by id, and writes what changes into the store."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._store = store
        self._documents: dict[str, FlexDocument] = {}
        self.old_after: timedelta | None = None
        """From which age on answers count as old; None: from none on."""

    @property
    def by_id(self) -> Mapping[str, FlexDocument]:
        """Return the documents."""
        return self._documents

    def load(self) -> None:
        """Read the documents that the store kept; raises `StoreError`."""
        self._documents = {document.id: document for document in self._store.flex_documents()}

    def save_all(self) -> None:
        """Write all documents into a state file that was begun afresh."""
        self._store.save(Service.FLEX, list(self._documents.values()))

    def put(self, documents: Iterable[FlexDocument]) -> None:
        """Add or replace documents."""
        changed = [d for d in documents if self._documents.get(d.id) != d]
        for document in changed:
            self._documents[document.id] = document
        if changed:
            self._store.save(Service.FLEX, changed)

    def change(self, id: str, **fields: Any) -> None:
        """Set fields of a document, if it is known."""
        known = self._documents.get(id)
        if known is not None:
            self.put([replace(known, **fields)])

    def keep_only(self, ids: Collection[str]) -> None:
        """Forget the documents that are not among these."""
        lost = [document for document in self._documents if document not in ids]
        for document in lost:
            del self._documents[document]
        if lost:
            self._store.save(Service.FLEX, (), [ItemKey(document) for document in lost])

    def old_before(self) -> datetime | None:
        """Return before when an answer counts as old; None where that is not known."""
        return None if self.old_after is None else self._clock.now() - self.old_after

    def health(self, health: Health, question: FlexQuestion) -> Health:
        """Return the health of Flex with the true age of its answers to a question."""
        return flex_health(health, self._documents.values(), question, self.old_before())

    def part(self, question: FlexQuestion) -> Part | None:
        """Return how many documents have answered a question whole; None if all have."""
        documents = self._documents.values()
        answered = sum(document.answers(question) for document in documents)
        if answered < len(documents):
            return Part(answered, len(documents), "documents")
        whole = sum(not document.lost for document in documents)
        why = f"{sum(document.lost for document in documents)} components of the others cannot be read"
        return Part(whole, len(documents), "documents", why) if whole < len(documents) else None
