"""Which local file is sent again: one that was named, or the one of that name in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.items import beebox_file, instant_request
from wbtui.domain.errors import SourceError
from wbtui.domain.model import Item
from wbtui.monitor.actions.changes import Sources
from wbtui.store import open_store


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "in" / "batch-7").mkdir(parents=True)
    for name in ("batch-7/intro.docx", "plan.docx"):
        (tmp_path / "in" / name).write_bytes(b"PK")
    return Sources(None, open_store(tmp_path / "acme.sqlite3").records)


@pytest.mark.parametrize(
    ("item", "named", "found"),
    [
        (beebox_file("batch-7\\intro.docx"), "in", "in/batch-7/intro.docx"),
        (beebox_file("batch-7\\intro.docx"), "in/batch-7", "in/batch-7/intro.docx"),
        (beebox_file("batch-7\\intro.docx"), "in/plan.docx", "in/plan.docx"),
        (instant_request(), "in", "in/plan.docx"),
        (instant_request(), "in/plan.docx", "in/plan.docx"),
    ],
)
def test_a_folder_stands_for_the_file_of_that_name_in_it(
    sources: Sources, tmp_path: Path, item: Item, named: str, found: str
) -> None:
    assert list(sources.find(item, tmp_path / named).values()) == [tmp_path / found]


@pytest.mark.parametrize(
    "item", [beebox_file("..\\..\\plan.docx"), beebox_file("gone.docx"), instant_request(name="gone")]
)
def test_a_folder_without_the_file_says_so(sources: Sources, tmp_path: Path, item: Item) -> None:
    with pytest.raises(SourceError, match="is not in"):
        sources.find(item, tmp_path / "in" / "batch-7")
