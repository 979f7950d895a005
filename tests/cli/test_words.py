"""The words of the command line: help by example, completion, and errors as JSON."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import User
from wbtui.cli.completion import bash, fish, tree, zsh
from wbtui.cli.parser import parser

COMMANDS = tuple(tree(parser()))
NAMES = [" ".join(command.path) for command in COMMANDS]


def complete(words: list[str], folder: Path) -> set[str]:
    """Return what bash offers for the last of these words."""
    script = folder / "completion.bash"
    script.write_text(bash(COMMANDS))
    program = (
        f'source "{script}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wbtui;'
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ended = subprocess.run(
        ["bash", "-c", program, "bash", *words], cwd=folder, capture_output=True, text=True, check=True
    )
    assert not ended.stderr
    return set(ended.stdout.split())


@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        (["wbtui", ""], {"status", "doctor", "--profile"}, {"init", "--wait"}),
        (["wbtui", "sta"], {"status"}, {"wait"}),
        (["wbtui", "config", ""], {"path", "show", "check", "init"}, {"status"}),
        (["wbtui", "config", "init", "--"], {"--add", "--no-check"}, {"--wait"}),
        (["wbtui", "--profile", "x", "login", ""], {"translator", "flex", "--no-check"}, {"status"}),
        (["wbtui", "completion", ""], {"bash", "zsh", "fish"}, {"status"}),
        (["wbtui", "status", "--wait", ""], set(), {"--json"}),
        (["wbtui", "--config", "comp"], {"completion.bash"}, {"completion"}),
        (["wbtui", "send", "comp"], {"completion.bash"}, {"completion"}),
        (["wbtui", "retry", "--source", "comp"], {"completion.bash"}, {"completion"}),
        (["wbtui", "status", "comp"], set(), {"completion.bash"}),
        (["wbtui", "download", "--service", "b"], {"beebox"}, {"flex", "--json"}),
        (["wbtui", "doctor", ""], {"clip", "--offline"}, {"status"}),
    ],
)
def test_bash_offers_what_can_follow(
    tmp_path: Path, words: list[str], offered: set[str], not_offered: set[str]
) -> None:
    found = complete(words, tmp_path)
    assert offered <= found
    assert not not_offered & found


@pytest.mark.parametrize(("shell", "script"), [("zsh", zsh(COMMANDS)), ("fish", fish(COMMANDS))])
def test_the_other_shells_know_every_command_and_option(tmp_path: Path, shell: str, script: str) -> None:
    for command in COMMANDS:
        assert not command.path or command.path[-1] in script
        for option in command.options:
            long = next(name for name in option.names if name.startswith("--"))
            assert (f"-l {long[2:]} " if shell == "fish" else f"'{long}:") in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", str(tmp_path / "script")], check=True, capture_output=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_comes_on_stdout(user: User, shell: str) -> None:
    ended = user.run("completion", shell)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"wbtui completion for {shell}" in ended.stdout


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_the_help_of_each_command_teaches_by_example(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*name.split(), "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert "examples:" in text
    assert f"wbtui {name.split(maxsplit=1)[0]}" in text.partition("examples:")[2]


def examples(text: str) -> list[list[str]]:
    """Return the words of every call of wbtui in the examples of a help text."""
    shown = text.partition("examples:")[2].partition("exit codes:")[0]
    lines = [line.strip() for line in shown.splitlines()]
    commands = [re.split(r"\s{2,}(?=[a-z])", line)[0] for line in lines]  # what stands apart is what it does
    calls = [call for line in commands for call in re.findall(r"\bwbtui\b(?: (?:'[^']*'|[^|<>;)'])*)?", line)]
    return [shlex.split(call)[1:] for call in calls if not call.startswith("wbtui.")]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_each_help_are_right(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args([*name.split(), "--help"])
    found = examples(capsys.readouterr().out)
    assert found
    for words in found:
        # the keys that xargs adds
        arguments = parser(words).parse_args([*words, "1"] if words == ["wait", "--fail-fast"] else words)
        assert arguments.command == ("screen" if not words else words[0])


def test_only_the_words_that_are_needed_are_made_and_they_are_the_same() -> None:
    for name in filter(None, NAMES):
        words = name.split()
        whole = parser(words).format_help().partition("commands:")[0]
        assert whole == parser().format_help().partition("commands:")[0]
        assert set(parser(words)._subparsers._group_actions[0].choices or ()) == {words[0]}  # type: ignore[union-attr]


def test_the_help_names_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    codes = capsys.readouterr().out.partition("exit codes:")[2]
    assert all(f"{code} " in codes for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 130))


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--json", "--nonsense"],
        ["wait", "--json"],
        ["login", "--json", "nonsense"],
        ["status", "--json", "--config", "/no/such/file"],
        ["track", "--json", "1", "--request", "/no/such/file"],
    ],
)
def test_an_error_is_one_json_document_where_json_was_asked_for(user: User, words: list[str]) -> None:
    ended = user.run(*words)
    error = json.loads(ended.stdout)["error"]
    assert ended.returncode == error["exit"] == 2
    assert error["message"] in ended.stderr


def test_what_was_tracked_is_one_json_document(user: User) -> None:
    ended = user.run("track", "--json", "--label", "nightly", "5001", "-", stdin='5002 "x" {')
    document = json.loads(ended.stdout)
    assert ended.returncode == 7
    assert [(item["key"], item["label"]) for item in document["operations"]] == [
        ("op:5001", "nightly"),
        ("op:5002", "nightly"),
    ]
    assert len(document["faults"]) == 2


def test_a_locale_without_unicode_costs_letters_and_nothing_else(user: User) -> None:
    user.env |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = user.run("status", "--plain", "--wait", "0")
    assert ended.returncode in {0, 7}
    assert "Traceback" not in ended.stderr
