"""A short session as one animated SVG: the frames are what the program shows, the captions what was pressed.

The frames lie one above the other, and style sheets show one at a time; no script, no font, no file from
elsewhere is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.tui import big_scenes, scenes
from tests.tui.driving import make
from tests.tui.pictures import FONT, printable
from tests.tui.recorder import Recorder
from wbtui.domain.model import State
from wbtui.domain.snapshot import Snapshot

SIZE = (112, 32)


@dataclass(frozen=True)
class Step:
    """What is pressed, what is said about it, and for how many seconds the outcome is shown."""

    keys: tuple[str, ...]
    caption: str
    seconds: float = 2.0
    arrives: Snapshot | None = None
    """What the loop has read meanwhile."""


def _finished() -> Snapshot:
    """The poster a little later: the operation that was running has ended well."""
    poster = big_scenes.poster()
    running = next(each for each in poster.operations if each.state is State.RUNNING)
    reading = replace(running.reading, state=State.READY, status="Finished", file_token="f")
    ended = replace(running, reading=reading, finished_at=poster.at, changed_at=poster.at)
    operations = tuple(ended if each.key == ended.key else each for each in poster.operations)
    return scenes.later(replace(poster, operations=operations), 20)


SESSION = (
    Step((), "wbtui: what runs, waits, failed, is ready", 2.5),
    Step((), "20 s later: an operation has finished", 2.5, arrives=_finished()),
    Step(("2",), "2: Beebox, files by languages", 2.5),
    Step(("l", "l", "j", "j", "j"), "h j k l: a language of a file, with all that is known of it"),
    Step(("exclamation_mark",), "!: only what went wrong", 2.5),
    Step(("exclamation_mark", "slash", *"legal", "enter"), "/legal: filter while you type"),
    Step(("space", "space"), "space: mark"),
    Step(("X",), "X: cancel on the server, which asks first", 3.0),
    Step(("escape", "escape", "escape", "3"), "3: Instant Translation"),
    Step(("4",), "4: Flex, components by languages"),
    Step(("question_mark",), "?: the keys of this tab", 2.5),
)


async def frames(steps: Sequence[Step] = SESSION) -> list[str]:
    """Return the SVG of each step, in order."""
    app = make(Recorder())
    taken = []
    async with app.run_test(size=SIZE) as pilot:
        app.show(big_scenes.poster())
        await pilot.pause()
        for step in steps:
            if step.arrives is not None:
                app.show(step.arrives)
            await pilot.press(*step.keys)
            await pilot.pause(0.4)
            taken.append(app.export_screenshot(title=step.caption))
    return taken


async def recording(steps: Sequence[Step] = SESSION) -> str:
    """Return the session as one SVG that plays for ever."""
    taken = await frames(steps)
    whole = sum(step.seconds for step in steps)
    began, parts, styles = 0.0, [], []
    for number, (step, svg) in enumerate(zip(steps, taken, strict=True)):
        shown, gone = (round(100 * at / whole, 3) for at in (began, began + step.seconds))
        styles.append(
            f"@keyframes show{number} {{0%,100%{{visibility:hidden}} {shown}%{{visibility:visible}} "
            f"{gone}%{{visibility:{'visible' if gone >= 100 else 'hidden'}}}}}\n"
            f"#frame{number} {{visibility:hidden;animation:show{number} {whole}s step-end infinite}}"
        )
        parts.append(f'<g id="frame{number}">{_one(svg, number)}</g>')
        began += step.seconds
    box = re.search(r'viewBox="([^"]+)"', taken[0])
    assert box is not None, "an SVG has a view box"
    style = "\n".join(styles)
    return (
        f'<svg viewBox="{box[1]}" xmlns="http://www.w3.org/2000/svg">\n'
        f"<style>\n{style}\n</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _one(svg: str, number: int) -> str:
    """Return the SVG of a frame with names of its own for its styles and shapes."""
    svg = re.sub(r"terminal-[0-9]+", f"f{number}", svg)
    lines = [line.rstrip() for line in FONT.sub("", svg).replace("\xa0", " ").splitlines()]
    return printable("\n".join(line for line in lines if line and not line.lstrip().startswith("<!--")))
