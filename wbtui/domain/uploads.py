"""What became of the files of an upload, in words: for details, tables, messages and commands alike. Pure.

Source: projects/{pid}/workflows/new: a file that the project has already is replaced, unless `allowUpdates`
is false, and a new set of jobs is created for the same workers, unless `workflow` is `None`.
"""

from __future__ import annotations

import json
from typing import Final

from wbtui.domain.model import FileOutcome, Item, Operation

NEW_JOBS: Final = "a second set of jobs arose"


def replaced_words(item: Item) -> str:
    """Return how many files were replaced and what came of that, or nothing."""
    if not isinstance(item, Operation):
        return ""
    count = sum(file.replaced for file in item.reading.files)
    if not count:
        return ""
    files = "1 file was there already and was" if count == 1 else f"{count} files were there already and were"
    return f"{files} replaced" + ("" if _without_jobs(item) else f": {NEW_JOBS}")


def file_words(file: FileOutcome) -> str:
    """Return what is known of one file besides its name and error, or nothing.

    Such as `was there already: replaced; 12 segments; document 5501; HTML (Default)`.
    """
    parts = []
    if file.exists:
        parts.append("was there already: replaced" if file.success else "was there already")
    if file.segments is not None:
        parts.append(f"{file.segments:,} segment{'' if file.segments == 1 else 's'}".replace(",", " "))
    if file.document_id is not None:
        parts.append(f"document {file.document_id}")
    parts.append(_format_words(file))
    return "; ".join(filter(None, parts))


def _format_words(file: FileOutcome) -> str:
    found = file.format
    if found is None:
        return ""
    name = found.name or (f"format {found.id}" if found.id is not None else "")
    return f"{found.domain} ({name})" if found.domain and name else found.domain or name


def _without_jobs(item: Operation) -> bool:
    """Return whether the request, where it is known, asked for no jobs at all."""
    try:
        body = json.loads(item.request.body) if item.request is not None and item.request.body else {}
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("workflow") == "None"
