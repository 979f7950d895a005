"""Files to download by a file token, and files sent to `media/upload`."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Final
from urllib.parse import unquote_to_bytes
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

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


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file for `media/get/{token}`, once or more often: no page sets a limit."""

    name: str
    content_type: str
    content: bytes


class Media:
    """The files of the Translator by token; a token is 32 hexadecimal digits."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._files: dict[str, MediaFile] = {}

    def add(self, owner: int, file: MediaFile) -> str:
        """Add the result of an operation and return its token."""
        token = f"{self._plan.chance(f'media/{owner}').getrandbits(128):032x}"
        self._files[token] = file
        return token

    def get(self, token: str) -> MediaFile | None:
        """Return the file of a token, or None."""
        return self._files.get(token)


def filled(plan: Plan, name: str, content: bytes) -> bytes:
    """Return text of at least the plan's `large_bytes`, padded with lines that do not compress."""
    missing = plan.large_bytes - len(content)
    return content if missing <= 0 else content + b"\n" + _filler(plan, name, missing)


def enlarged(plan: Plan, token: str, file: MediaFile) -> bytes:
    """Return a file's content in at least the plan's `large_bytes`, still valid for its type.

    XML gets a comment, an archive another member, JSON white space, others bytes at the end.
    """
    missing = plan.large_bytes - len(file.content)
    if missing <= 0:
        return file.content
    if file.content.startswith(b"PK"):
        target = io.BytesIO(file.content)
        with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as packed:
            packed.writestr(zipfile.ZipInfo("media/large.bin"), _filler(plan, token, missing))
        return target.getvalue()
    if file.content_type.endswith("xml"):
        return file.content + b"<!-- " + _filler(plan, token, missing) + b" -->\n"
    if file.content_type.endswith("json"):
        return file.content + b" " * missing
    return filled(plan, token, file.content)


def _filler(plan: Plan, name: str, size: int) -> bytes:
    return plan.chance(f"filler/{name}").randbytes(size // 2 + 1).hex().encode()[:size]


def xliff(source: str, target: str, texts: Sequence[str]) -> bytes:
    """Return an XLIFF 1.2 document with one unit per text."""
    units = "".join(
        f'<trans-unit id="{number}"><source>{escape(text)}</source></trans-unit>\n'
        for number, text in enumerate(texts, 1)
    )
    head = f"source-language={quoteattr(source)} target-language={quoteattr(target)}"
    body = f'<file original="export" datatype="plaintext" {head}><body>\n{units}</body></file>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<xliff version="1.2">{body}</xliff>\n'.encode()


def archive(files: Mapping[str, bytes], at: datetime) -> bytes:
    """Return a ZIP archive of the files, all dated `at`."""
    target = io.BytesIO()
    stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, date_time=stamp), content)
    return target.getvalue()
