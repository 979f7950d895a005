"""The error family: one class per thing the caller can do about it.

WbtuiError
├── SettingsError            usage or configuration: correct it (exit 2)
├── StoreError               the state file cannot be used
│   ├── StoreTooNew          a newer wbtui is running with it: update, or end that one
│   └── StoreDamaged         set aside, a fresh one was begun
├── SaveError                a file could not be written where it should lie: see why (exit 1)
│   └── BeingSaved           another download of the same file is under way: wait for it
├── NotTaken                 a file came, or lies there, that was not given its name: decide (exit 7)
├── NotOffered               wbtui itself refuses: the item's state or the profile forbids it (exit 1)
├── SourceError              a local file that is to be sent cannot be read: name another (exit 2)
├── SecretError              no secret could be had
│   ├── NoSecret             nothing is stored: store one
│   ├── NoKeyring            this system has no keyring: use another source
│   ├── KeyringLocked        unlock it
│   ├── KeyringSilent        it did not answer in time
│   └── KeyringRefused       the backend keeps secrets in clear, or did not keep them
└── ServiceError             a talk with a service failed
    ├── NoConnection         nothing came back: wait, and try again (exit 3)
    │   ├── SlowFile         a file's first byte did not come in the time given: give it longer (exit 3)
    │   ├── Uncertain        a change was asked for and no clear answer came: look first (exit 3)
    │   └── SessionLeft      a log-in may have been taken, but its answer was lost: let it end (exit 3)
    ├── BadAnswer            something came back that cannot be read (exit 3)
    │   └── NotTheService    a proxy, a firewall or another site answered in its place (exit 3)
    ├── ServerFault          the server failed, 5xx and the like: wait, and try again (exit 3)
    ├── LoginRefused         wrong or barred credentials: ask the user, do not retry (exit 5)
    ├── NotAllowed           logged in, but without the right (exit 5)
    ├── SessionExpired       log in once more, repeat once
    ├── Busy                 the Beebox works and lets nobody in: news, not a fault
    ├── AllowanceUsed        the hourly allowance is used up: rest (exit 6)
    └── Rejected             the server understood and said no (exit 1)
        └── Unknown          it does not know, or no longer knows, the item asked for
"""

from __future__ import annotations


class WbtuiError(Exception):
    """Base of all expected errors; `str()` of any of them may be shown and logged.

    `advice` is one sentence on what the user can do, or empty.
    """

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class SettingsError(WbtuiError):
    """The command line or the configuration file is not usable as it is."""


class StoreError(WbtuiError):
    """The state file cannot be used."""


class StoreTooNew(StoreError):
    """The state file is in use by a newer version."""


class StoreDamaged(StoreError):
    """The state file is damaged and could not even be set aside."""


class SaveError(WbtuiError):
    """A download could not be written: disk full, no right, or something is in the way."""


class BeingSaved(SaveError):
    """Another download of the same file is under way."""


class NotTaken(WbtuiError):
    """A file was left as it is, or stored aside: the server's newest does not lie under its final name."""


class NotOffered(WbtuiError):
    """The action cannot be taken by what is known of the item and the profile; nothing was asked."""


class SourceError(WbtuiError):
    """A local file that is to be sent is not there, cannot be read, or changed meanwhile."""


class SecretError(WbtuiError):
    """No secret could be had from, or given to, the place that was asked."""


class NoSecret(SecretError):
    """Nothing is stored for this account."""


class NoKeyring(SecretError):
    """This system has no keyring service."""


class KeyringLocked(SecretError):
    """The keyring is there but locked."""


class KeyringSilent(SecretError):
    """The keyring did not answer in time."""


class KeyringRefused(SecretError):
    """The keyring's backend does not protect secrets, or did not keep what it was given."""


class ServiceError(WbtuiError):
    """A talk with a service failed; the message is safe to show and names no URL."""


class NoConnection(ServiceError):
    """No answer came: name not found, refused, cut off, timed out, certificate not trusted.

    `unsent` is True if the request certainly never left, so that the server cannot have acted on it.
    """

    def __init__(self, message: str, *, unsent: bool = False, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.unsent = unsent


class SlowFile(NoConnection):
    """The first byte of a file did not come within the time that it was given."""


class Uncertain(NoConnection):
    """A change was asked for, and nobody can tell whether the server made it."""


class SessionLeft(NoConnection):
    """A log-in was sent and its answer was lost, so a session may be open that nobody can close."""


class BadAnswer(ServiceError):
    """An answer came that is not what the service documents: HTML, cut off, wrong types."""


class NotTheService(BadAnswer):
    """Something answered in the place of the service, which has therefore not been reached."""

    ADVICE = "Check the URL; or something on the way, like a proxy, answers in the place of the service."

    def __init__(self, message: str) -> None:
        super().__init__(message, advice=self.ADVICE)


class ServerFault(ServiceError):
    """The server or a proxy failed (5xx and unexpected statuses).

    `retry_after` is the number of seconds it asked to wait, or None if it did not say.
    """

    def __init__(
        self, message: str, *, status: int, retry_after: float | None = None, advice: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.retry_after = retry_after


class LoginRefused(ServiceError):
    """The credentials were refused; asking again with the same ones only makes it worse."""


class NotAllowed(ServiceError):
    """The log-in works, but lacks the right to this call."""


class SessionExpired(ServiceError):
    """The session has ended; the gateway logs in once more and repeats the call once."""


class Busy(ServiceError):
    """The Beebox runs its automatic operations and blocks log-ins meanwhile."""


class AllowanceUsed(ServiceError):
    """The hourly allowance is used up.

    `limit` is the number of calls named by the server, `per_seconds` their period, `retry_after` the
    seconds it asked to wait; each None if it did not say. `ours` is True if our own count stopped the call
    before it was made, so that nothing was learnt of the server.
    """

    def __init__(
        self,
        message: str,
        *,
        limit: int | None = None,
        per_seconds: int | None = None,
        retry_after: float | None = None,
        ours: bool = False,
        advice: str = "",
    ) -> None:
        super().__init__(message, advice=advice)
        self.ours = ours
        self.limit = limit
        self.per_seconds = per_seconds
        self.retry_after = retry_after


class Rejected(ServiceError):
    """The server understood the call and refused it; `error_id` is its stable identifier, if it gave one."""

    def __init__(self, message: str, *, error_id: str = "", status: int = 400, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.error_id = error_id
        self.status = status


class Unknown(Rejected):
    """The server does not know, or no longer knows, the item asked for."""
