from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.texts import BEEBOX, INSTANT, TRANSLATOR, write
from wbtui.config import choose_profile, load
from wbtui.domain.credentials import Account
from wbtui.domain.errors import SettingsError
from wbtui.domain.model import Service


@pytest.mark.parametrize(
    ("name", "written", "read_only"),
    [
        ("acme", "", False),
        ("prod", "", True),
        ("PROD", "", True),
        ("prod", "read_only = false", False),
        ("product", "", False),
    ],
)
def test_prod_is_read_only_unless_the_file_says_otherwise(
    tmp_path: Path, name: str, written: str, read_only: bool
) -> None:
    settings = load(write(tmp_path, f"[profiles.{name}]\n{written}"))
    assert bool(settings.profiles[name].read_only) is read_only


@pytest.mark.parametrize(
    ("text", "services", "accounts"),
    [
        ("[profiles.acme]", set(), ()),
        (TRANSLATOR, {Service.OPERATIONS, Service.FLEX}, (Account.TRANSLATOR,)),
        (BEEBOX, {Service.BEEBOX}, (Account.BEEBOX,)),
        (INSTANT, {Service.INSTANT}, (Account.INSTANT,)),
        (TRANSLATOR + BEEBOX + INSTANT, set(Service), tuple(Account)),
    ],
)
def test_a_profile_names_its_services_and_accounts(
    tmp_path: Path, text: str, services: set[Service], accounts: tuple[Account, ...]
) -> None:
    profile = load(write(tmp_path, text)).profiles["acme"]
    assert profile.services() == services
    assert profile.accounts() == accounts


@pytest.mark.parametrize(
    ("text", "asked", "chosen"),
    [
        ('default_profile = "a"\n[profiles.a]\n[profiles.b]', None, "a"),
        ('default_profile = "a"\n[profiles.a]\n[profiles.b]', "", "a"),
        ('default_profile = "a"\n[profiles.a]\n[profiles.b]', "b", "b"),
        ("[profiles.only]", None, "only"),
    ],
)
def test_the_profile_is_the_named_the_default_or_the_only_one(
    tmp_path: Path, text: str, asked: str | None, chosen: str
) -> None:
    assert choose_profile(load(write(tmp_path, text)), asked).name == chosen


@pytest.mark.parametrize(
    ("text", "asked", "message", "advice"),
    [
        ("", None, "has no profile", "Add one with: wbtui config init"),
        ("", "acme", "has no profile", "Add one with: wbtui config init"),
        (
            "[profiles.b]\n[profiles.a]",
            None,
            "several profiles and no default_profile; known: a, b",
            "Name one with --profile.",
        ),
        ("[profiles.b]\n[profiles.a]", "acme\x1b", r"no profile 'acme\x1b'; known: a, b", ""),
    ],
)
def test_an_unknown_profile_is_refused_with_the_known_ones(
    tmp_path: Path, text: str, asked: str | None, message: str, advice: str
) -> None:
    settings = load(write(tmp_path, text))
    with pytest.raises(SettingsError) as caught:
        choose_profile(settings, asked)
    assert str(caught.value) == f"{tmp_path}/config.toml: {message}"
    assert caught.value.advice == advice
