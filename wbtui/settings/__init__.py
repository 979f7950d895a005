"""The configuration file as typed settings: `config_path`, `load`, `choose_profile`; never a secret."""

from __future__ import annotations

from wbtui.settings.load import as_started, choose_profile, config_path, load, loads, read_text, store_path
from wbtui.settings.values import (
    BeeboxSettings,
    ComponentMode,
    ConfirmQuit,
    FlexSettings,
    InstantSettings,
    Profile,
    Settings,
    TranslatorSettings,
    UiSettings,
)

__all__ = [
    "BeeboxSettings",
    "ComponentMode",
    "ConfirmQuit",
    "FlexSettings",
    "InstantSettings",
    "Profile",
    "Settings",
    "TranslatorSettings",
    "UiSettings",
    "as_started",
    "choose_profile",
    "config_path",
    "load",
    "loads",
    "read_text",
    "store_path",
]
