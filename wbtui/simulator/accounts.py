"""The three log-ins of the simulated customer, derived from the seed: a test knows what to look for."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from wbtui.simulator.plan import Plan


@dataclass(frozen=True, slots=True)
class Accounts:
    """What each service asks for; values are invented and open nothing but the simulation."""

    translator_account: str
    translator_key: str
    beebox_project: str
    beebox_login: str
    beebox_password: str
    instant_account: str
    instant_login: str
    instant_password: str

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Return the log-ins of this plan's seed."""
        chance = plan.chance("accounts")
        letters = string.ascii_letters + string.digits

        def word(length: int) -> str:
            return "".join(chance.choice(letters) for _ in range(length))

        return cls(
            translator_account="acme",
            translator_key=str(UUID(int=chance.getrandbits(128))).upper(),
            beebox_project=str(UUID(int=chance.getrandbits(128))),
            beebox_login="monitor",
            beebox_password=word(20) + "&+",
            instant_account="acme",
            instant_login="ann",
            instant_password=word(20) + "#ü",
        )
