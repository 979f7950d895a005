"""The configuration file as typed settings: `load`, `choose_profile`; never a secret."""

from __future__ import annotations

from wbtui.config.load import (
    as_started,
    choose_profile,
    faults_of,
    load,
    loads,
    others_who_may_write,
    read_text,
)
from wbtui.config.values import (
    BeeboxSettings,
    ComponentMode,
    ComponentSettings,
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
    "ComponentSettings",
    "ConfirmQuit",
    "FlexSettings",
    "InstantSettings",
    "Profile",
    "Settings",
    "TranslatorSettings",
    "UiSettings",
    "as_started",
    "choose_profile",
    "faults_of",
    "load",
    "loads",
    "others_who_may_write",
    "read_text",
]
