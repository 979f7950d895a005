"""`status --json` is written item by item: the same bytes, and no more memory for more of them."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, flex_component, instant_request, operation
from tests.world import make_stage
from wbtui.cli.output import stream
from wbtui.cli.status import status_json
from wbtui.domain.model import Item, Service
from wbtui.domain.serialize import item_to_json
from wbtui.domain.snapshot import Snapshot


async def pieces_of(folder: Path, items: Iterable[Item]) -> tuple[Snapshot, Iterable[str]]:
    stage = make_stage(folder)
    services = await stage.profile_services()
    found: dict[Service, list[Item]] = {service: [] for service in Service}
    for item in items:
        found[item.service].append(item)
    lists: dict[str, Any] = {service.value: tuple(each) for service, each in found.items()}
    snapshot = replace(services.state.snapshot(), **lists)
    await services.close()
    stage.store.close()
    return snapshot, status_json(snapshot, services)


@pytest.mark.parametrize(
    "items",
    [
        (),
        (beebox_file("Händler\\ü.docx"), beebox_file("a", "de")),
        (operation(1), operation(2), instant_request(), beebox_file(), flex_component("\u2028 \ud83d\ude00")),
    ],
)
async def test_the_bytes_are_those_of_the_document_written_at_once(
    tmp_path: Path, items: tuple[Item, ...]
) -> None:
    snapshot, pieces = await pieces_of(tmp_path, items)
    text = "".join(pieces)
    document = json.loads(text)
    assert text == json.dumps(document, ensure_ascii=True) + "\n"
    assert list(document) == ["profile", "at", "services", *(service.value for service in Service)]
    for service in Service:
        written = json.loads(json.dumps([item_to_json(item) for item in snapshot.items(service)]))
        assert document[service.value] == written


@pytest.mark.slow
async def test_the_memory_it_takes_does_not_grow_with_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [beebox_file(f"folder\\{number}.docx", source_at=NOON) for number in range(10_000)]
    _, pieces = await pieces_of(tmp_path, items)
    written = tmp_path / "status.json"
    with written.open("w", encoding="ascii") as file:
        monkeypatch.setattr(sys, "stdout", file)
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            stream(pieces)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert written.stat().st_size > 4_000_000
    assert peak - before < 500_000
