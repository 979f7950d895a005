"""Coverage leaves `wbtui/tui` out: its tests need not be slowed down by it; and all share what is parsed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.untraced import untraced


@pytest.fixture(autouse=True)
def without_coverage() -> Iterator[None]:
    with untraced():
        yield


@pytest.fixture(autouse=True, scope="session")
def styles_are_parsed_once() -> Iterator[None]:
    """Have the same text with the same colours parsed by the first app alone: a sixth of its time."""
    parse = Stylesheet._parse_rules
    parsed: dict[tuple[Any, ...], list[RuleSet]] = {}

    def parse_once(self: Stylesheet, *args: Any, **kwargs: Any) -> list[RuleSet]:
        key = (args, *sorted(kwargs.items()), *sorted(self._variables.items()))
        if key not in parsed:
            parsed[key] = parse(self, *args, **kwargs)
        return list(parsed[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield
