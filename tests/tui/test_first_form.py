"""The first form: where its fields are, what stands beside them, what its foot says, and what it writes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.pilot import Pilot

from tests.slowness import patience
from tests.tui.driving import make, screen
from wbtui.config.write import full_url
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import Busy, LoginRefused, NoConnection, SettingsError, WbtuiError
from wbtui.domain.setup import Draft, LoginTrial
from wbtui.tui.app import WbtuiApp
from wbtui.tui.dialogs.first_start_screen import FirstStartScreen
from wbtui.tui.toolkit.prompt import Prompt

URL = "https://acme.example"


@dataclass
class Setting:
    """A setup that takes the secret `right` alone, and keeps what is written in a list."""

    right: str = "right"
    fault: WbtuiError | None = None
    """What every service answers instead."""
    gate: asyncio.Event | None = None
    """What a test waits for."""
    tests: list[Account] = field(default_factory=list)
    written: list[tuple[str, Sequence[Draft]]] = field(default_factory=list)
    stored: dict[Account, Secret] = field(default_factory=dict)

    def checked(self, profile: str, draft: Draft) -> Draft:
        if not draft.answers.get("account", "x").strip():
            raise SettingsError("account is empty")
        url = full_url(draft.answers["url"], draft.account)
        return Draft(draft.account, {**draft.answers, "url": url})

    def variable(self, profile: str, account: Account) -> str:
        return ""

    async def taken(self, profile: str, account: Account) -> tuple[Secret, bool]:
        raise NotImplementedError

    async def test(self, profile: str, draft: Draft, secret: Secret) -> LoginTrial:
        self.tests.append(draft.account)
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            return LoginTrial(self.fault)
        right = secret == Secret(self.right)
        return LoginTrial(None, "logged in") if right else LoginTrial(LoginRefused("Wrong key."))

    async def keep(self, profile: str, account: Account, secret: Secret) -> None:
        self.stored[account] = secret

    def write(self, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
        self.written.append((profile, drafts))
        return Path("/config.toml")


@asynccontextmanager
async def form(
    setting: Setting, *, size: tuple[int, int] = (120, 40), theme: str = "dark", ascii: bool = False
) -> AsyncIterator[tuple[WbtuiApp, Pilot[None]]]:
    app = make(theme=theme)
    shown = FirstStartScreen(setting, profile="main", ascii_only=ascii)

    def show() -> None:
        app.push_screen(shown)

    app.on_first_frame(show)
    async with app.run_test(size=size) as pilot:
        async with asyncio.timeout(patience(30)):
            while shown.seen_since == math.inf:  # what is pressed before that is not taken
                await pilot.pause()
        yield app, pilot


async def typed(pilot: Pilot[None], text: str, *, then: str = "enter") -> None:
    for letter in text:
        await pilot.press(letter if letter.isalnum() else {" ": "space"}.get(letter, letter))
    await pilot.press(then)
    await pilot.pause()


async def filled(pilot: Pilot[None], secret: str) -> None:
    """Fill in the translator, and go to the last line."""
    for text in (URL, "acme", secret):
        await typed(pilot, text)
    await pilot.press(*["up"] * 5)  # from the Beebox's URL over the top
    await pilot.pause()


def foot(app: WbtuiApp) -> str:
    return " ".join(line.strip() for line in screen(app)[-5:-1]).strip()


def head(app: WbtuiApp) -> str:
    return next(line for line in screen(app) if "Translator API 2" in line)


def cells(app: WbtuiApp, prompt: Prompt) -> list[Segment]:
    """Return the segments of one field's line as they go to the terminal."""
    strip = app.screen._compositor.render_strips()[prompt.region.y]
    return list(strip)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "none", "nord"])
async def test_one_sees_where_each_field_is_also_while_it_is_empty(theme: str, size: tuple[int, int]) -> None:
    async with form(Setting(), size=size, theme=theme) as (app, _):
        fields = list(app.screen.query(Prompt))
        assert len(fields) == 12
        for each in fields:
            marked = sum(
                len(part.text)
                for part in cells(app, each)
                if part.style and (part.style.underline or (each.has_focus and part.style.reverse))
            )
            assert marked >= 23, each.id
            if theme not in ("ansi", "none"):
                grounds = {part.style.bgcolor for part in cells(app, each) if part.style}
                assert len(grounds) > 1, each.id


async def test_in_ascii_an_empty_field_is_a_line_of_underscores() -> None:
    async with form(Setting(), size=(80, 24), theme="none", ascii=True) as (app, _):
        lines = screen(app)
        assert sum("_" * 19 in line for line in lines) == 12


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_hints_stand_beside_the_fields_and_fit(size: tuple[int, int]) -> None:
    async with form(Setting(), size=size, theme="none", ascii=True) as (app, _):
        lines = [line.rstrip() for line in screen(app) if "such as" in line]
        assert len(lines) == 8
        assert all("_  such as " in line or line.startswith("   URL          _") for line in lines)
        assert any(line.endswith("acme.eu.wordbee-translator.com") for line in lines)


