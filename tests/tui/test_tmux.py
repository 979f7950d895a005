"""Copying inside a real tmux: the text arrives in the outer terminal however tmux is configured.

The outer terminal is a pseudo-terminal; what tmux sends to it is what a terminal would obey. Every wait is
for something that must come, so that a busy machine makes the test slow and not wrong.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.slowness import patience
from tests.tui.tmux_terminal import SECONDS, Options, Outer, opened

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux"),
]

CONFIGURATIONS: dict[str, Options] = {
    "empty": (),
    "set-clipboard on": (("set-clipboard", "on"),),
    "allow-passthrough on": (("allow-passthrough", "on"),),
    "both on": (("set-clipboard", "on"), ("allow-passthrough", "on")),
    "set-clipboard off": (("set-clipboard", "off"),),
}


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outer]:
    with opened(tmp_path_factory.mktemp("tmux"), os.environ["PATH"]) as running:
        yield running


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outer]:
    """A terminal in which the screen finds a tmux that knows no `load-buffer -w`."""
    folder = tmp_path_factory.mktemp("older")
    (folder / "tmux-of-old").mkdir()
    program = folder / "tmux-of-old" / "tmux"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with opened(folder, f"{program.parent}:{os.environ['PATH']}") as running:
        yield running


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_copied_text_arrives_in_the_outer_terminal(outer: Outer, options: Options) -> None:
    outer.configure(options)
    assert outer.takes(outer.copy(), patience(SECONDS))


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_with_an_older_tmux_it_arrives_where_codes_are_let_through(older: Outer, options: Options) -> None:
    """And what is said is the same, as nobody can know."""
    older.configure(options)
    passed = ("set-clipboard", "on") in options or ("allow-passthrough", "on") in options
    assert older.takes(older.copy(), patience(SECONDS) if passed else 0.3) == passed
