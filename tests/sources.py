"""The program's source files, and checks that are made on each of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "wbtui").rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def on_each_source(check: Callable[[Path], None]) -> Callable[[], None]:
    """Return one test that checks every file: a test for each file takes longer than its check."""

    def test() -> None:
        for path in SOURCES:
            try:
                check(path)
            except AssertionError as error:
                pytest.fail(f"{path.relative_to(ROOT)}: {error}")

    return test
