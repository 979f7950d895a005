"""Where the local source of an item lies, for try again: named by the user, remembered, or in a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wbtui.domain.errors import SourceError
from wbtui.domain.model import BeeboxFile, InstantRequest, Item, Operation
from wbtui.domain.ports_acting import Records
from wbtui.domain.sanitize import safe
from wbtui.files.user_files import is_file, is_folder, no_file, open_file, reading
from wbtui.files.user_files import named as shown
from wbtui.monitor.actions.download_queue import wire_path

WORKFLOWS_NEW: Final = "/workflows/new"


def is_new_files(operation: Operation) -> bool:
    """Tell whether an operation came from `workflows/new`, whose uploads are needed once more."""
    request = operation.request
    return request is not None and request.path.split("?", 1)[0].rstrip("/").endswith(WORKFLOWS_NEW)


def failed_names(operation: Operation) -> tuple[str, ...]:
    """Return the files of a `workflows/new` that are to be sent again: those that failed, else all."""
    failed = tuple(file.name for file in operation.reading.files if not file.success)
    return failed or tuple(requested_files(operation))


def requested_files(operation: Operation) -> dict[str, dict[str, object]]:
    """Return the `files` records of a recorded `workflows/new`, by their names.

    Raises `SourceError` if the record does not hold them.
    """
    found: dict[str, dict[str, object]] = {}
    for record in request_body(operation).get("files", []):
        if isinstance(record, dict) and isinstance(record.get("name"), str):
            found[record["name"]] = record
    if not found:
        raise SourceError("the recorded request names no files")
    return found


def request_body(operation: Operation) -> dict[str, list[object]]:
    """Return the JSON body of a recorded request; raises `SourceError` if it has none."""
    try:
        body = json.loads(operation.request.body if operation.request else "")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise SourceError("the recorded request has no JSON body")
    return body


@dataclass(frozen=True, slots=True)
class Sources:
    """Finds local files; `folder` is the profile's `source_dir`."""

    folder: Path | None
    records: Records

    def find(self, item: Item, named: Path | None) -> Mapping[str, Path]:
        """Return the local files to send, by name; `named` is a file, or a folder that holds them.

        Raises `SourceError` in words for what is missing.
        """
        if isinstance(item, BeeboxFile):
            return {wire_path(item): _named(named, wire_path(item)) if named else self._beebox(item)}
        if isinstance(item, InstantRequest):
            if named is None:
                raise SourceError(f"the file {item.name} is needed")
            return {item.name: _named(named, item.name)}
        if isinstance(item, Operation) and is_new_files(item):
            return self._uploads(item, named)
        return {}

    def beginning(self, item: BeeboxFile, most: int = 4096) -> bytes | None:
        """Return the first bytes of an item's source, or None where that does not lie in the folder."""
        found = _below(self.folder, wire_path(item)) if self.folder is not None else None
        if found is None:
            return None
        try:
            with open_file(found) as file, reading(found):
                return file.read(most)
        except SourceError:
            return None

    def _beebox(self, item: BeeboxFile) -> Path:
        if self.folder is None:
            raise SourceError(
                f"the source file of {item.path} is needed", advice="Name it, or set source_dir."
            )
        found = _below(self.folder, wire_path(item))
        if found is None or not is_file(found):
            raise SourceError(f"the source file of {item.path} is not in {safe(str(self.folder), 300)}")
        return found

    def _uploads(self, item: Operation, named: Path | None) -> Mapping[str, Path]:
        names = failed_names(item)
        known = self.records.sent_files(item.key)
        remembered = known.files if known else {}
        found = {name: _upload(name, named, remembered, alone=len(names) == 1) for name in names}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            raise SourceError(f"needed to upload them anew: {safe(', '.join(missing), 400)}")
        return {name: path for name, path in found.items() if path is not None}


def _named(named: Path, wire: str) -> Path:
    """Return the file that the user named, or the one of that name in the folder that he named."""
    if not is_folder(named):
        if problem := no_file(named):
            raise SourceError(f"{shown(named)}: {problem}")
        return named
    found = next((path for path in _within(named, wire) if path is not None and is_file(path)), None)
    if found is None:
        raise SourceError(f"{safe(wire, 300)} is not in {shown(named)}")
    return found


def _within(folder: Path, wire: str) -> list[Path | None]:
    """Return where a file may lie in a folder: with its folders, or by its name alone."""
    return [_below(folder, wire), _below(folder, re.split(r"[/\\]", wire)[-1])]


def _upload(name: str, named: Path | None, remembered: Mapping[str, str], *, alone: bool) -> Path | None:
    if named is not None and is_folder(named):
        candidates = _within(named, name)
    elif named is not None and (alone or named.name == re.split(r"[/\\]", name)[-1]):
        candidates = [named]
    else:
        candidates = [Path(remembered[name])] if name in remembered else []
    return next((path for path in candidates if path is not None and is_file(path)), None)


def _below(folder: Path, wire: str) -> Path | None:
    """Return the path of a server's name below a folder; None for one that would lead out of it."""
    parts = re.split(r"[/\\]", wire)
    if any(part in {"", ".", ".."} or ":" in part or "\0" in part for part in parts):
        return None
    return folder.joinpath(*parts)
