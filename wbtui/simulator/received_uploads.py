"""Files sent to `media/upload`: the multipart body, and their tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Final
from urllib.parse import unquote_to_bytes
from uuid import UUID

from wbtui.simulator.plan import Plan

PART: Final = "file"
_QUOTED: Final = re.compile(
    rb';\s*(name|filename|filename\*)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))', re.IGNORECASE
)

_ESCAPED: Final = re.compile(rb'\\(["\\])')


class BadUpload(ValueError):
    """A body that `media/upload` refuses; the text is the error's title."""


@dataclass(frozen=True, slots=True)
class SentUpload:
    """A file that a client sent, with its name."""

    name: str
    content: bytes


class Uploads:
    """The uploaded files by token; the plan says whether a token can be submitted more than once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._chance = plan.chance("upload tokens")
        self._files: dict[str, SentUpload] = {}

    def add(self, file: SentUpload) -> str:
        """Add a file and return its token, a lower-case GUID."""
        token = str(UUID(int=self._chance.getrandbits(128)))
        self._files[token] = file
        return token

    def files(self) -> Mapping[str, SentUpload]:
        """Return the files that can be submitted, by token."""
        return self._files

    def spend(self, tokens: list[str]) -> None:
        """Record that the tokens were submitted."""
        if self._plan.upload_tokens == "once":
            for token in tokens:
                self._files.pop(token, None)


def read_upload(content_type: str, body: bytes) -> SentUpload:
    """Return the part named `file` of a multipart body; raises BadUpload."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise BadUpload("The request must be multipart/form-data.")
    for part in _parts(body, boundary.encode()):
        head, found, content = part.partition(b"\r\n\r\n")
        names = _names(head)
        if found and names.get("name") == PART:
            return SentUpload(names.get("filename*") or names.get("filename", ""), content)
    raise BadUpload("The request contains no file.")


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    """Return head and content of every part; raises BadUpload if the closing boundary is missing."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BadUpload("The multipart body is incomplete.")
    return [piece.removeprefix(b"\r\n") for piece in pieces[1:-1]]


def _names(head: bytes) -> dict[str, str]:
    """Return the parameters of Content-Disposition, decoded as UTF-8."""
    names = {}
    for line in head.split(b"\r\n"):
        if not line.lower().startswith(b"content-disposition:"):
            continue
        for name, quoted, plain in _QUOTED.findall(line):
            value = _ESCAPED.sub(rb"\1", quoted.replace(b"%22", b'"')) or plain
            if name.endswith(b"*"):
                value = unquote_to_bytes(value.rpartition(b"'")[2])
            names[name.decode().lower()] = value.decode("utf-8", "replace")
    return names
