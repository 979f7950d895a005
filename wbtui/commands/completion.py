"""`wbtui completion bash|zsh|fish`: scripts made from the parser itself, so that they cannot be behind it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wbtui.commands.exits import Exit
from wbtui.commands.grammar import parser
from wbtui.commands.grammar_parts import OneOf
from wbtui.commands.talk import data


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its spellings, what it is for, and whether a value follows."""

    names: tuple[str, ...]
    meaning: str
    takes_value: bool
    file: bool
    """Whether the value is the name of a file."""


@dataclass(frozen=True, slots=True)
class Command:
    """What can follow one command line so far, such as `config init`."""

    path: tuple[str, ...]
    options: tuple[Option, ...]
    words: Mapping[str, str]
    """Words that can follow, commands or choices, and what they mean."""


def run(arguments: argparse.Namespace, _env: Mapping[str, str]) -> int:
    """Print the script for a shell."""
    commands = tuple(tree(parser()))
    data({"bash": bash, "zsh": zsh, "fish": fish}[arguments.shell](commands))
    return Exit.OK


def tree(whole: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Command]:
    """Yield what the parser takes, command by command."""
    options: list[Option] = []
    words: dict[str, str] = {}
    below: dict[str, argparse.ArgumentParser] = {}
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = dict(action.choices)
            words |= {one.dest: one.help or "" for one in action._choices_actions}
        elif action.option_strings:
            takes = action.nargs != 0
            is_file = action.metavar == "FILE"
            options.append(Option(tuple(action.option_strings), action.help or "", takes, is_file))
        elif isinstance(action.type, OneOf):
            words |= dict.fromkeys(action.type.words, "")
        elif action.choices:
            words |= dict.fromkeys(map(str, action.choices), "")
    yield Command(path, tuple(options), words)
    for name, inner in below.items():
        yield from tree(inner, (*path, name))


def bash(commands: tuple[Command, ...]) -> str:
    """Return the script for bash."""
    cases = "\n".join(f"    {_pattern(c)}) words={shlex.quote(' '.join(_all(c)))} ;;" for c in commands)
    values = sorted({n for c in commands for o in c.options if o.takes_value and not o.file for n in o.names})
    files = sorted({n for c in commands for o in c.options if o.file for n in o.names})
    return f"""\
# wbtui completion for bash
_wbtui() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" path="" words="" i
  case "$previous" in
    {"|".join(files)}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    {"|".join(values)}) COMPREPLY=(); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${{COMP_WORDS[i]}}" in
      {"|".join(f'" {name}"' for name in _paths(commands))}) path="$path ${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "${{path# }}" in
{cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _wbtui wbtui"""


def zsh(commands: tuple[Command, ...]) -> str:
    """Return the script for zsh."""
    cases = "\n".join(f"    {_pattern(c)}) words_=({_zsh_words(c)}) ;;" for c in commands)
    return f"""\
#compdef wbtui
# wbtui completion for zsh
_wbtui() {{
  local path_="" word
  local -a words_
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    case "$path_ $word" in
      {"|".join(f'" {name}"' for name in _paths(commands))}) path_="$path_ $word" ;;
    esac
  done
  if [[ "$words[CURRENT-1]" == --(config|request) ]]; then
    _files
    return
  fi
  case "${{path_# }}" in
{cases}
  esac
  _describe wbtui words_
}}
if [[ "$funcstack[1]" == _wbtui ]]; then _wbtui "$@"; else compdef _wbtui wbtui; fi"""


def _zsh_words(command: Command) -> str:
    options = [(name, option.meaning) for option in command.options for name in option.names]
    pairs = [*command.words.items(), *options]
    # a colon parts word and meaning
    return " ".join(shlex.quote(f"{word}:{meaning.replace(':', ' ')}") for word, meaning in pairs)


def fish(commands: tuple[Command, ...]) -> str:
    """Return the script for fish."""
    lines = ["# wbtui completion for fish", "complete -c wbtui -f"]
    for command in commands:
        condition = f"-n {shlex.quote(_fish_condition(command, commands))}"
        for word, meaning in command.words.items():
            lines.append(f"complete -c wbtui {condition} -a {word} -d {shlex.quote(meaning)}")
        for option in command.options:
            spelt = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
            follows = " -r -F" if option.file else " -x" if option.takes_value else ""
            lines.append(f"complete -c wbtui {condition} {spelt}{follows} -d {shlex.quote(option.meaning)}")
    return "\n".join(lines)


def _fish_condition(command: Command, commands: tuple[Command, ...]) -> str:
    if not command.path:
        return "__fish_use_subcommand"
    seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.path)
    below = [c.path[-1] for c in commands if c.path[:-1] == command.path]
    return f"{seen}; and not __fish_seen_subcommand_from {' '.join(below)}" if below else seen


def _all(command: Command) -> list[str]:
    return [*command.words, *(name for option in command.options for name in option.names)]


def _paths(commands: tuple[Command, ...]) -> list[str]:
    return [" ".join(command.path) for command in commands if command.path]


def _pattern(command: Command) -> str:
    return f'"{" ".join(command.path)}"'
