"""What a file may import is written down, and held here."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources import ROOT, on_each_source, parsed


def test_the_layers_hold() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("wbtui.cli", {"textual", "httpx", "keyring", "msgspec", "wbtui.simulator"}),
        (
            "wbtui.cli.config",
            {"textual", "httpx", "msgspec", "asyncio", "wbtui.config", "wbtui.domain.model"},
        ),
        ("wbtui.cli.track, wbtui.wordbee.envelopes", {"textual", "httpx", "asyncio", "wbtui.monitor"}),
        ("wbtui.app.stored_state", {"textual", "httpx", "wbtui.monitor.pollers", "wbtui.scheduling"}),
        ("wbtui.cli.status", {"textual", "httpx", "keyring", "wbtui.simulator"}),
        ("wbtui.cli.track", {"textual", "httpx", "keyring", "wbtui.simulator"}),
        ("wbtui.app.services", {"textual", "httpx", "keyring", "wbtui.simulator"}),
        (
            "wbtui.app.screen_run",
            {"httpx", "keyring", "wbtui.simulator", "wbtui.monitor", "wbtui.secrets", "sqlite3"},
        ),
        ("wbtui.monitor.loop", {"textual", "httpx", "keyring", "sqlite3", "rich"}),
        ("wbtui.wordbee.translator", {"textual", "keyring"}),
        ("wbtui.tui.app", {"httpx", "keyring", "sqlite3", "wbtui.monitor"}),
        ("wbtui.simulator.process", {"textual", "httpx", "keyring", "msgspec"}),
    ],
)
def test_a_module_loads_no_more_than_it_needs(module: str, absent: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    untraced = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=untraced, capture_output=True, text=True, check=True
    )
    assert not absent & set(ended.stdout.split())


AT_THE_START = "import dataclasses, sys, wbtui.app.screen_run, wbtui.app.stored_state, wbtui.cli.screen"
COMPILED = f"""
{AT_THE_START}
own = [module for name, module in list(sys.modules.items()) if name.startswith("wbtui.")]
kinds = {{kind for module in own for kind in vars(module).values()
         if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__[:6] == "wbtui."}}
print(len(kinds), *(kind.__qualname__ for kind in kinds if kind.__dataclass_params__.init))
"""


def test_what_the_first_frame_loads_compiles_no_methods_of_values() -> None:
    ended = subprocess.run([sys.executable, "-c", COMPILED], capture_output=True, text=True, check=True)
    count, *compiled = ended.stdout.split()
    assert int(count) > 50
    assert compiled == [], "take `dataclass` from wbtui.domain.lazy_dataclass"


@on_each_source
def test_a_source_file_keeps_the_rules(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 700 or "Over 700 lines: " in text[:1000], "over 700 lines without a reason"
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = getattr(node.type, "id", None)
            excused = path.name == "keyring_helper.py"
            assert node.type is not None, "a bare except"
            assert excused or caught not in {"Exception", "BaseException"}, (
                f"line {node.lineno}: blind except"
            )
        assert not isinstance(node, ast.Global), f"line {node.lineno}: global"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert _body_lines(node) <= 40, f"{node.name} is over 40 lines"


@on_each_source
def test_a_class_keeps_to_one_subject(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.ClassDef):
            continue
        methods = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        assert len(methods) <= 30, f"{node.name} has over 30 methods"
        for made in (each.args for each in methods if each.name == "__init__"):
            assert len(made.args) + len(made.kwonlyargs) <= 9, f"{node.name} is made of over 8 arguments"


@on_each_source
def test_nothing_is_nested_deeper_than_three(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert _depth(node) <= 3, f"{node.name} is nested too deeply"


_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def _depth(node: ast.AST) -> int:
    """Return how deeply blocks lie in each other; `elif` is no deeper than its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, _depth(child) + (isinstance(child, _BLOCKS) and not chained))
    return deepest


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("time", "time")}
CLOCKS |= {("time", "monotonic"), ("time", "perf_counter"), ("date", "today")}


@on_each_source
def test_only_the_clock_reads_the_time(path: Path) -> None:
    if path.name == "clock.py":
        return  # this is the one that may
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in CLOCKS, f"line {node.lineno} reads the clock"


@on_each_source
def test_files_that_a_user_names_are_read_in_one_place(path: Path) -> None:
    if path.name == "user_files.py":
        return  # this is the place
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute):
            unasked = {"expanduser", "read_text", "read_bytes"}
            assert node.attr not in unasked, (
                f"line {node.lineno}: it may be a pipe, or raise; see user_files.py"
            )
