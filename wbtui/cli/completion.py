"""`wbtui completion bash|zsh|fish`: scripts made from the parser itself, so that they cannot be behind it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping

from wbtui.cli.exit_codes import Exit
from wbtui.cli.output import data
from wbtui.cli.parser import OneOf, Parser, parser
from wbtui.domain.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its spellings, what it is for, and whether a value follows."""

    names: tuple[str, ...]
    meaning: str
    takes_value: bool
    file: bool
    """Whether the value is the name of a file."""
    choices: tuple[str, ...] = ()
    """What the value may be, if that is known."""


@dataclass(frozen=True, slots=True)
class CompletedCommand:
    """What can follow one command line so far, such as `config init`."""

    path: tuple[str, ...]
    options: tuple[Option, ...]
    words: Mapping[str, str]
    """Words that can follow, commands or choices, and what they mean."""
    files: bool
    """Whether names of files can follow."""


def run(arguments: argparse.Namespace, _env: Mapping[str, str]) -> int:
    """Print the script for a shell."""
    commands = tuple(tree(parser()))
    data({"bash": bash, "zsh": zsh, "fish": fish}[arguments.shell](commands))
    return Exit.OK


def tree(whole: Parser, path: tuple[str, ...] = ()) -> Iterator[CompletedCommand]:
    """Yield what the parser takes, command by command."""
    options: list[Option] = []
    words = {name: summary for name, (summary, _) in whole.commands.items()}
    files = False
    for action in whole.arguments:
        if action.help == argparse.SUPPRESS:
            continue  # a global option that is refused here
        if action.option_strings:
            options.append(_option(action))
        elif isinstance(action.type, OneOf):
            words |= dict.fromkeys(action.type.words, "")
        elif action.choices:
            words |= dict.fromkeys(map(str, action.choices), "")
        else:
            files = files or _is_file(action)
    yield CompletedCommand(path, tuple(options), words, files)
    for name, (_, inner) in whole.commands.items():
        yield from tree(inner, (*path, name))


def _option(action: argparse.Action) -> Option:
    choices = tuple(map(str, action.choices or ()))
    names = tuple(action.option_strings)
    return Option(names, action.help or "", action.nargs != 0, _is_file(action), choices)


def _is_file(action: argparse.Action) -> bool:
    return action.metavar in {"FILE", "FOLDER"}


def bash(commands: tuple[CompletedCommand, ...]) -> str:
    """Return the script for bash."""
    cases = "\n".join(f"    {_pattern(c)}) {_bash_case(c)} ;;" for c in commands)
    options = [option for command in commands for option in command.options]
    files = sorted({name for option in options if option.file for name in option.names})
    values = sorted({name for option in options if option.takes_value for name in option.names} - {*files})
    chosen = {name: " ".join(option.choices) for option in options if option.choices for name in option.names}
    choices = "\n".join(
        f"    {name}) COMPREPLY=($(compgen -W '{words}' -- \"$current\")); return ;;"
        for name, words in chosen.items()
    )
    return f"""\
# wbtui completion for bash
_wbtui() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local path="" words="" files="" i IFS=$' \\t\\n'
  case "$previous" in
    {"|".join(files)}) IFS=$'\\n' COMPREPLY=($(compgen -f -- "$current")); _wbtui_files; return ;;
{choices}
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
  if [ -n "$files" ]; then
    IFS=$'\\n' COMPREPLY+=($(compgen -f -- "$current"))
    _wbtui_files
  fi
}}
_wbtui_files() {{
  compopt -o filenames 2>/dev/null || true
}}
complete -F _wbtui wbtui"""


def zsh(commands: tuple[CompletedCommand, ...]) -> str:
    """Return the script for zsh."""
    cases = "\n".join(f"    {_pattern(c)}) {_zsh_case(c)} ;;" for c in commands)
    options = [option for command in commands for option in command.options]
    files = "|".join(sorted({name for option in options if option.file for name in option.names}))
    chosen = {name: " ".join(option.choices) for option in options if option.choices for name in option.names}
    choices = "\n".join(f"    {name}) compadd -- {words}; return ;;" for name, words in chosen.items())
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
  if [[ "$words[CURRENT-1]" == ({files}) ]]; then
    _files
    return
  fi
  case "$words[CURRENT-1]" in
{choices}
  esac
  case "${{path_# }}" in
{cases}
  esac
  _describe wbtui words_
}}
if [[ "$funcstack[1]" == _wbtui ]]; then _wbtui "$@"; else compdef _wbtui wbtui; fi"""


def _bash_case(command: CompletedCommand) -> str:
    words = [*command.words, *(name for option in command.options for name in option.names)]
    return f"words={shlex.quote(' '.join(words))}{' files=1' if command.files else ''}"


def _zsh_case(command: CompletedCommand) -> str:
    return f"words_=({_zsh_words(command)}){'; _files' if command.files else ''}"


def _zsh_words(command: CompletedCommand) -> str:
    options = [(name, option.meaning) for option in command.options for name in option.names]
    pairs = [*command.words.items(), *options]
    # a colon parts word and meaning
    return " ".join(shlex.quote(f"{word}:{meaning.replace(':', ' ')}") for word, meaning in pairs)


def fish(commands: tuple[CompletedCommand, ...]) -> str:
    """Return the script for fish."""
    lines = ["# wbtui completion for fish", "complete -c wbtui -f"]
    for command in commands:
        condition = f"-n {shlex.quote(_fish_condition(command, commands))}"
        if command.files:
            lines.append(f"complete -c wbtui {condition} -F")
        for word, meaning in command.words.items():
            lines.append(f"complete -c wbtui {condition} -a {word} -d {shlex.quote(meaning)}")
        for option in command.options:
            spelt = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
            follows = " -r -F" if option.file else " -x" if option.takes_value else ""
            follows += f" -a {shlex.quote(' '.join(option.choices))}" if option.choices else ""
            lines.append(f"complete -c wbtui {condition} {spelt}{follows} -d {shlex.quote(option.meaning)}")
    return "\n".join(lines)


def _fish_condition(command: CompletedCommand, commands: tuple[CompletedCommand, ...]) -> str:
    if not command.path:
        return "__fish_use_subcommand"
    seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.path)
    below = [c.path[-1] for c in commands if c.path[:-1] == command.path]
    return f"{seen}; and not __fish_seen_subcommand_from {' '.join(below)}" if below else seen


def _paths(commands: tuple[CompletedCommand, ...]) -> list[str]:
    return [" ".join(command.path) for command in commands if command.path]


def _pattern(command: CompletedCommand) -> str:
    return f'"{" ".join(command.path)}"'