async def test_a_long_text_makes_its_field_longer() -> None:
    async with form(Setting(), size=(80, 24), theme="none", ascii=True) as (app, pilot):
        await typed(pilot, "acme" * 10, then="down")
        assert any("acme" * 10 in line for line in screen(app))


async def test_the_foot_follows_what_was_corrected() -> None:
    async with form(Setting()) as (app, pilot):
        await filled(pilot, "wrong")
        assert "Wrong key." in foot(app)
        assert "Wrong key." in head(app)
        await pilot.press("up", "up", "up", "up", "up", "up", "up", "up", "up")  # the API key
        assert "Wrong key." in foot(app)
        await pilot.press("x")
        await pilot.pause()
        assert "Wrong key." not in "\n".join(screen(app))
        await pilot.press("ctrl+u")
        await typed(pilot, "right")
        assert "logged in" in head(app)
        assert foot(app).startswith("Fill in the services")


async def test_a_fault_of_one_service_shows_once_that_of_another_is_mended() -> None:
    async with form(Setting()) as (app, pilot):
        await filled(pilot, "wrong")
        await pilot.press(*["down"] * 2)  # over the profile to the URL
        await pilot.press(*["down"] * 3)  # the Beebox's URL
        for text in ("b.example", "p", "l", "wrong"):
            await typed(pilot, text)
        assert foot(app).startswith("Beebox: Wrong key.")
        await pilot.press("up", "x")
        await pilot.pause()
        assert foot(app).startswith("Translator API 2 (Operations and Flex): Wrong key.")


async def test_a_second_enter_writes_nothing_that_does_not_work_and_ctrl_g_does() -> None:
    setting = Setting()
    async with form(setting) as (app, pilot):
        await filled(pilot, "wrong")
        for number in range(3):
            await pilot.press("enter")
            await pilot.pause()
            assert setting.written == []
            assert len(setting.tests) == 2 + number
        assert "ctrl+g writes it all the same" in foot(app)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert [profile for profile, _ in setting.written] == ["main"]
        assert setting.stored == {}


async def test_what_was_changed_since_it_was_told_is_tested_anew() -> None:
    setting = Setting()
    async with form(setting) as (app, pilot):
        await filled(pilot, "wrong")
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "ctrl+g writes" in foot(app)
        await pilot.press(*["up"] * 9)
        await pilot.press("x", "ctrl+g")  # another secret, and as wrong
        await pilot.pause()
        assert setting.written == []
        assert "Wrong key." in foot(app)


@pytest.mark.parametrize("fault", [Busy("the Beebox works"), NoConnection("no answer")])
async def test_what_could_not_be_tested_is_not_written_by_enter(fault: WbtuiError) -> None:
    setting = Setting(fault=fault)
    async with form(setting) as (app, pilot):
        await filled(pilot, "right")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert setting.written == []
        assert fault.message in foot(app)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert len(setting.written) == 1
        assert setting.stored == {Account.TRANSLATOR: Secret("right")}


async def test_what_is_typed_during_the_test_is_not_lost_and_not_written_untested() -> None:
    setting = Setting()
    async with form(setting) as (app, pilot):
        await filled(pilot, "right")
        setting.gate = asyncio.Event()
        await pilot.press("enter", "up", "up", "up", "up", *"b.example")
        setting.gate.set()
        await pilot.pause()
        await pilot.pause()
        assert setting.written == []
        assert "typed meanwhile" in foot(app)


async def test_the_page_that_was_pasted_is_seen_as_the_address_that_it_became() -> None:
    setting = Setting()
    async with form(setting) as (app, pilot):
        await typed(pilot, "acme.eu.wordbee-translator.com/a/login")
        await typed(pilot, "acme")
        await typed(pilot, "right")
        assert any("URL         https://acme.eu.wordbee-translator.com/api" in line for line in screen(app))
        await pilot.press(*["up"] * 5, "enter")
        await pilot.pause()
        ((_, (draft,)),) = setting.written
        assert draft.answers["url"] == "https://acme.eu.wordbee-translator.com/api"


async def test_two_services_are_tested_side_by_side() -> None:
    setting = Setting(gate=asyncio.Event())
    async with form(setting) as (app, pilot):
        for text in (URL, "acme", "right", "b.example", "p", "l", "right"):
            await typed(pilot, text)
        assert setting.gate is not None
        setting.gate.set()
        await pilot.pause()
        await pilot.pause()
        assert sum("logged in" in line for line in screen(app)) == 2
