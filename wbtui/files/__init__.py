"""Files on this machine: downloads with safe names, files that a user names, the log of actions."""

from __future__ import annotations

from wbtui.domain.versions import Overwrite
from wbtui.files.names import local_path
from wbtui.files.saving import Folder, Saved, Saving

__all__ = ["Folder", "Overwrite", "Saved", "Saving", "local_path"]
