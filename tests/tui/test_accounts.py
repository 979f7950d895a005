"""The dialogs about accounts: what they take, what they show, and that a secret is seen nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.tui import scenes
from tests.tui.driving import make, on_top, part, running, screen
from tests.tui.stand_ins import NoSetup
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import LoginRefused
from wbtui.domain.model import Service
from wbtui.domain.setup import LoggedIn, ProfileLine
from wbtui.domain.snapshot import Health, HealthWord
from wbtui.tui.chrome import Banner
from wbtui.tui.controllers.account_keys import refused
from wbtui.tui.dialogs.first_start_screen import FirstStartScreen
from wbtui.tui.dialogs.login_dialog import LoginScreen
from wbtui.tui.dialogs.profiles import ProfilesScreen, badge_role, profile_line, widths_of
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, text_of
from wbtui.tui.toolkit.prompt import Masked, TypedSecret

RIGHT = "Zyx 9ü"
CURSOR = Role.CURSOR


def roles(line: Line) -> set[Role]:
    return {span.role for span in line}


class Accounts:
    """A fault to order: refuses every secret but one. The real one is driven in tests/commands."""

    def __init__(self) -> None:
        self.turned: list[str] = []

    def profiles(self) -> Sequence[ProfileLine]:
        return (
            ProfileLine("acme-prod", ("beebox",), "red", danger=True),
            ProfileLine("test", ("operations", "flex"), read_only=True),
        )

    def turn_to(self, name: str) -> None:
        self.turned.append(name)

    def renew(self) -> bool:
        return False

    async def log_in(self, account: Account, secret: Secret) -> LoggedIn:
        right = account is Account.INSTANT and secret == Secret(RIGHT)
        return LoggedIn(None, "Stored.") if right else LoggedIn(LoginRefused("Wrong password."))


@pytest.mark.parametrize(
    ("words", "tab", "account"),
    [
        ({}, OPERATIONS, None),
        ({Service.INSTANT: HealthWord.LOGIN}, OPERATIONS, Account.INSTANT),
        ({Service.INSTANT: HealthWord.LOGIN, Service.BEEBOX: HealthWord.LOGIN}, INSTANT, Account.INSTANT),
        ({Service.FLEX: HealthWord.LOGIN}, BEEBOX, Account.TRANSLATOR),
        ({Service.FLEX: HealthWord.DOWN}, FLEX, None),
    ],
)
def test_the_log_in_that_is_mended_is_the_tabs_own_if_it_is_refused(
    words: dict[Service, HealthWord], tab: TabSpec, account: Account | None
) -> None:
    health = {service: Health(words.get(service, HealthWord.OK)) for service in Service}
    found = refused(replace(scenes.snapshot(), health=health), tab)
    assert (found and found[0]) == account


def test_a_secret_is_kept_as_typed_but_for_line_ends() -> None:
    typed = TypedSecret()
    typed.insert("a  b\u200b\r\n")
    assert typed.text == "a  b\u200b"


async def test_a_refused_secret_is_asked_for_again_and_the_right_one_is_never_shown() -> None:
    app = make()
    app.accounts = Accounts()
    health = {**scenes.health(), Service.INSTANT: Health(HealthWord.LOGIN, message="Refused.")}
    async with running(app, scenes.snapshot(health=health)) as pilot:
        await pilot.press("3", "L")
        assert on_top(app) == LoginScreen.__name__
        await pilot.press(*"wrong", "enter")
        await pilot.pause()
        assert any("Wrong password." in row for row in screen(app))
        for character in RIGHT:
            await pilot.press("space" if character == " " else character)
        assert any("*" * len(RIGHT) in row for row in screen(app))
        assert not any(RIGHT in row for row in screen(app))
        assert app.screen.query_one(Masked).text == ""
        picture = app.export_screenshot(simplify=True)
        assert "*" * len(RIGHT) in picture
        assert RIGHT not in picture
        assert RIGHT not in picture.replace("&#160;", " ")
        await pilot.press("enter")
        await pilot.pause()
        assert any("Stored." in row for row in screen(app))
        await pilot.press("enter")
        assert "Stored." in part(app, "message")


async def test_the_list_of_profiles_gives_the_one_that_is_taken() -> None:
    app = make()
    app.accounts = accounts = Accounts()
    async with running(app) as pilot:
        await pilot.press("C")
        assert on_top(app) == ProfilesScreen.__name__
        await pilot.press("enter")
        assert accounts.turned == []
        await pilot.press("C", "j", "enter")
        await pilot.pause()
        assert accounts.turned == ["test"]


async def test_another_profile_begins_with_an_empty_screen() -> None:
    app = make()
    async with running(app) as pilot:
        app.turn_to(Banner("other", demo=False, read_only=True, color="cyan", danger=True))
        await pilot.pause()
        assert part(app, "header").startswith(" other [READ-ONLY] [DANGER]")
        assert "opening" in part(app, "header")
        assert "5001" not in part(app, "table")


async def test_without_a_configuration_the_keys_say_so() -> None:
    app = make()
    async with running(app) as pilot:
        for key in ("C", "L"):
            await pilot.press(key)
            assert "no configuration" in part(app, "message")


@pytest.mark.parametrize("color", ["", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"])
def test_every_colour_of_a_profile_has_its_looks(color: str) -> None:
    profile = ProfileLine("p", color=color)
    shown = profile_line(profile, widths_of([profile]), 60, "...", chosen=False, present=True)
    assert shown[1].role is (Role(f"badge-{color}") if color else Role.TITLE) is badge_role(color)
    assert "no service" in text_of(shown)


async def test_the_form_has_one_cursor_and_its_last_line_can_be_reached() -> None:
    app = make()
    async with running(app) as pilot:
        form = FirstStartScreen(NoSetup(), profile="main")
        app.push_screen(form)
        await pilot.pause()
        for keys in ((), ("tab",), ("shift+tab", "shift+tab"), ("shift+tab",)):
            await pilot.press(*keys)
            await pilot.pause()
            lit = [view.id for view in form.query(LineView) for each in view.lines if CURSOR in roles(each)]
            assert lit == [form.focused and form.focused.id]
        assert lit == ["first-go"]
