"""Questions of a command: on a terminal to its user, else to stdin, one answer a line."""

from __future__ import annotations

import sys
from typing import Final

from wbtui.cli.output import say
from wbtui.cli.prompts import line_of_stdin, prompt, read_line
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import SettingsError
from wbtui.domain.sanitize import safe


class Asker:
    """Asks on stderr, since stdout is for data, and reads answers from stdin."""

    def __init__(self, *, terminal: bool) -> None:
        self.terminal: Final = terminal

    def ask(self, question: str, default: str = "") -> str:
        """Return the answer, or the default for an empty one; raises `SettingsError` at the end of stdin."""
        shown = f"{question} [{default}]: " if default else f"{question}: "
        if self.terminal:
            sys.stderr.write(safe(shown, 300))
            sys.stderr.flush()
        line = line_of_stdin().decode("utf-8", "replace")
        if not line:
            raise SettingsError(f"the input ended before this was answered: {question}")
        return line.strip() or default

    def agrees(self, question: str, *, default: bool) -> bool:
        """Return whether the answer is yes."""
        answer = self.ask(f"{question} ({'Y/n' if default else 'y/N'})")
        return answer.lower() in {"y", "yes"} if answer else default

    def secret(self, account: Account) -> Secret:
        """Return a secret, not echoed on a terminal; it may be empty there."""
        return prompt(account) if self.terminal else read_line(account)

    def tell(self, text: str) -> None:
        """Say something between two questions."""
        say(text)
