"""`wbtui logout`: keys and passwords out of the system keyring."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence

from wbtui.cli.chosen import profile_for
from wbtui.cli.exit_codes import exit_for, exit_of
from wbtui.cli.login import accounts_for
from wbtui.cli.output import complain, document, error_to_json, say
from wbtui.config import Profile
from wbtui.domain.credentials import Account, set_variable
from wbtui.domain.errors import SecretError
from wbtui.secrets.vault import KeyringVault


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Remove the secret of each service from the keyring; return the exit code."""
    _, profile = profile_for(arguments, env)
    vault = KeyringVault(env)
    accounts = accounts_for(arguments.services, profile)
    ends = dict(zip(accounts, asyncio.run(_forget_all(profile, accounts, vault)), strict=True))
    for account, end in ends.items():
        _tell(account, end, set_variable(env, profile.name, account, short_names=profile.short_names))
    if arguments.json:
        members = {account.value: _to_json(end) for account, end in ends.items()}
        document({"profile": profile.name, "accounts": members})
    return exit_of(exit_for(end if isinstance(end, SecretError) else None) for end in ends.values())


async def _forget_all(
    profile: Profile, accounts: Sequence[Account], vault: KeyringVault
) -> list[bool | SecretError]:
    """Ask side by side: a keyring that hangs costs its time once."""
    return await asyncio.gather(*(_forget(profile, account, vault) for account in accounts))


async def _forget(profile: Profile, account: Account, vault: KeyringVault) -> bool | SecretError:
    try:
        return await vault.delete(profile.name, account)
    except SecretError as error:
        return error


def _tell(account: Account, end: bool | SecretError, variable: str) -> None:
    if isinstance(end, SecretError):
        complain(type(end)(f"{account}: {end.message}", advice=""))
        return
    say(f"{account}: {'removed from the system keyring' if end else 'nothing was stored'}")
    if variable:
        say(f"       {variable} is still set.")


def _to_json(end: bool | SecretError) -> dict[str, object]:
    if isinstance(end, SecretError):
        return {"removed": False, "error": error_to_json(end, exit_for(end))}
    return {"removed": end, "error": None}
