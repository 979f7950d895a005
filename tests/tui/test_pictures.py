"""Pictures of every tab, form, size and theme, compared with the ones that were looked at and stored.

After a change that is meant, look at the pictures and store them anew:

    python -m tests.make_pictures --all FOLDER    # SVG and PNG, to look at
    python -m tests.tui.test_pictures              # stores them

A picture that differs is written beside the stored one as `NAME.new.svg`, with the differing lines in
`NAME.diff`; neither is kept in git.
"""

from __future__ import annotations

import asyncio
import difflib
import sys

import pytest

from tests.make_pictures import SCREENSHOTS
from tests.tui.pictures import PICTURES, STORED, Picture, drawn, printable

ADVICE = "look at {name}.new.svg and {name}.diff; if it is meant: python -m tests.tui.test_pictures"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_a_state_looks_as_it_was_stored(picture: Picture) -> None:
    svg = await drawn(picture)
    stored = STORED / f"{picture.name}.svg"
    kept = stored.read_text(encoding="utf-8") if stored.exists() else ""
    fresh, diff = stored.with_suffix(".new.svg"), stored.with_suffix(".diff")
    if svg == kept:
        fresh.unlink(missing_ok=True)
        diff.unlink(missing_ok=True)
        return
    fresh.write_text(svg, encoding="utf-8")
    diff.write_text("\n".join(difflib.unified_diff(kept.splitlines(), svg.splitlines())), encoding="utf-8")
    pytest.fail(ADVICE.format(name=picture.name), pytrace=False)


async def test_two_states_do_not_look_alike() -> None:
    pictures = [(STORED / f"{picture.name}.svg").read_text(encoding="utf-8") for picture in PICTURES]
    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("picture", [each for each in PICTURES if each.poster], ids=lambda each: each.name)
def test_a_picture_of_the_readme_is_the_one_that_is_stored(picture: Picture) -> None:
    stored = (STORED / f"{picture.name}.svg").read_text(encoding="utf-8")
    shown = (SCREENSHOTS / f"{picture.name}.svg").read_text(encoding="utf-8")
    assert shown == printable(stored), "python -m tests.make_pictures draws the README's pictures anew"
    assert (SCREENSHOTS / f"{picture.name}.png").exists()


async def _store() -> None:
    STORED.mkdir(exist_ok=True)
    for old in STORED.iterdir():
        if old.suffix in {".svg", ".diff"}:
            old.unlink()
    for picture in PICTURES:
        (STORED / f"{picture.name}.svg").write_text(await drawn(picture), encoding="utf-8")
    sys.stdout.write(f"{len(PICTURES)} pictures stored in {STORED}\n")


if __name__ == "__main__":
    asyncio.run(_store())
