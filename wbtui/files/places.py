"""Where the configuration and the state files lie, and on what kind of disk."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from wbtui.domain.errors import SettingsError, SourceError
from wbtui.domain.sanitize import sanitize
from wbtui.files.user_files import read_file, typed_path


def config_path(override: str | None, env: Mapping[str, str]) -> Path:
    """Return where the configuration lies: `--config`, else `WBTUI_CONFIG`, else the user's own folder.

    Raises `SettingsError` where no home folder is known.
    """
    named = override or env.get("WBTUI_CONFIG", "")
    if named:
        try:
            return typed_path(named)
        except SourceError as error:
            advice = "Set HOME, or write the path as one that begins with /."
            raise SettingsError(f"{sanitize(named, 300)}: {error.message}", advice=advice) from None
    try:
        folder = platformdirs.user_config_path("wbtui", appauthor=False)
    except RuntimeError:
        folder = Path("~")
    if folder.parts[0].startswith("~"):
        raise SettingsError(
            "no home folder is known, so there is no place for the configuration",
            advice="Set HOME, or name the file with --config or WBTUI_CONFIG.",
        )
    return folder / "config.toml"


def store_path(profile: str) -> Path:
    """Return the path of a profile's state file; the name is that of a `Profile`, so it is safe in a path.

    Without a home folder the path is one where no file can exist, so that no folder named `~` is made.
    """
    try:
        folder = platformdirs.user_state_path("wbtui", appauthor=False)
    except RuntimeError:  # older versions return a path that begins with ~
        folder = Path("~")
    if folder.parts[0].startswith("~"):
        folder = Path(os.devnull) / "wbtui"
    return folder / f"{profile}.sqlite3"


LOCAL: Final = frozenset(
    ("bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "tmpfs", "xfs", "zfs")
)
"""File systems that no other machine writes to."""
MOUNTS: Final = Path("/proc/self/mountinfo")
_LONGEST_LIST: Final = 16 * 1024 * 1024


def on_local_disk(path: Path, mounts: Path = MOUNTS) -> bool:
    """Return whether a file lies on a disk of this machine alone; False where that cannot be told."""
    try:
        where = path.resolve(strict=True)
        lines = read_file(mounts, _LONGEST_LIST).decode("utf-8", "replace").splitlines()
    except (OSError, SourceError):
        return False
    found: tuple[int, str] = (0, "")
    for line in lines:
        mount, _, rest = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mount.split(" ")[4]))
        if where.is_relative_to(point):
            found = max(found, (len(point.parts), rest.partition(" ")[0]), key=lambda each: each[0])
    return found[1] in LOCAL
