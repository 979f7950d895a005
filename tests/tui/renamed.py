"""The program of the terminal tests on a Textual in which one name is called otherwise.

`python -m tests.tui.renamed FD THEME` with the name in RENAMED: the sources of Textual are changed while they
are imported, everywhere alike, so that Textual itself works as before. See `NAMES`.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

MODULES = ("_compositor", "_xterm_parser", "drivers.linux_driver", "_parser")
CLASSES = ("ChopsUpdate", "Compositor", "XTermParser", "LinuxDriver", "InBandWindowResize")
ATTRIBUTES = (
    *("_display", "_fatal_error", "_check_bindings", "_driver"),
    *("_compositor", "_dirty_widgets", "_dirty_regions", "_set_dirty", "_compositor_refresh"),
    *("_screen_resized", "_result_callbacks", "_push_result_callback"),
    *("render_partial_update", "render_segments", "chops", "spans", "chop_ends"),
    *("_get_terminal_size", "run_input_thread", "process_message", "disable_input", "exit_event"),
    *("_awaiting", "_timeout_time", "_sequence_to_key_events", "parse_mouse_code", "tick", "feed"),
    *("supported", "handle_key"),
)
NAMES = {
    **{f"module {name}": rf"(?<=textual\.){re.escape(name)}(?= import)" for name in MODULES},
    **{f"class {name}": rf"\b{name}\b" for name in CLASSES},
    **{name: rf"(?<!textual\.)\b{name}\b" for name in ATTRIBUTES},
    "time": r"(?<=self\.)time\b(?=: float)|(?<=event\.)time\b|(?<=        \")time(?=\",\n)",
}
"""What is renamed, and where it stands in Textual's sources."""
MOVED = "_elsewhere"
PATTERN = re.compile(NAMES[os.environ["RENAMED"]]) if "RENAMED" in os.environ else re.compile("")


def source_of(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


class Loader(SourceFileLoader):
    """Loads a module of Textual with the name changed."""

    def get_code(self, fullname: str) -> CodeType | None:
        changed = re.sub(PATTERN, lambda found: found[0] + MOVED, source_of(self.path))
        return compile(changed, self.path, "exec")


class Finder(MetaPathFinder):
    """Finds modules of Textual; one that is renamed under its new name alone."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("textual"):
            return None
        if fullname == os.environ["RENAMED"].replace("module ", "textual."):
            raise ModuleNotFoundError(fullname)
        spec = PathFinder.find_spec(fullname.removesuffix(MOVED), path)
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return spec
        if fullname.endswith(MOVED) or PATTERN.search(source_of(spec.loader.path)):
            spec.name = fullname
            spec.loader = Loader(fullname, spec.loader.path)
        return spec


if __name__ == "__main__":
    assert "textual" not in sys.modules
    sys.meta_path.insert(0, Finder())
    from tests.tui.pty_app import main

    sys.exit(asyncio.run(main(int(sys.argv[1]), sys.argv[2])))
