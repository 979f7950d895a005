"""No name of ours is one that Textual looks for by itself."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import string
from collections.abc import Iterator
from functools import cache

import pytest
from textual.events import Key
from textual.keys import Keys, _character_to_key
from textual.message_pump import MessagePump

import wbtui.tui
from tests.tui.driving import main_of, running
from tests.tui.test_moments import DIALOGS, furnished, type_at_once

MEANT = frozenset(
    {
        *("ALLOW_SELECT", "AUTO_FOCUS", "BINDINGS", "COMPONENT_CLASSES", "CSS_PATH", "TITLE"),
        *("ENABLE_COMMAND_PALETTE", "animation_level", "ansi_color", "can_focus", "console", "theme"),
        *(
            "check_action",
            "compose",
            "dismiss",
            "exit",
            "get_default_screen",
            "handle_key",
            "pop_screen",
            "refresh",
            "refresh_css",
        ),
        *("get_theme_variable_defaults", "notify_style_update", "render_line", "watch_has_focus"),
        *("_compositor", "_compositor_refresh", "_fatal_error", "_display", "_screen_resized"),
        "get_line_filters",
        "app_focus",
        "error_console",
        "key_problems",  # no key is called `problems`
    }
)
"""What is Textual's and is set or done in another way on purpose."""
HANDLERS = ("on_", "_on_", "action_")
PREFIXES = ("key_", "_key_", "validate_", "_validate_", "compute_", "_compute_", "watch_", "_watch_")
"""What Textual looks for by the name of a key or of an attribute."""


def own_classes() -> list[type[MessagePump]]:
    for module in pkgutil.iter_modules(wbtui.tui.__path__):
        importlib.import_module(f"wbtui.tui.{module.name}")
    return [each for each in derived(MessagePump) if each.__module__.startswith("wbtui.")]


def derived(from_class: type[MessagePump]) -> Iterator[type[MessagePump]]:
    for each in from_class.__subclasses__():
        yield each
        yield from derived(each)


@cache
def names_in(found: type) -> frozenset[str]:
    """Return the names that a class defines, and those that it gives its instances."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(found) or found))
    nodes = [
        each for each in ast.walk(tree) if isinstance(each, ast.ClassDef) and each.name == found.__name__
    ]
    given = {
        each.attr
        for node in nodes
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
        and isinstance(each.ctx, ast.Store)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
    }
    defined = {
        name
        for node in nodes
        for each in node.body
        for name in (
            [each.name]
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            else [each.target.id]
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            else [target.id for target in each.targets if isinstance(target, ast.Name)]
            if isinstance(each, ast.Assign)
            else []
        )
    }
    return frozenset(given | defined)


def test_nothing_of_ours_hides_what_is_textuals() -> None:
    hidden = {
        (own.__name__, name)
        for own in own_classes()
        for theirs in own.__mro__
        if theirs.__module__.startswith("textual.")
        for name in names_in(own) & names_in(theirs) - MEANT
        if not name.startswith((*HANDLERS, "__"))
    }
    assert not hidden


def test_nothing_of_ours_is_called_like_a_handler_of_a_key_or_an_attribute() -> None:
    called = {(own.__name__, name) for own in own_classes() for name in names_in(own) - MEANT}
    assert not {each for each in called if each[1].startswith(PREFIXES)}


def batched(keys: list[Key], size: int) -> Iterator[list[Key]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def every_key() -> list[Key]:
    printable = [Key(_character_to_key(each), each) for each in string.printable if each.isprintable()]
    named = [Key(each.value, None) for each in Keys]
    aliases = [
        Key(each, None) for each in ("at", "up", "pagedown", "ctrl+at", "shift+f1", "typed", "seen_since")
    ]
    return [*printable, Key("ctrl+q", None), *named, *aliases, Key("e_acute", "é"), Key("", "\N{SNOWMAN}")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", *DIALOGS])
async def test_every_key_can_be_pressed_on_every_screen(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    app, _, snapshot = furnished()
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr(app, "exit", lambda *_, **__: None)
    monkeypatch.setattr(app, "to_shell", lambda: None)
    async with running(app, snapshot) as pilot:
        for keys in batched(every_key(), 12):
            if name and app.screen is main_of(app):
                type_at_once(app, DIALOGS[name][0])
                await pilot.pause(0.03)
            for key in keys:
                app.post_message(key)
            await pilot.pause()
            assert app._exception is None, keys
    assert app._exception is None
