"""Minimal Word and Excel files (Office Open XML), for `resources/segments/view/export`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from wbtui.simulator.media import archive

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MIME: Final = "application/vnd.openxmlformats-officedocument."


def word(texts: Sequence[str], at: datetime) -> bytes:
    """Return a document with one paragraph per text."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    rows = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)
    document = f'<w:document xmlns:w="{space}"><w:body>{rows}</w:body></w:document>'
    return _package({"word/document.xml": ("wordprocessingml.document.main+xml", document)}, {}, at)


def excel(texts: Sequence[str], at: datetime) -> bytes:
    """Return a workbook with one sheet and one text per row."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(f'<row><c t="inlineStr"><is><t>{escape(text)}</t></is></c></row>' for text in texts)
    sheets = '<sheets><sheet name="Segments" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        "xl/workbook.xml": (
            "spreadsheetml.sheet.main+xml",
            f'<workbook xmlns="{space}" xmlns:r="{_OFFICE}">{sheets}</workbook>',
        ),
        "xl/worksheets/sheet1.xml": (
            "spreadsheetml.worksheet+xml",
            f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>',
        ),
    }
    sheet = _relations("worksheet", "worksheets/sheet1.xml")
    return _package(parts, {"xl/_rels/workbook.xml.rels": sheet}, at)


def _package(parts: dict[str, tuple[str, str]], relations: dict[str, str], at: datetime) -> bytes:
    """Pack the parts, each with its media type; the first is the main one."""
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{_MIME}{kind}"/>' for name, (kind, _) in parts.items()
    )
    default = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">{default}{types}</Types>',
        "_rels/.rels": _relations("officeDocument", next(iter(parts))),
        **{name: text for name, (_, text) in parts.items()},
        **relations,
    }
    return archive({name: (_HEAD + text).encode() for name, text in files.items()}, at)


def _relations(kind: str, target: str) -> str:
    entry = f'<Relationship Id="r1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_RELATIONS}">{entry}</Relationships>'
