"""Private and undocumented names of other libraries are used in one file for each library alone."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.sources import ROOT, SOURCES, on_each_source, parsed

PLACES = {
    "wbtui/tui/toolkit/textual_internals.py": "Textual and rich",
    "wbtui/wordbee/http_internals.py": "httpx, httpcore and h11",
    "wbtui/tui/tabs/endless_regex.py": "re",
}
UNDOCUMENTED = ("textual.actions", "textual.drivers", "textual.keys", "textual.messages", "h11", "sre_parse")
DOCUMENTED = {"_replace", "_asdict", "_value_", "_fields", "_make", "_exit"}
"""What a library promises although it begins with an underscore: named tuples, and `os._exit`."""
LOOK_UPS = {"getattr", "hasattr", "setattr", "delattr", "import_module"}


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("wbtui"):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def on_self(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def defined(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that code defines: functions, and attributes that it sets on itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and on_self(node.value):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@cache
def own_names() -> frozenset[str]:
    return frozenset(name for path in SOURCES for name in defined(parsed(path)))


@cache
def names_of(cls: type) -> frozenset[str]:
    """Return the private names of a class of another library, with those of its instances."""
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):
        source = ""
    return frozenset(filter(private, {*vars(cls), *re.findall(r"self\.(_\w+)", source)}))


def foreign(cls: type) -> frozenset[str]:
    other = (each for each in cls.__mro__ if each.__module__.partition(".")[0] not in {"wbtui", "builtins"})
    return frozenset(name for each in other for name in names_of(each))


@on_each_source
def test_nothing_private_is_imported_or_looked_up(path: Path) -> None:
    if str(path.relative_to(ROOT)) in PLACES:
        return
    for name in imported(parsed(path)):
        assert not any(map(private, name.split("."))), f"{name} is private"
        assert not name.startswith(UNDOCUMENTED), f"{name} is undocumented"
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and private(node.attr) and not on_self(node.value):
            assert node.attr in own_names() | DOCUMENTED, f"line {node.lineno}: {node.attr} is private"
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in LOOK_UPS:
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            parts = [part for text in texts if isinstance(text, str) for part in text.split(".")]
            assert set(filter(private, parts)) <= own_names(), f"line {node.lineno}: {parts} are private"


@on_each_source
def test_no_class_uses_what_is_private_to_its_base(path: Path) -> None:
    if str(path.relative_to(ROOT)) in PLACES:
        return
    if path.stem == "__main__":
        return  # runs when it is imported
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.ClassDef) or not isinstance(vars(module).get(node.name), type):
            continue
        used = {
            each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and on_self(each.value)
        }
        used |= set(defined(node))
        assert not used & foreign(vars(module)[node.name]), f"{node.name} uses what its base keeps private"


def test_each_place_is_there() -> None:
    assert all((ROOT / path).is_file() for path in PLACES)
