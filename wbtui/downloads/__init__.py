"""Downloads on disk: safe local names, a `.part` beside the target, a final name only for what is whole."""

from __future__ import annotations

from wbtui.downloads.names import local_path
from wbtui.downloads.saving import Folder, Saved, Saving
from wbtui.rules.versions import Overwrite

__all__ = ["Folder", "Overwrite", "Saved", "Saving", "local_path"]
