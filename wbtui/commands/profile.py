"""Which profile a command line means."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from wbtui.errors import SettingsError
from wbtui.settings import Profile, Settings, choose_profile, config_path, load


def settings_for(arguments: argparse.Namespace, env: Mapping[str, str]) -> Settings:
    """Return the settings named by `--config`, the environment, or the default place."""
    return load(config_path(getattr(arguments, "config", None), env))


def profile_for(arguments: argparse.Namespace, env: Mapping[str, str]) -> tuple[Settings, Profile]:
    """Return settings and profile; raises `SettingsError` for a profile without any service."""
    settings = settings_for(arguments, env)
    profile = choose_profile(settings, getattr(arguments, "profile", None))
    if not profile.services():
        raise SettingsError(
            f"{settings.path}: profile {profile.name} has no service",
            advice=f"Add [profiles.{profile.name}.translator], .beebox or .instant.",
        )
    return settings, profile
