"""The least of each table of a configuration file, and what is found wrong in a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from wbtui.config import load
from wbtui.domain.errors import SettingsError

TRANSLATOR = '[profiles.acme.translator]\nurl = "https://a.example"\naccount = "acme"\n'
BEEBOX = '[profiles.acme.beebox]\nurl = "https://b.example"\nproject = "p"\nlogin = "m"\n'
INSTANT = '[profiles.acme.instant]\nurl = "https://i.example"\naccount = "a"\nlogin = "ann"\n'
FLEX = TRANSLATOR + "[profiles.acme.translator.flex]\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def fault(folder: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(write(folder, text))
    return caught.value
