"""One serialiser: `Y`, `E` and `status --json` write the same of the same item."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.tui import scenes
from wbtui.domain.model import Service
from wbtui.domain.serialize import health_to_json, item_to_json
from wbtui.domain.snapshot import Health, HealthWord, Part
from wbtui.tui.controllers.copy_export import as_json, as_line

SNAPSHOT = scenes.snapshot()


def test_the_screen_copies_and_exports_what_status_prints() -> None:
    for service in Service:
        items = SNAPSHOT.items(service)
        printed = [json.loads(json.dumps(item_to_json(item))) for item in items]
        assert json.loads(as_json(items)) == printed
        assert [json.loads(as_line(item)) for item in items] == printed


def test_an_event_has_all_its_fields() -> None:
    event = SNAPSHOT.events[-1]
    shape = json.loads(as_line(event))
    assert shape["text"] == event.text
    assert shape["at"].endswith("Z")


def test_a_part_is_told_as_one() -> None:
    whole = Health(HealthWord.OK)
    assert health_to_json(whole, SNAPSHOT.at)["partial"] is None
    half = health_to_json(replace(whole, part=Part(15_000, 40_000)), SNAPSHOT.at)
    assert half["partial"] == {"read": 15_000, "total": 40_000, "what": "", "why": ""}
    assert half["message"] == "reading: 15 000 of 40 000"
