"""The dialog before a server change."""

from __future__ import annotations

from typing import Any

import pytest

from wbtui.domain.model import ItemKey
from wbtui.tui.dialogs.confirm import (
    LISTED,
    NOTHING_NEW,
    ConfirmScreen,
    Proposal,
    ProposalNews,
    ProposedItem,
    buttons,
    foot,
    head,
    items,
    still_fit,
    word_to_type,
)
from wbtui.tui.toolkit.line_view import LineApp, LineView
from wbtui.tui.toolkit.lines import text_of
from wbtui.tui.toolkit.themes import defaults

A, B = ItemKey("bb:fr:batch-7\\intro.docx"), ItemKey("bb:fr:batch-7\\faq.docx")


def proposal(**change: Any) -> Proposal:
    plain: dict[str, Any] = {
        "title": "Cancel on the server",
        "badge": "acme-prod [RW]",
        "effect": "Delete the source of 2 files in Beebox. ALL languages stop.",
        "items": (
            ProposedItem(A, "batch-7\\intro.docx", "de Error, fr Ready"),
            ProposedItem(B, "batch-7\\faq.docx", "fr Ready"),
        ),
        "yes": "Yes, delete 2",
        "caution": "Cannot be undone.",
    }
    return Proposal(**(plain | change))


class Stage(LineApp[None]):
    CSS_PATH = "../../wbtui/tui/wbtui.tcss"

    def __init__(self, shown: Proposal) -> None:
        super().__init__()
        self.seconds = 100.0
        self.dialog = ConfirmScreen(shown, lambda: self.seconds, ascii_only=False)
        self.answers: list[Any] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    def text(self) -> str:
        return "\n".join(text_of(each) for view in self.dialog.query(LineView) for each in view.lines)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["y"], (A, B)),
        (["n"], ()),
        (["escape"], ()),
        (["enter"], ()),
        (["tab", "enter"], (A, B)),
        (["right", "left", "enter"], ()),
        (["q"], ()),
    ],
)
async def test_keys_after_the_guard(keys: list[str], answer: tuple[ItemKey, ...]) -> None:
    app = Stage(proposal())
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.pause()
        app.seconds += 0.31
        await pilot.press(*keys)
        await pilot.pause()
    assert app.answers == [answer]


@pytest.mark.parametrize("keys", [["y"], ["enter"], ["tab", "enter"]])
async def test_keys_typed_ahead_do_nothing(keys: list[str]) -> None:
    app = Stage(proposal())
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.pause()
        app.seconds += 0.29
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answers == []
        assert app.screen is app.dialog


async def test_the_focus_is_on_no_and_marked_by_a_sign() -> None:
    app = Stage(proposal())
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.pause()
        assert "> [ No, keep ]" in app.text()
        await pilot.press("tab")
        assert "> [ Yes, delete 2 ]" in app.text()
        assert "acme-prod [RW]" in app.text()
        assert "Cannot be undone." in app.text()


async def test_an_item_that_changed_is_flagged_and_one_that_became_unfit_is_left_out() -> None:
    app = Stage(proposal())
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.pause()
        app.dialog.tell(ProposalNews({A: "fr Error"}, {B: "it is no longer listed"}))
        await pilot.pause()
        assert "fr Error (changed just now)" in app.text()
        assert "left out: it is no longer listed" in app.text()
        app.seconds += 1
        await pilot.press("y")
        await pilot.pause()
    assert app.answers == [(A,)]


@pytest.mark.parametrize(("typed", "answer"), [("12", [(A, B)]), ("13", []), ("", []), ("y", [])])
async def test_a_word_has_to_be_typed_exactly(typed: str, answer: list[Any]) -> None:
    app = Stage(proposal(word="12"))
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.pause()
        app.seconds += 1
        await pilot.press(*typed, "enter")
        await pilot.pause()
        assert app.answers == answer
        if not answer:
            assert "nothing was done" in app.text()
            await pilot.press("escape")
            await pilot.pause()
            assert app.answers == [()]


@pytest.mark.parametrize(
    ("count", "danger", "word"), [(1, False, ""), (9, False, ""), (10, False, "10"), (1, True, "acme")]
)
def test_what_has_to_be_typed(count: int, danger: bool, word: str) -> None:
    assert word_to_type(count, "acme", danger=danger) == word


def test_a_long_list_is_counted_and_everything_fits_its_width() -> None:
    many = tuple(
        ProposedItem(ItemKey(f"bb:fr:{n}"), f"{'folder/' * 20}{n}.docx", "fr Ready")
        for n in range(LISTED + 22)
    )
    shown = proposal(items=many, left_out=("3 of 33 cannot be deleted.",), whose="What is marked:")
    parts = (head(shown, 60), items(shown, NOTHING_NEW, 60), foot(shown, NOTHING_NEW, 60))
    lines = [text_of(each) for part in parts for each in part]
    assert "  and 22 more" in lines
    assert "3 of 33 cannot be deleted." in lines
    assert "What is marked:" in lines
    assert all(len(each) <= 60 for each in lines)
    assert len(still_fit(shown, NOTHING_NEW)) == LISTED + 22


@pytest.mark.parametrize("width", [30, 60, 80])
def test_the_state_of_every_language_can_be_read(width: int) -> None:
    locales = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}-X{n}" for n in range(100)]
    state = ", ".join(f"{locale} Ready" for locale in locales)
    lines = [
        text_of(each)
        for each in items(proposal(items=(ProposedItem(A, "a.docx", state),)), NOTHING_NEW, width)
    ]
    assert " ".join(" ".join(lines).split()) == f"a.docx {state}"
    assert all(len(each) <= width for each in lines)


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (120, 40)])
@pytest.mark.parametrize("word", ["", "30"])
async def test_what_does_not_fit_is_scrolled_and_the_buttons_stay_in_sight(
    size: tuple[int, int], word: str
) -> None:
    many = tuple(ProposedItem(ItemKey(f"bb:fr:{n}"), f"file {n}.docx", "fr Ready") for n in range(60))
    app = Stage(proposal(items=many, word=word))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        lowest = app.dialog.query_one("#confirm-buttons").region
        assert 0 < lowest.bottom < size[1]
        assert f"{'Up Down' if word else 'j k'}: more items" in app.text()
        assert "Cannot be undone." in app.text()
        assert "file 0.docx" in app.text()
        assert "file 59.docx" not in app.text()
        await pilot.press(*["pagedown"] * 6)
        if word:
            await pilot.press(*["down"] * 60)
        await pilot.pause()
        assert "file 59.docx" in app.text()


def test_yes_looks_off_when_nothing_is_left_to_act_on() -> None:
    line = buttons(proposal(), on_yes=False, can=False)
    assert "quiet" in {span.role for span in line if "Yes" in span.text}


async def test_hostile_names_are_shown_as_they_are() -> None:
    app = Stage(proposal(items=(ProposedItem(A, "a [/oops] [red]b", ""),)))
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.pause()
        assert "a [/oops] [red]b" in app.text()
