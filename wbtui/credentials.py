"""Secrets in a type that does not print, and the log-in values of the three accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Account(StrEnum):
    """The three log-ins of a profile; Operations and Flex share the translator's."""

    TRANSLATOR = "translator"
    BEEBOX = "beebox"
    INSTANT = "instant"


SECRET_VARIABLES: Final[Mapping[Account, str]] = {
    Account.TRANSLATOR: "WBTUI_TRANSLATOR_KEY",
    Account.BEEBOX: "WBTUI_BEEBOX_PASSWORD",
    Account.INSTANT: "WBTUI_INSTANT_PASSWORD",
}
"""The environment variable of each account."""


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment as other programs may have it."""
    return {name: value for name, value in env.items() if name not in SECRET_VARIABLES.values()}


class Secret:
    """A key, password or session token that shows itself nowhere.

    `repr`, `str`, formatting, pickling and comparison never give the value away; `reveal` does, and is
    called in one line of `gateways/_http.py` and in `vault.py` where the value crosses into the keyring.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('********')"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")


@dataclass(frozen=True, slots=True)
class TranslatorLogin:
    """What `auth/token` of Translator API 2 asks for."""

    account: str
    key: Secret


@dataclass(frozen=True, slots=True)
class BeeboxLogin:
    """What the Beebox `connect` asks for; `project` is the project's key, not its name."""

    project: str
    login: str
    password: Secret


@dataclass(frozen=True, slots=True)
class InstantLogin:
    """What the User API's `connect` asks for; the domain `InstantTranslation` is added by the gateway."""

    account: str
    login: str
    password: Secret
