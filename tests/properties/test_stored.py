"""The store gives back what was last saved, whatever was saved, in whatever order, over any restart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import NOON
from tests.items import beebox_file, flex_component, instant_request, operation
from wbtui.domain.model import FlexDocument, ItemKey, Service, State
from wbtui.domain.snapshot import Event, Level
from wbtui.store import SqliteStore, open_store

TEXTS = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["", "\ud800", "\0", "'; --"]
)
DATES = st.none() | TEXTS | st.just(NOON)
STATES = st.sampled_from(sorted(State))
ITEMS: dict[Service, st.SearchStrategy[Any]] = {
    Service.OPERATIONS: st.builds(operation, st.integers(1, 4), STATES, label=TEXTS, status_info=TEXTS),
    Service.BEEBOX: st.builds(beebox_file, TEXTS, state=STATES, error=TEXTS, made_at=DATES),
    Service.INSTANT: st.builds(instant_request, st.integers(1, 4), name=TEXTS, sent_at=DATES),
    Service.FLEX: st.builds(flex_component, TEXTS, state=STATES)
    | st.builds(FlexDocument, TEXTS, name=TEXTS, changed_at=DATES),
}
STEPS = st.one_of(
    *(
        st.tuples(st.just(service), st.lists(items, max_size=3), st.booleans())
        for service, items in ITEMS.items()
    ),
    st.just("restart"),
)


def stored(store: SqliteStore, service: Service) -> dict[str, Any]:
    readers: dict[Service, list[Any]] = {
        Service.OPERATIONS: [*store.operations()],
        Service.BEEBOX: [*store.items(Service.BEEBOX)],
        Service.INSTANT: [*store.items(Service.INSTANT)],
        Service.FLEX: [*store.items(Service.FLEX), *store.flex_documents()],
    }
    return {key_of(item): item for item in readers[service]}


def key_of(item: Any) -> ItemKey:
    return ItemKey(item.id) if isinstance(item, FlexDocument) else item.key


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_what_was_last_saved_is_there(steps: list[Any]) -> None:
    known: dict[Service, dict[str, Any]] = {service: {} for service in Service}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "acme.sqlite3"
        store = open_store(path)
        for step in steps:
            if step == "restart":
                store.close()
                store = open_store(path)
                continue
            service, items, gone = step
            lost = [key_of(item) for item in items[:1]] if gone else []
            store.save(service, items, lost)
            known[service] |= {key_of(item): item for item in items}
            for key in lost:
                del known[service][key]
        assert {service: stored(store, service) for service in Service} == known
        assert store.notice == ""
        store.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.builds(Event, st.just(NOON), st.sampled_from(Level), TEXTS, TEXTS), max_size=6))
def test_events_come_back_in_their_order(events: list[Event]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "acme.sqlite3"
        for event in events:
            store = open_store(path)
            store.events()
            store.save_event(event)
            store.close()
        store = open_store(path)
        found = store.events()
        store.close()
    assert [(e.level, e.source, e.text) for e in found] == [(e.level, e.source, e.text) for e in events]
    assert [e.id for e in found] == sorted({e.id for e in found})
