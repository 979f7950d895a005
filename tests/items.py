"""Items for tests, with only what a test cares about spelt out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes import NOON
from wbtui.domain.item_keys import beebox_key, flex_key, instant_key, operation_key
from wbtui.domain.model import BeeboxFile, FlexComponent, InstantRequest, Operation, OperationReading, State


def operation(number: int = 5001, state: State = State.WAITING, **change: Any) -> Operation:
    reading_fields = {"status", "status_text", "status_info", "file_token", "file_name", "files", "counts"}
    reading = OperationReading(state, **{k: v for k, v in change.items() if k in reading_fields})
    made = Operation(operation_key(number), number, reading)
    return replace(made, **{k: v for k, v in change.items() if k not in reading_fields})


def beebox_file(path: str = "batch-7\\intro.docx", locale: str = "fr", **change: Any) -> BeeboxFile:
    made = BeeboxFile(beebox_key(locale, path), path, locale, State.RUNNING, status=6, seen_at=NOON)
    return replace(made, **change)


def instant_request(number: int = 39, **change: Any) -> InstantRequest:
    made = InstantRequest(
        instant_key(number), number, "plan.docx", State.RUNNING, source="en", target="fr", seen_at=NOON
    )
    return replace(made, **change)


def flex_component(component: str = "app.login", locale: str = "fr", **change: Any) -> FlexComponent:
    made = FlexComponent(
        flex_key("1000", locale, component), "1000", component, locale, State.READY, segments=8, seen_at=NOON
    )
    return replace(made, **change)
