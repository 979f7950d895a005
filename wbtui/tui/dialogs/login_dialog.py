"""The log-in form: asks for the secret of one account, tries it, and says how that went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from wbtui.domain.credentials import LEFT_OUT, Account, Secret
from wbtui.domain.sanitize import sanitize
from wbtui.domain.setup import LoggedIn
from wbtui.tui.dialogs.field import FieldDialog
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Masked

HELP = "enter tries it and stores it, esc leaves"
LogIn = Callable[[Account, Secret], Awaitable[LoggedIn]]


class LoginScreen(FieldDialog, inherit_bindings=False):
    """Returns in words how the log-in ended, or None if it was left; the secret stays inside.

    A refused secret is forgotten and can be typed again at once.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,escape", "leave", show=False, priority=True)]

    def __init__(
        self, account: Account, profile: str, sentences: tuple[str, ...], log_in: LogIn, *, ascii_only: bool
    ) -> None:
        field = Masked("login-field", f"{account.secret_label}: ")
        title = f"Log in: {account.label}, profile {profile}"
        super().__init__("login", field, title, sentences, HELP, ascii_only=ascii_only)
        self._secret = field
        self._account = account
        self._log_in = log_in
        self._ended = ""

    def _say(self, text: str, role: Role) -> None:
        self._said = (text, role)
        pieces = wrap(sanitize(text), self._width)
        self._fault.styles.height = max(1, len(pieces))
        self._fault.put([line(Span(piece, role)) for piece in pieces])

    def on_prompt_finished(self) -> None:
        """Try what was typed."""
        secret, trimmed = self._secret.secret, self._secret.trimmed
        if self._ended:
            self.action_leave()
        elif not secret:
            self._say("nothing was typed", Role.BAD)
        else:
            self._secret.clear()  # keys pressed while the service is asked begin a new one
            self._say("asking the service", Role.LIVE)
            self.run_worker(
                self._try(secret, f" {LEFT_OUT.capitalize()}." if trimmed else ""), exclusive=True
            )

    async def _try(self, secret: Secret, left_out: str) -> None:
        ended = await self._log_in(self._account, secret)
        if ended.error is None:
            self._ended = f"{ended.words}{left_out}"
            self._say(f"{self._ended} ENTER goes on.", Role.PLAIN)
            return
        self._say(f"{ended.error.message} {ended.error.advice}".strip() + left_out, Role.BAD)

    def action_leave(self) -> None:
        """Forget what was typed, and go back."""
        self._secret.clear()
        self.dismiss(self._ended or None)
