"""Downloads on disk: safe local names, a `.part` beside the target, a final name only for what is whole."""

from __future__ import annotations

from wbtui.domain.versions import Overwrite
from wbtui.files.names import local_path
from wbtui.files.saving import Folder, Saved, Saving

__all__ = ["Folder", "Overwrite", "Saved", "Saving", "local_path"]
