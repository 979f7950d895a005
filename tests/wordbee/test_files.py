"""File names in headers, as different servers send them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from wbtui.wordbee.files import as_file, as_packed_file
from wbtui.wordbee.http import Incoming


async def nothing() -> AsyncIterator[bytes]:
    for piece in list[bytes]():
        yield piece


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.docx"', "a b.docx"),
        ('attachment; filename="=?utf-8?B?w5xiZXJzaWNodC54bGY=?="', "Übersicht.xlf"),
        ('attachment; filename="=?utf-8?Q?=C3=9Cbersicht.xlf?="', "Übersicht.xlf"),
        ('attachment; filename="=?utf-8?B?w5xiZXI=?= =?utf-8?B?c2ljaHQueGxm?="', "Übersicht.xlf"),
        ("attachment;filename=%E6%9E%AF%E6%B8%87.xlsx;", "枯渇.xlsx"),
        ("attachment; filename=\"_b.xlf\"; filename*=UTF-8''%C3%9Cb.xlf", "Üb.xlf"),
        ("attachment; filename*=UTF-8''%C3%9Cb.xlf; filename=\"_b;x.xlf\"", "Üb.xlf"),
        ("attachment; filename*=UTF-8''50%2525.docx", "50%25.docx"),
        ('attachment; filename="100% sure.docx"', "100% sure.docx"),
        ('attachment; filename="%ff.txt"', "%ff.txt"),
        ('attachment; filename="=?nonsense?B?!!!?="', "=?nonsense?B?!!!?="),
        ('attachment; filename="=?utf-8?B?/////w==?="', "=?utf-8?B?/////w==?="),
        ("inline", ""),
        ("", ""),
    ],
)
def test_a_name_in_every_encoding_that_is_in_use(header: str, name: str) -> None:
    incoming = Incoming(200, {"content-disposition": header}, nothing())
    assert as_file(incoming).name == name
    assert as_packed_file(incoming).name == name
