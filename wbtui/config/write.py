"""The configuration file on disk: written whole or not at all, readable for its user alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wbtui.config import load, loads, read_text
from wbtui.config.drafts import text_of
from wbtui.domain.errors import SettingsError
from wbtui.domain.setup_ports import Draft
from wbtui.files.user_files import nothing_at, why_not


def write_profile(path: Path, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
    """Write a profile into the configuration file, which is usable afterwards; return where it really lies.

    What stands in the file already stays byte for byte. Raises `SettingsError` if the file exists and `add`
    does not allow to add to it, if it has that profile, or if it cannot be written.
    """
    path = _target(path)
    if nothing_at(path):
        text = _heading() + text_of(profile, drafts, default=True)
        loads(text, path)
        _write(path, text, new=True)
        return path
    if not add:
        raise SettingsError(
            f"{path}: exists already, and is not overwritten",
            advice="To add the profile to it, use --add; or name another file with --config.",
        )
    _write(path, _added(path, profile, drafts), new=False)
    return path


def _target(path: Path) -> Path:
    """Follow symbolic links, by which people keep such files elsewhere."""
    try:
        return path.resolve()
    except RuntimeError:
        raise SettingsError(f"{path}: is a symbolic link to itself") from None
    except OSError as error:
        raise SettingsError(f"{path}: {why_not(error)}") from None


def _added(path: Path, profile: str, drafts: Sequence[Draft]) -> str:
    present = load(path)
    if profile in present.profiles:
        raise SettingsError(
            f"{path}: has a profile {profile} already", advice="Choose another name with --profile."
        )
    default = not present.default_profile and not present.profiles
    before = read_text(path)
    text = f"{before.rstrip()}\n\n{text_of(profile, drafts, default=False)}"
    if default:
        text = f'default_profile = "{profile}"\n{text}'
    loads(text, path)
    return text


def _heading() -> str:
    return "# wbtui: secrets do not belong into this file; wbtui login stores them.\n"


def _write(path: Path, text: str, *, new: bool) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # has mode 600
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _put(Path(name), path, new=new)
    except FileExistsError:
        raise SettingsError(f"{path}: somebody else has just written it; it is not overwritten") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _put(written: Path, path: Path, *, new: bool) -> None:
    """Give the file its name: a link fails where a rename would overwrite what came in the meantime."""
    if new:
        with contextlib.suppress(PermissionError, NotImplementedError):  # no hard links here
            os.link(written, path)
            return
        if not nothing_at(path):
            raise FileExistsError
    written.replace(path)
