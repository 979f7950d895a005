"""Draws the README's pictures into `screenshots/` from the states that the picture tests compare.

`python -m tests.make_pictures [--all FOLDER]`; `--all`: every state, into another folder.
PNG needs `rsvg-convert`; without it only SVG is written. `session.svg` plays a short session.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tui.pictures import PICTURES, Picture, drawn, printable
from tests.tui.recording import recording

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"


def write(picture: Picture, svg: str, folder: Path, converter: str | None) -> None:
    """Write one picture as SVG, and as PNG if there is a converter."""
    target = folder / f"{picture.name}.svg"
    target.write_text(printable(svg), encoding="utf-8")
    if converter is not None:
        png = target.with_suffix(".png")
        subprocess.run([converter, "--zoom", "1", "-o", str(png), str(target)], check=True)


def main(arguments: list[str]) -> int:
    """Draw the pictures; return the exit code."""
    everything = arguments[:1] == ["--all"]
    folder = Path(arguments[1]) if everything else SCREENSHOTS
    folder.mkdir(parents=True, exist_ok=True)
    converter = shutil.which("rsvg-convert")
    for picture in PICTURES:
        if everything or picture.poster:
            write(picture, asyncio.run(drawn(picture)), folder, converter)
    (folder / "session.svg").write_text(asyncio.run(recording()), encoding="utf-8")
    sys.stdout.write(f"pictures written to {folder}\n")
    if converter is None:
        sys.stdout.write("rsvg-convert was not found: SVG only, no PNG\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
