"""A new profile: what a user typed becomes a configuration, on disk whole or not at all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.world import Stage, make_stage
from wbtui.app.accounts import ProfileSetup, try_login
from wbtui.config import load, loads
from wbtui.config.write import full_url, text_of, write_profile
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import LoginRefused, NoConnection, SettingsError
from wbtui.domain.setup import Draft

DRAFT = Draft(Account.TRANSLATOR, {"url": "acme.example", "account": "acme"})
OTHER = Draft(Account.INSTANT, {"url": "https://u.example/api", "account": "acme", "login": "ann"})


@pytest.mark.parametrize(
    ("typed", "translator", "other"),
    [
        ("https://acme.example/api", "https://acme.example/api", "https://acme.example"),
        ("https://acme.example", "https://acme.example/api", "https://acme.example"),
        (" acme.example/ ", "https://acme.example/api", "https://acme.example"),
        ("https://acme.example/API/", "https://acme.example/api", "https://acme.example"),
        ("https://acme.example/x/api//", "https://acme.example/x/api", "https://acme.example/x"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080"),
        ("https://acme.example/api/auth/token?x=1", "https://acme.example/api", "https://acme.example"),
        (
            "https://acme.example/api/w/api/connect",
            "https://acme.example/api/w/api",
            "https://acme.example/api/w",
        ),
        ("ftp://acme.example", "ftp://acme.example/api", "ftp://acme.example"),
        ("https://[::1", "https://[::1", "https://[::1"),
        ("", "", ""),
    ],
)
def test_urls_are_taken_in_any_form(typed: str, translator: str, other: str) -> None:
    assert full_url(typed, Account.TRANSLATOR) == translator
    assert full_url(typed, Account.BEEBOX) == full_url(typed, Account.INSTANT) == other


PAGES = [
    ("https://acme.eu.wordbee-translator.com/a/login#x", "https://acme.eu.wordbee-translator.com/api"),
    ("acme.eu.wordbee-translator.com/Portal/Home.aspx", "https://acme.eu.wordbee-translator.com/api"),
    ("https://www.wordbee-translator.com/?lang=fr", "https://www.wordbee-translator.com/api"),
    ("https://translate.acme.example/a/login?ReturnUrl=%2f#x", "https://translate.acme.example/api"),
]


@pytest.mark.parametrize(("typed", "url"), PAGES)
def test_the_address_of_a_page_becomes_that_of_the_translator(typed: str, url: str) -> None:
    assert full_url(typed, Account.TRANSLATOR) == full_url(url, Account.TRANSLATOR) == url
    settings = loads(
        text_of("p", [Draft(Account.TRANSLATOR, {"url": typed, "account": "a"})], default=True), Path("c")
    )
    assert settings.profiles["p"].translator is not None
    assert settings.profiles["p"].translator.url == url


@pytest.mark.parametrize("account", [Account.BEEBOX, Account.INSTANT])
@pytest.mark.parametrize("typed", ["https://b.example/home?x=1", "https://b.example/#projects"])
def test_a_page_of_another_service_is_refused_since_nobody_knows_where_its_api_lies(
    typed: str, account: Account
) -> None:
    draft = Draft(account, {"url": typed, "project": "p", "account": "a", "login": "l"})
    with pytest.raises(SettingsError, match="url: must end before any"):
        loads(text_of("p", [draft], default=True), Path("c"))


@pytest.mark.parametrize(
    "typed", ["https://ann:pw@www.wordbee-translator.com/a#x", "https://wordbee-translator.com.evil/a"]
)
def test_no_page_is_made_of_what_is_none_of_wordbee(typed: str) -> None:
    found = full_url(typed, Account.TRANSLATOR)
    assert found in (
        "https://ann:pw@www.wordbee-translator.com/api",
        "https://wordbee-translator.com.evil/a/api",
    )


@pytest.mark.parametrize("login", ['a"b', "a\\b", "ü ☃", "a'b", "]", "# no comment"])
def test_any_answer_survives_the_file(login: str) -> None:
    draft = Draft(Account.INSTANT, {"url": "u.example", "account": "acme", "login": login})
    settings = loads(text_of("acme.test-1", [draft], default=True), Path("config.toml"))
    instant = settings.profiles["acme.test-1"].instant
    assert instant is not None
    assert instant.login == login


@pytest.mark.parametrize("login", ["a\nb", "a\x7fb", "a\x1b[2Jb", ""])
def test_what_cannot_stand_in_a_configuration_is_refused(tmp_path: Path, login: str) -> None:
    draft = Draft(Account.INSTANT, {"url": "u.example", "account": "acme", "login": login})
    with pytest.raises(SettingsError, match="login"):
        write_profile(tmp_path / "config.toml", "acme", [draft], add=False)
    assert not list(tmp_path.iterdir())


def test_a_new_file_is_for_its_user_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = write_profile(tmp_path / "new" / "config.toml", "acme", [DRAFT, OTHER], add=False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]
    assert load(path).profiles["acme"].accounts() == (Account.TRANSLATOR, Account.INSTANT)


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    with pytest.raises(SettingsError, match="exists already, and is not overwritten"):
        write_profile(path, "acme", [DRAFT], add=False)
    assert path.read_text() == "# mine\n"


def test_a_profile_is_added_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    write_profile(path, "acme", [DRAFT], add=False)
    before = path.read_text()
    write_profile(path, "other", [OTHER], add=True)
    assert path.read_text().startswith(before.rstrip())
    assert tomllib.loads(path.read_text())["default_profile"] == "acme"
    with pytest.raises(SettingsError, match="has a profile other already"):
        write_profile(path, "other", [OTHER], add=True)


def test_the_first_profile_of_an_empty_file_becomes_the_default(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\n[ui]\ntheme = "ansi"\n')
    write_profile(path, "acme", [DRAFT], add=True)
    assert (load(path).default_profile, load(path).ui.theme) == ("acme", "ansi")


def test_a_broken_file_is_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[profiles\n")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        write_profile(path, "acme", [DRAFT], add=True)
    assert path.read_text() == "[profiles\n"


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    link = tmp_path / "config.toml"
    link.symlink_to(tmp_path / "dotfiles.toml")
    assert write_profile(link, "acme", [DRAFT], add=False) == tmp_path / "dotfiles.toml"
    write_profile(link, "other", [OTHER], add=True)
    assert link.is_symlink()
    assert set(load(link).profiles) == {"acme", "other"}


def test_a_folder_that_cannot_be_made_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_profile(tmp_path / "file" / "config.toml", "acme", [DRAFT], add=False)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return make_stage(tmp_path)


@pytest.mark.parametrize("account", Account)
async def test_a_log_in_is_tried_and_given_back(stage: Stage, account: Account) -> None:
    section = stage.profile.section(account)
    assert section is not None
    names = {Account.TRANSLATOR: "TRANSLATOR_KEY"}
    secret = Secret(stage.env[f"WBTUI_{names.get(account, f'{account.upper()}_PASSWORD')}"])
    tried = await try_login(section, secret, stage.around())
    assert tried.error is None
    assert tried.words.startswith("logged in")
    assert tried.seconds > 0
    assert stage.world.open_sessions(stage.clock.now()) == {"translator": 0, "beebox": 0, "instant": 0}


@pytest.mark.parametrize("account", Account)
async def test_a_refusal_is_told_in_the_servers_words(stage: Stage, account: Account) -> None:
    section = stage.profile.section(account)
    assert section is not None
    tried = await try_login(section, Secret("wr0ng-password"), stage.around())
    assert isinstance(tried.error, LoginRefused)
    assert "wr0ng" not in tried.error.message


async def test_a_service_that_is_not_there_is_told(stage: Stage) -> None:
    stage.transport.down = {"beebox.test"}
    assert stage.profile.beebox is not None
    tried = await try_login(stage.profile.beebox, Secret("x"), stage.around())
    assert isinstance(tried.error, NoConnection)
    assert tried.ahead is None


async def test_a_first_start_checks_tests_and_writes(stage: Stage, tmp_path: Path) -> None:
    user = ProfileSetup(tmp_path / "config.toml", stage.around(), short_names=True)
    draft = Draft(Account.TRANSLATOR, {"url": "https://translator.test", "account": "acme"})
    checked = user.checked("main", draft)
    assert checked.answers["url"] == "https://translator.test/api"
    tried = await user.test("main", checked, Secret(stage.env["WBTUI_TRANSLATOR_KEY"]))
    assert tried.error is None
    assert load(user.write("main", [checked], add=False)).default_profile == "main"


async def test_a_draft_that_cannot_be_used_is_told_and_not_sent(stage: Stage, tmp_path: Path) -> None:
    user = ProfileSetup(tmp_path / "config.toml", stage.around(), short_names=True)
    draft = Draft(Account.BEEBOX, {"url": "http://beebox.test", "project": "p", "login": "l"})
    with pytest.raises(SettingsError, match="http:// would send log-ins in clear"):
        user.checked("main", draft)
    tried = await user.test("main", draft, Secret("x"))
    assert isinstance(tried.error, SettingsError)
    assert not stage.face.log


async def test_all_that_is_wrong_with_a_draft_is_told(stage: Stage, tmp_path: Path) -> None:
    user = ProfileSetup(tmp_path / "config.toml", stage.around(), short_names=True)
    with pytest.raises(SettingsError) as caught:
        user.checked(
            "main", Draft(Account.BEEBOX, {"url": "https://beebox.test", "project": "", "login": ""})
        )
    assert str(caught.value) == "project is empty; login is empty"
