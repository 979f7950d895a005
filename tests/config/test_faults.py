"""Each fault of a configuration file is named with file, table and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.texts import BEEBOX, FLEX, INSTANT, TRANSLATOR, fault, write
from wbtui.config import faults_of, load

T = "[profiles.acme.translator] "
F = "[profiles.acme.translator.flex] "
B = "[profiles.acme.beebox] "
N = "[profiles.acme.instant] "

FAULTS = [
    ('default_profil = "a"', "unknown key 'default_profil'; did you mean 'default_profile'?"),
    ("zzz = 1", "unknown key 'zzz'; known: default_profile, profiles, ui"),
    ("[profile.acme]", "unknown table 'profile'; did you mean 'profiles'?"),
    ("profiles = 3", "profiles: expected a table, found a whole number"),
    ("ui = true", "ui: expected a table, found true or false"),
    ("default_profile = 1", "default_profile: expected text, found a whole number"),
    (
        'default_profile = "acne"\n[profiles.acme]',
        "default_profile: no profile 'acne'; did you mean 'acme'?",
    ),
    ('default_profile = "x"\n[profiles.acme]', "default_profile: no profile 'x'; known: acme"),
    ('default_profile = "x"', "default_profile: no profile 'x'; there are none yet"),
    ("[a]\nx = [", "is not valid TOML: Invalid value (at end of document)"),
    (
        "x = 1\ny z",
        "is not valid TOML: Expected '=' after a key in a key/value pair (at line 2, column 3)",
    ),
    ("x = " + "[" * 5000, "is nested too deeply"),
    ('[ui]\ntheem = "x"', "[ui] unknown key 'theem'; did you mean 'theme'?"),
    ("[ui]\nremember_view = 1", "[ui] remember_view: expected true or false, found a whole number"),
    ("[ui]\ndetails_lines = 21", "[ui] details_lines: must be between 0 and 20, not 21"),
    ("[ui]\ndetails_lines = true", "[ui] details_lines: expected a whole number, found true or false"),
    (
        "[ui]\ndetails_lines = 2.0",
        "[ui] details_lines: expected a whole number, found a number with a fraction",
    ),
    (
        "[ui]\ndetails_lines = 0x" + "f" * 5000,
        "[ui] details_lines: must be between 0 and 20, not such a long number",
    ),
    (
        "[ui]\ndetails_lines = 1.5",
        "[ui] details_lines: expected a whole number, found a number with a fraction",
    ),
    (
        '[ui]\nconfirm_quit = "yes"',
        "[ui] confirm_quit: 'yes' is not one of always, downloads, never",
    ),
    (
        '[ui]\nconfirm_quit = "a\\u001b"',
        r"[ui] confirm_quit: 'a\x1b' is not one of always, downloads, never",
    ),
    ('[ui]\non_done = "echo \'x"', "[ui] on_done: cannot be split into words: No closing quotation"),
    ("[ui]\ntheme = 2020-01-01", "[ui] theme: expected text, found a date or time"),
    ('[ui]\ntheme = "a\\u001b"', "[ui] theme: contains characters that cannot be printed"),
    ('[ui.keys]\nquit = ["q"]', "[ui.keys] quit: expected text, found a list"),
    ('[ui.keys]\nquit = ""', "[ui.keys] quit is empty"),
    ("[profiles]\nacme = 1", "[profiles] acme: expected a table, found a whole number"),
    (
        '[profiles."a/b"]',
        "[profiles] 'a/b': a profile's name has letters, digits, '.', '-' and '_' only",
    ),
    (
        '[profiles."..\\u001b"]',
        r"[profiles] '..\x1b': a profile's name has letters, digits, '.', '-' and '_' only",
    ),
    ("[profiles.acme.beebx]", "[profiles.acme] unknown table 'beebx'; did you mean 'beebox'?"),
    (
        "[profiles.acme.pipeline]",
        "[profiles.acme] unknown table 'pipeline'; "
        "known: beebox, color, danger, downloads, file_seconds, instant, on_newer, read_only, translator",
    ),
    ('[profiles.acme]\nread_only = "no"', "[profiles.acme] read_only: expected true or false, found text"),
    ('[profiles.acme]\ndownloads = ""', "[profiles.acme] downloads: is empty"),
    (
        '[profiles.acme]\ndownloads = "~nosuchuser9/x"',
        "[profiles.acme] downloads: the home folder of that user is not known",
    ),
    (
        '[profiles.acme]\ncolor = "pink"',
        "[profiles.acme] color: 'pink' is not one of black, red, green, yellow, blue, magenta, cyan, white",
    ),
    ('[profiles."a.b"]\nx = 1', "[profiles.'a.b'] unknown key 'x'; known: "),
    ('[profiles.acme.translator]\naccount = "a"', T + "url is missing"),
    (
        '[profiles.acme.translator]\nurl = "https://a.example"',
        T + "account is missing",
    ),
    (
        TRANSLATOR + "poll_secnds = 3",
        T + "unknown key 'poll_secnds'; did you mean 'poll_seconds'?",
    ),
    (
        TRANSLATOR + "poll_seconds = 1",
        T + "poll_seconds: must be between 2 and 86400, not 1",
    ),
    (
        TRANSLATOR + 'poll_seconds = "5"',
        T + "poll_seconds: expected a whole number, found text",
    ),
    (
        TRANSLATOR + "calls_per_hour = 50",
        T + "calls_per_hour: must be between 60 and 1000000, not 50",
    ),
    (
        TRANSLATOR + 'ca_file = "/no/ca.pem"',
        T + "ca_file: '/no/ca.pem': there is no such file",
    ),
    (
        TRANSLATOR + 'secret_command = "pass \\"x"',
        T + "secret_command: cannot be split into words: No closing quotation",
    ),
    (
        FLEX + "documents = [1000]",
        F + 'documents: expected texts such as "1000" or "c300", found a whole number',
    ),
    (FLEX + 'documents = "1000"', F + "documents: expected a list, found text"),
    (
        FLEX + 'documents = ["x1"]',
        F + 'documents: \'x1\' is no id; one looks like "1000" or "c300"',
    ),
    (
        FLEX + 'metric = "StatusNotOk"',
        F + "metric: 'StatusNotOk' is not one of StatusNoneOk, StatusOk, BookmarkBlue",
    ),
    (FLEX + 'changed = "8d"', F + 'changed: \'8d\' is no time from "1h" to "7d"'),
    (FLEX + 'changed = "0h"', F + 'changed: \'0h\' is no time from "1h" to "7d"'),
    (
        FLEX + 'changed = "30m"',
        F + 'changed: \'30m\' is no time from "1h" to "7d"',
    ),
    (FLEX + "changed = 24", F + "changed: expected text, found a whole number"),
    (
        FLEX + f"components = {['c'] * 501}",
        F + "components: has 501 entries, at most 500 are possible",
    ),
    (
        FLEX + 'locales = [""]',
        F + "locales: contains an empty text or characters that cannot be printed",
    ),
    (
        FLEX + 'component = { mode = "prefix" }',
        "[profiles.acme.translator.flex.component] mode: 'prefix' is not one of "
        "Plain, Prefix, Suffix, Infix, Wildcards, Regex, Empty",
    ),
    (
        FLEX + 'component = { valeu = "x" }',
        "[profiles.acme.translator.flex.component] unknown key 'valeu'; did you mean 'value'?",
    ),
    (
        BEEBOX + "poll_seconds = 4",
        B + "poll_seconds: must be between 5 and 86400, not 4",
    ),
    (
        BEEBOX + 'pattern = "(a"',
        B + "pattern: is no regular expression: missing ), unterminated subpattern at position 0",
    ),
    (
        BEEBOX + 'pattern = "a{99999999999}"',
        B + "pattern: is no regular expression: the repetition number is too large",
    ),
    (BEEBOX.replace('"p"', '" "'), B + "project is empty"),
    (BEEBOX.replace('login = "m"', ""), B + "login is missing"),
    (
        INSTANT + "poll_seconds = 3",
        N + "poll_seconds: must be between 5 and 86400, not 3",
    ),
    (
        INSTANT + "list_minutes = -1",
        N + "list_minutes: must be between 0 and 10080, not -1",
    ),
    (INSTANT + "purge_days = 0", N + "purge_days: must be between 1 and 3650, not 0"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message[:70] for _, message in FAULTS])
def test_a_fault_is_named_with_file_table_and_key(tmp_path: Path, text: str, message: str) -> None:
    found = str(fault(tmp_path, text))
    if message.endswith("known: "):
        assert found.startswith(f"{tmp_path}/config.toml: {message}")
    else:
        assert found == f"{tmp_path}/config.toml: {message}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("a.example/api", "is no web address; one looks like https://host.example/api"),
        ("ftp://a.example", "is no web address; one looks like https://host.example/api"),
        ("https://", "is no web address; one looks like https://host.example/api"),
        ("https://a.example:port", "is no web address; one looks like https://host.example/api"),
        ("https://a.example:99999", "is no web address; one looks like https://host.example/api"),
        ("https://a example", "is no web address; one looks like https://host.example/api"),
        ("https://[::1", "is no web address; one looks like https://host.example/api"),
        ("https://ann:hunter2@a.example", "must not contain a user name or password"),
        ("https://a.example/?token=hunter2", "must end before any '?' or '#'"),
        ("https://a.example/#hunter2", "must end before any '?' or '#'"),
        ("http://a.example", "http:// would send log-ins in clear; use https://"),
        ("http://127.0.0.1.example", "http:// would send log-ins in clear; use https://"),
        ("http://localhost.example", "http:// would send log-ins in clear; use https://"),
        ("http://10.0.0.1", "http:// would send log-ins in clear; use https://"),
    ],
)
def test_a_wrong_address_is_refused_and_not_shown(tmp_path: Path, url: str, message: str) -> None:
    error = fault(tmp_path, BEEBOX.replace("https://b.example", url))
    assert str(error) == f"{tmp_path}/config.toml: [profiles.acme.beebox] url: {message}"
    assert "hunter2" not in str(error) + error.advice


def test_plain_http_is_refused_with_the_key_that_allows_it(tmp_path: Path) -> None:
    error = fault(tmp_path, BEEBOX.replace("https:", "http:"))
    assert error.advice == "If the network is trusted, put allow_http = true into this table."


@pytest.mark.parametrize(
    ("text", "where", "command"),
    [
        (TRANSLATOR + "key = 'hunter2'", "[profiles.acme.translator] key", "translator --profile acme"),
        (
            TRANSLATOR + "api-key = 'hunter2'",
            T + "api-key",
            "translator --profile acme",
        ),
        (BEEBOX + "password = 'hunter2'", "[profiles.acme.beebox] password", "beebox --profile acme"),
        (INSTANT + "pwd = 'hunter2'", "[profiles.acme.instant] pwd", "instant --profile acme"),
        (FLEX + "secret = 'hunter2'", "[profiles.acme.translator.flex] secret", "translator --profile acme"),
        ("[profiles.acme]\npassword = 'hunter2'", "[profiles.acme] password", "--profile acme"),
        ("[profiles.acme.other]\nPassword = 'hunter2'", "[profiles.acme.other] Password", "--profile acme"),
        ("[ui]\nsecret = 'hunter2'", "[ui] secret", ""),
        ("key = 'hunter2'", "key", ""),
        ("[other.one]\nsecret = 'hunter2'", "[other.one] secret", ""),
        ("[profiles.acme]\npassword = 12345", "[profiles.acme] password", "--profile acme"),
    ],
)
def test_a_secret_is_refused_with_the_command_that_stores_it(
    tmp_path: Path, text: str, where: str, command: str
) -> None:
    error = fault(tmp_path, text)
    assert str(error) == f"{tmp_path}/config.toml: {where}: secrets do not belong into this file"
    advice = f"Take it out, and store it with: {' '.join(f'wbtui login {command}'.split())}"
    assert error.advice.splitlines()[0] == advice
    assert "hunter2" not in str(error) + error.advice


def test_a_table_may_be_called_like_a_secret(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[profiles.secret]")).profiles["secret"].name == "secret"


SEVERAL = """\
default_profile = "acne"
theem = "dark"
[ui]
details_lines = 99
bell = "yes"
[profiles."a/b"]
[profiles.acme]
color = "pink"
read_only = "no"
[profiles.acme.translator]
url = "http://a.example?x=1"
calls_per_hour = "many"
pol_seconds = 3
[profiles.acme.translator.flex]
documents = ["x1", "x2"]
changed = "9d"
[profiles.acme.beebox]
url = 3
project = "p"
password = "hunter2"
[profiles.Acme]
"""


def test_all_faults_are_named_at_once_each_with_its_table_and_key(tmp_path: Path) -> None:
    file = write(tmp_path, SEVERAL)
    found = [str(each).removeprefix(f"{file}: ") for each in faults_of(file)]
    assert sorted(found) == sorted([
        B + "password: secrets do not belong into this file",
        "unknown key 'theem'; known: default_profile, profiles, ui",
        "[profiles] 'a/b': a profile's name has letters, digits, '.', '-' and '_' only",
        "[profiles.acme] color: 'pink' is not one of "
        "black, red, green, yellow, blue, magenta, cyan, white",
        T + "unknown key 'pol_seconds'; did you mean 'poll_seconds'?",
        T + "url: must end before any '?' or '#'",
        T + "account is missing",
        T + "calls_per_hour: expected a whole number, found text",
        F + 'documents: \'x1\' is no id; one looks like "1000" or "c300"',
        F + 'changed: \'9d\' is no time from "1h" to "7d"',
        B + "url: expected text, found a whole number",
        B + "login is missing",
        "[profiles.acme] read_only: expected true or false, found text",
        "profiles 'acme' and 'Acme' would share the variable WBTUI_ACME_TRANSLATOR_KEY",
        "default_profile: no profile 'acne'; did you mean 'acme'?",
        "[ui] details_lines: must be between 0 and 20, not 99",
        "[ui] bell: expected true or false, found text",
    ])  # fmt: skip
    assert not any("hunter2" in f"{each} {each.advice}" for each in faults_of(file))
    assert "16 more faults; to see all: wbtui config check" in fault(tmp_path, SEVERAL).advice


def test_a_file_without_faults_has_none_and_one_that_is_no_toml_has_one(tmp_path: Path) -> None:
    assert faults_of(write(tmp_path, TRANSLATOR + BEEBOX + INSTANT)) == ()
    assert [str(each) for each in faults_of(write(tmp_path, "x = "))] == [
        f"{tmp_path}/config.toml: is not valid TOML: Invalid value (at end of document)"
    ]
    (missing,) = faults_of(tmp_path / "none.toml")
    assert "there is no such file" in missing.message
