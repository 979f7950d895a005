"""Every global option holds before and behind every command, or is refused there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from wbtui.cli.completion import tree
from wbtui.cli.parser import GLOBAL_OPTIONS, GlobalOption, OptionScope, UsageFault, instead, parse, parser

LINES: tuple[list[str], ...] = (
    [],
    ["demo"],
    ["status"],
    ["track", "5001"],
    ["wait", "op:5001"],
    ["download", "--new"],
    ["send", "--project", "1", "--src", "en", "--trgs", "fr", "a.docx"],
    ["retry", "op:5001"],
    ["cancel", "bb:fr:a.docx"],
    ["login"],
    ["logout"],
    ["config", "path"],
    ["config", "show"],
    ["config", "check"],
    ["config", "init"],
    ["doctor"],
    ["completion", "bash"],
)
"""Each command, as shortly as it can be written."""
ONLY = {
    "demo": {OptionScope.SERVER, OptionScope.SCREEN},
    "completion": {OptionScope.SERVER},
    "screen": {OptionScope.SERVER, OptionScope.SCREEN, OptionScope.CONFIGURATION},
}
"""What holds for the commands that are not about a profile alone."""


def parsers(whole: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield whole
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def outcome(words: list[str]) -> argparse.Namespace | str:
    try:
        return parse(words)
    except UsageFault as fault:
        return fault.message


def words_of(option: GlobalOption, name: str) -> list[str]:
    return [name, "value"] if option.metavar else [name]


def test_no_command_is_left_out_and_each_parser_takes_all_of_them() -> None:
    leaves = [each.path for each in tree(parser()) if not each.words or each.path[:1] != ("config",)]
    begun = {tuple(words[: 2 if words[:1] == ["config"] else 1]) for words in LINES}
    assert set(leaves) - {("config",)} == begun
    names = {name for option in GLOBAL_OPTIONS for name in option.names}
    for each in parsers(parser()):
        assert names <= each._option_string_actions.keys(), each.prog


@pytest.mark.parametrize("option", GLOBAL_OPTIONS, ids=lambda option: option.dest)
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_an_option_is_the_same_before_and_behind_a_command(line: list[str], option: GlobalOption) -> None:
    for name in option.names:
        given = words_of(option, name)
        before, behind = outcome([*given, *line]), outcome([*line, *given])
        assert before == behind
        command = parse(line).command
        holds = option.scope in ONLY.get(command, {OptionScope.SERVER, OptionScope.CONFIGURATION})
        if holds:
            assert isinstance(before, argparse.Namespace)
            assert getattr(before, option.dest) == (given[1] if option.metavar else True)
        else:
            assert isinstance(before, str)
            assert before.startswith(f"{option.names[0]}: wbtui {command} ")
    between = outcome([*line[:1], *words_of(option, option.names[0]), *line[1:]])
    assert between == outcome([*line, *words_of(option, option.names[0])])


def test_what_stands_behind_goes_before_what_stands_before() -> None:
    assert parse(["-p", "a", "status", "-p", "b"]).profile == "b"
    assert parse(["status"]).profile is None
    assert parse([]).read_only is False


def test_a_command_that_stands_in_for_another_keeps_what_holds_for_it() -> None:
    given = parse(["--read-only", "--ascii", "-p", "acme"])
    demo, status = instead(given, "demo"), instead(given, "status")
    assert (demo.read_only, demo.ascii, demo.no_mouse, demo.profile) == (True, True, False, None)
    assert (status.read_only, status.ascii, status.profile, status.wait) == (True, False, "acme", 20.0)


@pytest.mark.slow
@pytest.mark.parametrize("words", ["cancel KEY --yes", "retry KEY --yes --source FILE", "send"])
def test_read_only_on_the_command_line_keeps_every_command_from_changing_a_server(
    user: User, words: str
) -> None:
    _, document = user.status("--wait", "0")
    key, file = document["beebox"][0]["key"], user.home / "a.docx"
    file.write_bytes(b"source")
    line = words.replace("FILE", str(file)).split()
    line = [key if word == "KEY" else word for word in line]
    if words == "send":
        line = ["send", "--project", "165", "--src", "en", "--trgs", "fr", str(file), "--yes"]
    ended = [user.run("--read-only", *line), user.run(*line, "--read-only")]
    for each in ended:
        assert each.returncode == (2 if words == "send" else 1)
        said = each.stdout + each.stderr
        assert "wbtui was started with --read-only" in said
        assert "start it without --read-only" in said
        assert "read_only = true" not in said
    asked = list(user.running.api.log)
    changed = {entry.path for entry in asked if entry.method in {"PUT", "DELETE"}}
    assert changed <= {"/api/auth/token", "/api/disconnect"}
    assert not [entry.path for entry in asked if "workflows" in entry.path or "upload" in entry.path]


@pytest.mark.slow
def test_the_demo_keeps_to_what_stands_before_it(user: User) -> None:
    with pseudo(["--ascii", "--read-only", "demo"], user.environment()) as program:
        program.until("[DEMO] [READ-ONLY]", "Beebox 240", seconds=30)
        # names of files keep their letters; what wbtui draws itself is ASCII
        assert not re.search("[\u2018-\u2026\u2190-\u27bf]", program.picture.text())
        program.press("q")
        assert program.ended(seconds=5.0) == 0


@pytest.mark.parametrize("option", ["--read-only", "--ascii", "--no-mouse"])
def test_services_alone_refuse_what_concerns_a_client(user: User, option: str) -> None:
    ended = user.run("demo", "--serve", option)
    assert ended.returncode == 2
    assert f"{option}: demo --serve runs the services alone" in ended.stderr
