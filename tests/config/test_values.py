from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.texts import BEEBOX, INSTANT, TRANSLATOR, write
from wbtui.config import (
    BeeboxSettings,
    ComponentMode,
    ComponentSettings,
    ConfirmQuit,
    FlexSettings,
    InstantSettings,
    TranslatorSettings,
    UiSettings,
    load,
)
from wbtui.domain.model import FlexQuestion, Metric

WHOLE = r"""
default_profile = "acme"

[ui]
theme = "ansi"
remember_view = false
details_lines = 0
confirm_quit = "never"
bell = false
on_done = "notify-send 'all done'"
[ui.keys]
"item.download" = "d,ctrl+d"

[profiles.acme]
read_only = true
danger = true
downloads = "out"
color = "red"

[profiles.acme.translator]
url = "https://acme.eu.wordbee-translator.com/api/"
account = "acme"
calls_per_hour = 900
poll_seconds = 2
secret_command = "pass show 'word bee'"
ca_file = "ca.pem"
[profiles.acme.translator.flex]
documents = ["1000", "c300"]
metric = "StatusOk"
changed = "7d"
locales = ["fr"]
components = ["app.login"]
component = { value = "app.", mode = "Wildcards" }

[profiles.acme.beebox]
url = "http://beebox.intern:8080/"
project = "0f7c"
login = "monitor"
poll_seconds = 5
locales = ["fr", "de"]
pattern = '^batch-7\\'
paths = ['batch-7\intro.docx']
source_dir = "/srv/sources"
allow_http = true

[profiles.acme.instant]
url = "https://userapi.acme.example"
account = "acme"
login = "ann"
poll_seconds = 30
list_minutes = 0
purge_days = 14
"""


def test_every_key_arrives_typed(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    settings = load(write(tmp_path, WHOLE))
    assert settings.path == tmp_path / "config.toml"
    assert settings.default_profile == "acme"
    assert settings.ui == UiSettings(
        "ansi",
        False,
        0,
        ConfirmQuit.NEVER,
        False,
        "notify-send 'all done'",
        keys={"item.download": "d,ctrl+d"},
    )
    profile = settings.profiles["acme"]
    assert (profile.name, bool(profile.read_only), profile.danger, profile.color) == (
        "acme",
        True,
        True,
        "red",
    )
    assert profile.downloads == tmp_path / "out"
    assert profile.translator == TranslatorSettings(
        url="https://acme.eu.wordbee-translator.com/api",
        account="acme",
        calls_per_hour=900,
        poll_seconds=2,
        secret_command="pass show 'word bee'",
        ca_file=str(tmp_path / "ca.pem"),
        flex=FlexSettings(
            documents=("1000", "c300"),
            metric=Metric.ALL_GREEN,
            changed=timedelta(days=7),
            locales=("fr",),
            components=("app.login",),
            component=ComponentSettings("app.", ComponentMode.WILDCARDS),
        ),
    )
    assert profile.beebox == BeeboxSettings(
        url="http://beebox.intern:8080",
        project="0f7c",
        login="monitor",
        poll_seconds=5,
        locales=("fr", "de"),
        pattern=r"^batch-7\\",
        paths=("batch-7\\intro.docx",),
        source_dir=Path("/srv/sources"),
        allow_http=True,
    )
    assert profile.instant == InstantSettings("https://userapi.acme.example", "acme", "ann", 30, 0, 14)


def test_what_is_not_written_has_the_documented_default(tmp_path: Path) -> None:
    settings = load(write(tmp_path, TRANSLATOR + BEEBOX + INSTANT))
    profile = settings.profiles["acme"]
    assert settings.default_profile == ""
    assert settings.ui == UiSettings("auto", True, 2, ConfirmQuit.DOWNLOADS, True, "", keys={})
    assert (bool(profile.read_only), profile.danger, profile.color) == (False, False, "")
    assert profile.downloads == Path("~/wordbee").expanduser()
    assert profile.translator == TranslatorSettings("https://a.example/api", "acme", 500, 5)
    assert profile.translator.flex.question() == FlexQuestion()
    assert profile.beebox == BeeboxSettings("https://b.example", "p", "m", 60)
    assert profile.instant == InstantSettings("https://i.example", "a", "ann", 15, 60, 30)


def test_the_question_to_flex_is_the_one_written(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    translator = load(write(tmp_path, WHOLE)).profiles["acme"].translator
    assert translator is not None
    assert translator.flex.question() == FlexQuestion(
        metric=Metric.ALL_GREEN,
        changed_seconds=604_800,
        locales=("fr",),
        components=("app.login",),
        component_value="app.",
        component_mode="Wildcards",
    )


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    settings = load(write(tmp_path, "[profiles.acme]"))
    with pytest.raises(FrozenInstanceError):
        settings.profiles["acme"].danger = True  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.profiles["other"] = settings.profiles["acme"]  # type: ignore[index]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/",
        "http://127.0.0.1:1/x",
        "http://127.9.9.9",
        "http://[::1]:80",
        "http://wordbee.localhost",
    ],
)
def test_loopback_may_be_plain_http(tmp_path: Path, url: str) -> None:
    settings = load(write(tmp_path, BEEBOX.replace("https://b.example", url)))
    beebox = settings.profiles["acme"].beebox
    assert beebox is not None
    assert beebox.url == url.rstrip("/")


@pytest.mark.parametrize("written", ["https://a.example", "https://a.example/", "https://a.example/api/"])
def test_the_translator_may_be_written_with_and_without_api(tmp_path: Path, written: str) -> None:
    settings = load(write(tmp_path, TRANSLATOR.replace("https://a.example", written)))
    translator = settings.profiles["acme"].translator
    assert translator is not None
    assert translator.url == "https://a.example/api"
