"""The log-in form: asks for the secret of one account, tries it, and says how that went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.credentials import LEFT_OUT, Account, Secret
from wbtui.domain.sanitize import sanitize
from wbtui.domain.setup import LoggedIn
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Masked
from wbtui.tui.toolkit.screens import TypingDialog

HELP = "enter tries it and stores it, esc leaves"
LogIn = Callable[[Account, Secret], Awaitable[LoggedIn]]


class LoginScreen(TypingDialog[str | None], inherit_bindings=False):
    """Returns in words how the log-in ended, or None if it was left; the secret stays inside.

    A refused secret is forgotten and can be typed again at once.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,escape", "leave", show=False, priority=True)]

    def __init__(
        self, account: Account, profile: str, sentences: tuple[str, ...], log_in: LogIn, *, ascii_only: bool
    ) -> None:
        super().__init__(ascii_only=ascii_only)
        self._account = account
        self._profile = profile
        self._sentences = sentences
        self._log_in = log_in
        self._ended = ""
        self._said = (HELP, Role.QUIET)
        self._words = LineView("login-words")
        self.field: Masked = Masked("login-field", f"{account.secret_label}: ")
        self._fault = LineView("login-fault")
        self._box = Container(id="login-box")

    def compose(self) -> ComposeResult:
        """Yield the words, the field, and what came of it."""
        with self._box:
            yield self._words
            yield self.field
            yield self._fault

    def draw(self) -> None:
        """Wrap the words to the width."""
        super().draw()
        title = f"Log in: {self._account.label}, profile {self._profile}"
        pieces: list[Line] = [line(Span(title, Role.TITLE)), ()]
        for sentence in self._sentences:
            pieces += [line(piece) for piece in wrap(sanitize(sentence), self._width)]
        self._words.styles.height = len(pieces) + 1
        self._words.put(pieces)
        self._say(*self._said)

    def _say(self, text: str, role: Role) -> None:
        self._said = (text, role)
        pieces = wrap(sanitize(text), self._width)
        self._fault.styles.height = max(1, len(pieces))
        self._fault.put([line(Span(piece, role)) for piece in pieces])

    @property
    def _width(self) -> int:
        return max(1, self._box.size.width)

    def on_prompt_finished(self) -> None:
        """Try what was typed."""
        secret, trimmed = self.field.secret, self.field.trimmed
        if self._ended:
            self.action_leave()
        elif not secret:
            self._again("nothing was typed")
        else:
            self.field.clear()  # keys pressed while the service is asked begin a new one
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
        self._again(f"{ended.error.message} {ended.error.advice}".strip() + left_out)

    def _again(self, why: str) -> None:
        self._say(why, Role.BAD)

    def on_prompt_left(self) -> None:
        """Leave it all as it is."""
        self.action_leave()

    def action_leave(self) -> None:
        """Forget what was typed, and go back."""
        self.field.clear()
        self.dismiss(self._ended or None)
