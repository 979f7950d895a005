"""Writes the table of keys into the README, between its two marks: `python -m tests.make_manual`."""

from __future__ import annotations

import sys
from pathlib import Path

from wbtui.tui.dialogs.help import BEGIN, END, keys_markdown

README = Path(__file__).parent.parent / "README.md"


def renewed(text: str) -> str:
    """Return the README with the table of this program's keys; raises `ValueError` if a mark is missing."""
    before, rest = text[: text.index(BEGIN)], text[text.index(END) :]
    return f"{before}{BEGIN}\n{keys_markdown()}\n{rest}"


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"table of keys written into {README}\n")
