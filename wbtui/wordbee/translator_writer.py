"""What changes something by Translator API 2; a read-only profile has no such object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from wbtui.domain.errors import BadAnswer, Rejected
from wbtui.domain.model import OperationReading, RequestRecord
from wbtui.domain.ports_acting import NewFiles, fits_an_id
from wbtui.wordbee._once import read_once, sent_once
from wbtui.wordbee.answer import Answer
from wbtui.wordbee.decode_translator import decode_envelope
from wbtui.wordbee.outgoing import bytes_body, multipart_body, seconds_for
from wbtui.wordbee.translator import TranslatorSession
from wbtui.wordbee.wire import load
from wbtui.wordbee.wiredates import write_date

_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})


class TranslatorWriter:
    """Uploads, new files in projects, and recorded requests (`ports_acting.TranslatorWriter`).

    None of its calls is repeated, but for one that was refused because the session had ended.
    """

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def upload(self, path: Path, name: str) -> str:
        """Send a local file under a name and return its token. Source: media/upload."""
        body = await multipart_body(path, name)
        base = name.replace("\\", "/").rpartition("/")[2]
        answer = await sent_once(
            self._session.call(
                "POST",
                "media/upload",
                query={"filename": base},
                body=body,
                seconds=seconds_for(body.length),
            )
        )
        return read_once(_upload_token, answer.body)

    async def workflows_new(
        self, request: NewFiles, files: Mapping[str, str]
    ) -> tuple[OperationReading, RequestRecord]:
        """Add uploaded files (project path to token) to a project. Source: projects-pid-workflows-new."""
        body = new_files_body(request, files)
        record = RequestRecord("POST", f"/projects/{request.project}/workflows/new", json.dumps(body))
        return await self.resend(record), record

    async def resend(self, record: RequestRecord) -> OperationReading:
        """Send a recorded request; raises `Rejected` for one that would leave this account's own API."""
        answer = await sent_once(self._sent(record))
        return read_once(decode_envelope, answer.body)

    async def _sent(self, record: RequestRecord) -> Answer:
        body = bytes_body(record.body.encode(), "application/json") if record.body else None
        return await self._session.call(checked_method(record), own_path(record.path), body=body)


def own_path(path: str) -> str:
    """Return a recorded path below `/api`, without the slash; raises `Rejected` if it leads elsewhere."""
    plain = path.split("?", 1)[0].lower()
    parts = plain.replace("%2e", ".").replace("%2f", "/").split("/")
    elsewhere = "\\" in path or "%5c" in plain or "#" in path or ":" in parts[0] or not path.isprintable()
    if not path.startswith("/") or path.startswith("//") or elsewhere or {"..", "."} & set(parts):
        raise Rejected("the recorded path does not stay on this account's own API", status=0)
    return path.removeprefix("/api/").lstrip("/")


def checked_method(record: RequestRecord) -> str:
    """Return the method of a recorded request; raises `Rejected` for one that no Wordbee call has."""
    method = record.method.upper()
    if method not in _METHODS:
        raise Rejected("the recorded method is none that Wordbee's API has", status=0)
    return method


def new_files_body(request: NewFiles, files: Mapping[str, str]) -> dict[str, object]:
    """Return the body of `workflows/new`; a custom field is named by its number or by its title.

    Raises `Rejected` for a number that can be no id.
    """
    body: dict[str, object] = {
        "files": [{"token": token, "name": name} for name, token in files.items()],
        "src": request.source,
        "trgs": list(request.targets),
    }
    if request.deadline is not None:
        body["deadline"] = write_date(request.deadline)
    if request.workflow:
        body["workflow"] = request.workflow
    if request.allow_updates is not None:
        body["allowUpdates"] = request.allow_updates
    if request.job_fields:
        body["jobsCfs"] = [_job_field(name, value) for name, value in request.job_fields]
    return body


def _job_field(name: str, value: str) -> dict[str, object]:
    if not fits_an_id(name):
        raise Rejected(f"no custom field has an id of {len(name)} digits", status=0)
    if name.isascii() and name.isdecimal():
        return {"id": int(name), "value": value}
    return {"title": name, "value": value}


def _upload_token(body: bytes) -> str:
    answer = load(body)
    result = answer.get("result") if answer.get("result").is_object else answer
    token = result.get("token").raw()
    if not token:
        raise BadAnswer("the answer to the upload names no token")
    return token
