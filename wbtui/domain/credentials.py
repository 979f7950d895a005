"""Secrets in a type that does not print, and the log-in values of the three accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

from wbtui.domain.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SetupQuestion:
    """One thing to ask for at set-up: the key it has in the configuration, and how it is asked."""

    key: str
    text: str
    example: str


class Account(StrEnum):
    """The three log-ins of a profile, by their tables in the configuration.

    Operations and Flex share the translator's.
    """

    label: str
    """What its user knows it by."""
    secret_label: str
    """What stands before the field of its secret."""
    secret_words: str
    """What its secret is called in a sentence."""
    short_variable: str
    """The environment variable without a profile's name, which serves a profile that nobody named."""
    questions: tuple[SetupQuestion, ...]
    """What is needed besides the secret, in the order in which it is asked."""

    TRANSLATOR = (
        "translator",
        "Translator API 2 (Operations and Flex)",
        "API key",
        "key of the Translator API",
        "WBTUI_TRANSLATOR_KEY",
        SetupQuestion("url", "URL", "https://acme.eu.wordbee-translator.com"),
        SetupQuestion("account", "Account id", "acme"),
    )
    BEEBOX = (
        "beebox",
        "Beebox",
        "Password",
        "password of the Beebox",
        "WBTUI_BEEBOX_PASSWORD",
        SetupQuestion("url", "URL", "https://beebox.acme.example"),
        SetupQuestion("project", "Project key", "0f7c52a4-..."),
        SetupQuestion("login", "Login", "monitor"),
    )
    INSTANT = (
        "instant",
        "Instant Translation",
        "Password",
        "password for Instant Translation",
        "WBTUI_INSTANT_PASSWORD",
        SetupQuestion("url", "URL", "https://userapi.acme.example"),
        SetupQuestion("account", "Account", "acme"),
        SetupQuestion("login", "Login", "ann"),
    )

    def __new__(
        cls,
        value: str,
        label: str = "",
        secret_label: str = "",
        secret_words: str = "",
        short_variable: str = "",
        *questions: SetupQuestion,
    ) -> Self:
        """Make a member; the defaults serve mypy alone, since an account is also looked up by its value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.secret_label = secret_label
        member.secret_words = secret_words
        member.short_variable = short_variable
        member.questions = questions
        return member


FROM_FILE: Final = "_FILE"
"""What a variable ends in that holds the path of a file with the secret."""
_PREFIX: Final = "WBTUI_"
_SECRET_VARIABLE: Final = re.compile(
    f"{_PREFIX}(?:.+_)?(?:{'|'.join(account.short_variable.removeprefix(_PREFIX) for account in Account)})"
    f"(?:{FROM_FILE})?",
    re.DOTALL,
)
_BLANKS: Final = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
"""What is no part of a secret at either end of it: blanks of all widths, line ends, byte order marks."""


def profile_in_variables(profile: str) -> str:
    """Return a profile's name as it stands in the names of its variables: ACME_TEST for acme-test."""
    return re.sub("[^A-Z0-9]", "_", profile.upper())


def variable_of(profile: str, account: Account) -> str:
    """Return the environment variable for a profile's account, such as WBTUI_ACME_TRANSLATOR_KEY.

    It holds the secret; with `FROM_FILE` at its end the path of a file that does.
    """
    short = account.short_variable.removeprefix(_PREFIX)
    return f"{_PREFIX}{profile_in_variables(profile)}_{short}"


def set_variable(env: Mapping[str, str], profile: str, account: Account, *, short_names: bool) -> str:
    """Return the variable that an account's secret is taken from, or an empty text if none is set.

    With `short_names` those without the profile's name serve as well, after those with it.
    """
    stems = [variable_of(profile, account), *([account.short_variable] if short_names else ())]
    names = [name for stem in stems for name in (stem, f"{stem}{FROM_FILE}")]
    return next((name for name in names if env.get(name, "").strip(_BLANKS)), "")


def is_secret_variable(name: str) -> bool:
    """Return whether an environment variable holds a secret of any profile, or says where one lies."""
    return _SECRET_VARIABLE.fullmatch(name) is not None


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment as other programs may have it."""
    return {name: value for name, value in env.items() if not is_secret_variable(name)}


def entered(text: str) -> tuple[Secret, bool]:
    """Return a key or password without what was pasted around it, and whether there was anything."""
    bare = text.strip(_BLANKS)
    return Secret(bare), bare != text


LEFT_OUT: Final = "blanks or line ends around it were left out"
"""What is said of a secret that `entered` has trimmed."""


class Secret:
    """A key, password or session token that shows itself nowhere.

    `repr`, `str`, formatting, pickling and comparison never give the value away; `reveal` does, and is
    called in three lines: in `wordbee/http.py` for a request, in `wordbee/http_safety.py` to redact what a
    server repeats, and in `secrets/vault.py` on its way into the keyring.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def trimmed(self) -> tuple[Secret, bool]:
        """Return it as `entered` does."""
        return entered(self._value)

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
