"""The states of which there are pictures: for the tests that compare them, and for the README.

A picture is the SVG that Textual exports, at a fixed size, theme and time, without what differs by run.
"""

from __future__ import annotations

import contextlib
import html
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len

from tests.tui import action_scenes, big_scenes, scenes
from tests.tui.driving import make
from tests.tui.recorder import Recorder
from tests.tui.stand_ins import KnownAccounts, NoSetup
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Health, HealthWord, ReadOnly, Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner
from wbtui.tui.dialogs.first_start_screen import FirstStartScreen

STORED = Path(__file__).parent / "pictures"

FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)
_TEXT = re.compile(r'<text ([^>]*?)x="([\d.]+)"([^>]*?)textLength="([\d.]+)"([^>]*)>(.*?)</text>')


@dataclass(frozen=True)
class Picture:
    """One state: what is known, what has been pressed, and how large the terminal is."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)
    theme: str = "dark"
    ascii: bool = False
    snapshot: Snapshot = field(default_factory=scenes.snapshot)
    poster: bool = False
    """Shown in the README."""
    prepare: Callable[[WbtuiApp], object] = lambda app: None
    """Done before the keys."""


def with_accounts(app: WbtuiApp) -> None:
    app.accounts = KnownAccounts()


def with_copied_text(app: WbtuiApp) -> None:
    app._main.clipboard.last = "\n".join(
        f'{{"key": "op:{5000 + number}", "state": "ready", "label": "catalogue {number}"}}'
        for number in range(1, 60)
    )


def with_novelty(app: WbtuiApp) -> None:
    recorder = app._intents.monitor
    assert isinstance(recorder, Recorder)
    recorder.novelty = action_scenes.novelty()


def first_start(app: WbtuiApp) -> None:
    app.push_screen(FirstStartScreen(NoSetup(), profile="acme"))


def logged_out() -> Snapshot:
    refused = Health(
        HealthWord.LOGIN,
        message="Instant Translation refused the password of ann.",
        advice="Was it changed on the web? Then log in with the new one.",
    )
    return scenes.snapshot(health={**scenes.health(), Service.INSTANT: refused})


POSTER = (120, 40)
SMALL = (80, 24)

PICTURES = (
    Picture("operations", poster=True, size=POSTER, snapshot=big_scenes.poster()),
    Picture("beebox-matrix", ("2", "l", "l", "j", "j"), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("beebox-list", ("2", "m"), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("beebox-folders", ("2", "J"), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("instant", ("3",), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("flex-matrix", ("4",), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("activity", ("5",), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("light", ("2",), POSTER, "light", snapshot=big_scenes.poster(), poster=True),
    Picture("ansi", ("2",), POSTER, "ansi", snapshot=big_scenes.poster(), poster=True),
    Picture("small", ("2",), SMALL, snapshot=big_scenes.poster(), poster=True),
    Picture("small-light", ("2",), SMALL, "light", snapshot=big_scenes.poster(), poster=True),
    Picture("small-ansi", ("2",), SMALL, "ansi", snapshot=big_scenes.poster(), poster=True),
    Picture("none", ("2",), POSTER, "none", snapshot=big_scenes.poster()),
    Picture("40-locales", ("2", *("l",) * 20), POSTER, snapshot=big_scenes.forty_locales()),
    Picture("wide", ("2",), (160, 40), snapshot=big_scenes.poster()),
    Picture("80x24", ("2",), (80, 24)),
    Picture("60x24", ("2",), (60, 24)),
    Picture("60x15-ascii", ("2",), (60, 15), ascii=True),
    Picture("40x15", ("2",), (40, 15)),
    Picture("40x8", ("2",), (40, 8)),
    Picture("39x7", (), (39, 7)),
    Picture("80x24-operations", (), (80, 24)),
    Picture("60x15-operations", (), (60, 15)),
    Picture("help", ("question_mark",), (120, 40)),
    Picture("help-ansi", ("2", "question_mark", "pagedown"), (80, 24), "ansi"),
    Picture("help-search", ("question_mark", "slash", *"copies", "enter"), (60, 15), ascii=True),
    Picture("palette", ("2", "colon"), (120, 40)),
    Picture("palette-light", ("colon", *"try"), (80, 24), "light"),
    Picture("export", ("2", "E"), (120, 40)),
    Picture("export-light", ("2", "E"), (80, 24), "light"),
    Picture("add", ("a", *"5001 x", "enter"), (80, 24)),
    Picture("log-in", ("3", "L", *"secret"), snapshot=logged_out(), prepare=with_accounts),
    Picture("log-in-ansi", ("3", "L"), (80, 24), "ansi", snapshot=logged_out(), prepare=with_accounts),
    Picture("profiles", ("C", "j"), prepare=with_accounts),
    Picture("profiles-light", ("C",), (80, 24), "light", prepare=with_accounts),
    Picture("first-start", (), (100, 30), prepare=first_start),
    Picture("text", ("colon", *"clip", "enter"), (80, 24), prepare=with_copied_text),
    Picture("full-screen", ("2", "j", "f"), (80, 24)),
    Picture(
        "confirm-cancel", ("2", "j", "space", "space", "X"), POSTER, snapshot=big_scenes.poster(), poster=True
    ),
    Picture("confirm-retry", ("T",), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("confirm-many", ("2", "asterisk", "X"), (80, 24), snapshot=big_scenes.poster()),
    Picture("confirm-languages", ("2", "X"), (80, 24), snapshot=big_scenes.forty_locales()),
    Picture("confirm-danger", ("2", "X"), (120, 40), ascii=True, snapshot=scenes.snapshot(danger=True)),
    Picture("whats-new", ("2", "W"), (80, 24), snapshot=big_scenes.poster(), prepare=with_novelty),
    Picture("refusal", ("j", "j", "X"), POSTER, snapshot=big_scenes.poster(), poster=True),
    Picture("read-only", ("2", "X"), (120, 40), snapshot=scenes.snapshot(read_only=ReadOnly.WRITTEN)),
    Picture("downloads-strip", ("2",), POSTER, snapshot=action_scenes.downloading(), poster=True),
    Picture("downloads", ("2", "0", "j", "j"), POSTER, snapshot=action_scenes.downloading(), poster=True),
    Picture("downloads-80x24", ("0", "j"), (80, 24), snapshot=action_scenes.downloading()),
    Picture("bell", ("j", "j", "j", "b"), POSTER, snapshot=action_scenes.telling(), poster=True),
    Picture("cancel-asked", ("2",), POSTER, snapshot=action_scenes.cancelling()),
    Picture("cancel-asked-list", ("2", "m"), (80, 24), snapshot=action_scenes.cancelling()),
    Picture("attempt", ("slash", *"attempt", "enter"), snapshot=action_scenes.again()),
    Picture("hostile", ("2", "j"), (120, 30), snapshot=big_scenes.hostile()),
)


def named(name: str) -> Picture:
    return next(each for each in PICTURES if each.name == name)


async def drawn(picture: Picture) -> str:
    """Return the picture as SVG."""
    banner = Banner("acme-prod", read_only=bool(picture.snapshot.read_only))
    app = make(Recorder(), picture.theme, ascii=picture.ascii, banner=banner)
    with contextlib.chdir("/"):  # the export names a file in the folder it was started in
        return await _drawn(app, picture)


async def _drawn(app: WbtuiApp, picture: Picture) -> str:
    async with app.run_test(size=picture.size) as pilot:
        app.show(picture.snapshot)
        picture.prepare(app)
        await pilot.pause()
        if picture.keys:
            await pilot.press(*picture.keys)
        await pilot.pause(0.3)
        return normal(app.export_screenshot(title="wbtui"))


def normal(svg: str) -> str:
    """Return the SVG without what differs from run to run, and without fonts from elsewhere."""
    unique = re.search(r'class="(terminal-[0-9]+-)matrix"', svg)
    if unique is not None:
        svg = svg.replace(unique.group(1), "t-")
    svg = re.sub(r"terminal-[0-9]+", "t", svg)
    svg = FONT.sub("", svg).replace("\xa0", " ")
    lines = [line.rstrip() for line in svg.splitlines()]
    return "\n".join(line for line in lines if line) + "\n"


def printable(svg: str) -> str:
    """Return the SVG so that other programs draw its blanks, lines and wide characters as a terminal does."""
    svg = _TEXT.sub(_by_width, svg)
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    return svg.replace("font-size: 20px", "font-size: 19.84px")


def _by_width(found: re.Match[str]) -> str:
    """Give each run of wide characters a place of its own: Rich counts them as one cell each."""
    before, x, between, length, after, content = found.groups()
    text = html.unescape(content)
    if cell_len(text) == len(text):
        return found[0]
    cell, place, parts = float(length) / len(text), float(x), []
    for _, group in itertools.groupby(text, key=lambda character: cell_len(character) == 2):
        run = "".join(group)
        width = cell * cell_len(run)
        parts.append(
            f'<text {before}x="{place:.1f}"{between}textLength="{width:.1f}"{after}>'
            f"{html.escape(run, quote=False)}</text>"
        )
        place += width
    return "".join(parts)
