"""Projects of the Translator: their files, and `workflows/new`, which adds more."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final
from xml.parsers import expat

from wbtui.simulator.http_messages import parse_zoned
from wbtui.simulator.media import SentUpload
from wbtui.simulator.operation import Result
from wbtui.simulator.plan import Plan
from wbtui.simulator.recorded_writes import RecordedJob, RecordedWrites
from wbtui.simulator.sample_names import FILE_ERRORS, SOURCE, base_name, file_names, targets

LONGEST: Final = 200
INVALID: Final = re.compile(r'[<>:"|?*\x00-\x1f]')
REPLACED: Final = "The file already exists and may not be replaced."
PROJECTS: Final = {165: 220, 171: 226}
"""Project id to the id of its memory (`resourceId`); the ids are those that Flex rows name."""


class BadPayload(ValueError):
    """A payload that is refused at once; the text is the error's title."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Invalid parameter '{name}': {reason}")


@dataclass(slots=True)
class Project:
    """A project; `files` maps the name of each document to its `did`."""

    id: int
    resource: int
    targets: tuple[str, ...]
    files: dict[str, int]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A payload of `workflows/new` that was accepted."""

    project: Project
    files: tuple[tuple[str, SentUpload], ...]
    """Name in the project and the uploaded file."""
    body: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Return what the operation is about."""
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"{base_name(self.files[0][0].replace('/', chr(92)))}{more}"


class Projects:
    """The projects of the account."""

    def __init__(self, plan: Plan, writes: RecordedWrites) -> None:
        self._plan = plan
        self._writes = writes
        self._numbers = count(290_001)
        names = file_names(24, plan.chance("files of projects"))
        self._all = {
            pid: Project(
                pid,
                resource,
                targets(plan.locales),
                {name.replace("\\", "/"): 5000 + number for number, name in enumerate(names[place::2])},
            )
            for place, (pid, resource) in enumerate(PROJECTS.items())
        }

    def get(self, pid: int) -> Project | None:
        """Return a project by its id, or None."""
        return self._all.get(pid)

    def work(self, sent: Submitted, owner: int, _at: datetime) -> Result:
        """Save the files, make the jobs, and return the `custom` node; `owner` is the operation's id."""
        chance = self._plan.chance(f"submitted/{owner}")
        unlucky = chance.random() < self._plan.partial_share
        bad = chance.randrange(len(sent.files)) if unlucky else None
        rows = [
            self._add(sent, name, file, owner, chance if place == bad else None)
            for place, (name, file) in enumerate(sent.files)
        ]
        echo = {name: sent.body.get(name) for name in ("files", "src", "trgs", "deadline", "workflow")}
        return {
            "files": rows,
            "request": echo | {"projectId": sent.project.id, "resourceId": sent.project.resource},
        }

    def _add(
        self, sent: Submitted, name: str, file: SentUpload, owner: int, fault: random.Random | None
    ) -> dict[str, Any]:
        project = sent.project
        exists = name in project.files
        error = _file_error(name, file.content, fault)
        if error is None and exists and sent.body.get("allowUpdates") is False:
            error = REPLACED
        if error is not None:
            return file_row(name, None, exists=exists, error=error)
        did = project.files.get(name) or next(self._numbers)
        project.files[name] = did
        if (sent.body.get("workflow") or "Default") == "Default":
            deadline = sent.body.get("deadline")
            trgs: Sequence[str] = sent.body["trgs"]
            self._writes.jobs.extend(RecordedJob(project.id, name, trg, owner, deadline) for trg in trgs)
        return file_row(name, did, exists=exists, segments=len(file.content.split()) // 9 + 1)


def file_row(
    name: str, did: int | None, *, exists: bool, segments: int | None = None, error: str | None = None
) -> dict[str, Any]:
    """Return an element of `custom.files`."""
    return {
        "name": name,
        "format": {"formatId": 71, "formatName": "Default", "formatDomain": name.rpartition(".")[2].upper()},
        "exists": exists,
        "success": error is None,
        "error": error,
        "did": did,
        "segments": segments,
    }


def _file_error(name: str, content: bytes, fault: random.Random | None) -> str | None:
    """Return why a file cannot be processed (one of the documented causes), or None."""
    if len(name) > LONGEST or INVALID.search(name):
        return FILE_ERRORS[2]
    if not content.strip():
        return FILE_ERRORS[0]
    if name.lower().endswith(".xml"):
        try:
            expat.ParserCreate().Parse(content, True)
        except expat.ExpatError as reason:
            return f"Badly formatted XML: {reason}."
    return None if fault is None else fault.choice(FILE_ERRORS)


def read_payload(project: Project, body: Mapping[str, Any], uploads: Mapping[str, SentUpload]) -> Submitted:
    """Read the JSON body of `workflows/new`; raises BadPayload. Unknown properties are accepted."""
    if body.get("src") != SOURCE:
        raise BadPayload("src", "Invalid source locale")
    trgs = body.get("trgs")
    if not isinstance(trgs, list) or not trgs or any(trg not in project.targets for trg in trgs):
        raise BadPayload("trgs", "Invalid target locale")
    deadline = body.get("deadline")
    if deadline is not None and (not isinstance(deadline, str) or parse_zoned(deadline) is None):
        raise BadPayload("deadline", "Not a date with time zone")
    if body.get("workflow") not in (None, "Default", "None"):
        raise BadPayload("workflow", "Unknown option")
    if not isinstance(body.get("allowUpdates"), bool | None):
        raise BadPayload("allowUpdates", "Not a boolean")
    _check_fields(body.get("jobsCfs"))
    return Submitted(project, _files(body.get("files"), uploads), body)


def _check_fields(fields: object) -> None:
    if not isinstance(fields, list | None):
        raise BadPayload("jobsCfs", "Not a list of custom fields")
    for field in fields or ():
        if not isinstance(field, dict) or not (field.keys() & {"id", "title", "name"}):
            raise BadPayload("jobsCfs", "A custom field needs its id or its title")


def _files(files: object, uploads: Mapping[str, SentUpload]) -> tuple[tuple[str, SentUpload], ...]:
    if not isinstance(files, list) or not files:
        raise BadPayload("files", "At least one file is needed")
    found = []
    for file in files:
        if not isinstance(file, dict) or not isinstance(file.get("token"), str):
            raise BadPayload("files", "The token is missing")
        name = file.get("name")
        if not isinstance(name, str) or not name:
            raise BadPayload("files", "The name is missing")
        if file["token"] not in uploads:
            raise BadPayload("files", "The token is unknown")
        found.append((name.replace("\\", "/"), uploads[file["token"]]))
    return tuple(found)
