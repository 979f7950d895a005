"""The log-in form: asks for the secret of one account, tries it, and says how that went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen

from wbtui.credentials import LEFT_OUT, Account, Secret
from wbtui.ports_setup import SECRETS, TITLES, LoggedIn
from wbtui.safetext import safe
from wbtui.ui.line_view import LineView
from wbtui.ui.lines import Line, Role, Span, line, wrap
from wbtui.ui.masked import Masked

HELP = "enter tries it and stores it, esc leaves"
LogIn = Callable[[Account, Secret], Awaitable[LoggedIn]]


class LoginScreen(ModalScreen[str | None], inherit_bindings=False):
    """Returns in words how the log-in ended, or None if it was left; the secret stays inside.

    A refused secret is forgotten and can be typed again at once.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,escape", "leave", show=False, priority=True)]

    def __init__(
        self, account: Account, profile: str, sentences: tuple[str, ...], log_in: LogIn, *, ascii_only: bool
    ) -> None:
        super().__init__(classes="ascii" if ascii_only else "")
        self._account = account
        self._profile = profile
        self._sentences = sentences
        self._log_in = log_in
        self._ended = ""

    def compose(self) -> ComposeResult:
        """Yield the words, the field, and what came of it."""
        with Container(id="login-box"):
            yield LineView("login-words")
            yield Masked("login-field", f"{SECRETS[self._account]}: ")
            yield LineView("login-fault")

    def on_mount(self) -> None:
        """Fill it once its width is known."""
        self.set_focus(self.query_one(Masked))
        self.call_after_refresh(self._fill)

    def on_resize(self) -> None:
        """Wrap again at the new width."""
        self.call_after_refresh(self._words)

    def on_key(self, event: events.Key) -> None:
        """Hand a key on that came before the field had the focus."""
        self.query_one(Masked).on_key(event)

    def _fill(self) -> None:
        self.query_one(Masked).clear()
        self._words()
        self._say(HELP, Role.QUIET)

    def _words(self) -> None:
        words = self.query_one("#login-words", LineView)
        title = f"Log in: {TITLES[self._account]}, profile {self._profile}"
        pieces: list[Line] = [line(Span(title, Role.TITLE)), ()]
        for sentence in self._sentences:
            pieces += [line(piece) for piece in wrap(safe(sentence), self._width)]
        words.styles.height = len(pieces) + 1
        words.put(pieces)

    def _say(self, text: str, role: Role) -> None:
        fault = self.query_one("#login-fault", LineView)
        pieces = wrap(safe(text), self._width)
        fault.styles.height = max(1, len(pieces))
        fault.put([line(Span(piece, role)) for piece in pieces])

    @property
    def _width(self) -> int:
        return max(1, self.query_one("#login-box").size.width)

    def on_prompt_finished(self) -> None:
        """Try what was typed."""
        field = self.query_one(Masked)
        secret, trimmed = field.secret, field.trimmed
        if self._ended:
            self.action_leave()
        elif not secret:
            self._again("nothing was typed")
        else:
            field.clear()  # keys pressed while the service is asked begin a new one
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
        self.query_one(Masked).clear()
        self.dismiss(self._ended or None)
