"""Files to download by a file token."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from wbtui.simulator.plan import Plan


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
