"""Local names made of anything: inside the folder, and never two things under one name unsaid."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from wbtui.files.names import PART_ENDING, distinguished, folded, safe_name, safe_path
from wbtui.files.saving import Folder

PIECES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.sampled_from(
        ["..", ".", "/", "\\", "a", "A", "C:", "con", "~1f2e3d4c", ".part", " ", "é", "é", "ß", "ss"]
    ),
    st.text("ab./\\:~ ", max_size=6),
    st.integers(190, 260).map("x".__mul__),
)
HOSTILE = st.lists(PIECES, max_size=6).map("".join)
OWN = st.tuples(st.sampled_from(["beebox", "instant"]), HOSTILE)


@settings(max_examples=300, deadline=None)
@given(OWN, HOSTILE, st.booleans())
@example(("beebox", ".."), "..", True)
def test_no_name_leaves_the_folder(own: tuple[str, str], wire: str, folders: bool) -> None:
    root = Path("/downloads")
    path = safe_path(own, wire, folders=folders)
    assert Path(os.path.normpath(root.joinpath(*path))) == root.joinpath(*path)
    assert len(root.joinpath(*path).parts) == 2 + len(path)
    for part in path:
        assert part not in {"", ".", ".."}
        assert not set("/\\\0:") & set(part)
        assert part.isprintable()
        assert len(part.encode()) + len(PART_ENDING) <= 255


@settings(max_examples=300, deadline=None)
@given(HOSTILE, HOSTILE)
@example("a\\b", "a/b")
@example("a", "a\\")
@example("é", "é")
def test_two_names_of_a_server_are_two_names_here(one: str, other: str) -> None:
    assert one == other or safe_path(("beebox",), one) != safe_path(("beebox",), other)
    assert one == other or safe_name(one) != safe_name(other)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, HOSTILE)
@example("a", "A")
def test_names_that_some_file_systems_take_for_one_can_be_told_apart(one: str, other: str) -> None:
    path = safe_path(("beebox",), other)
    if one != other and folded(safe_path(("beebox",), one)) == folded(path):
        apart = distinguished(path, other)
        assert folded(apart) != folded(path)
        assert apart[:-1] == path[:-1]


@settings(max_examples=60, deadline=None)
@given(wire=HOSTILE, content=st.binary(max_size=20))
def test_a_file_of_any_name_lies_where_its_path_says(wire: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = safe_path(("beebox", "fr"), wire)
        downloads = Folder(Path(folder) / "downloads")
        with downloads.saving(path, replace=False) as saving:
            saving.write(content)
            saved = saving.finish()
        assert [found for found in Path(folder).rglob("*") if found.is_file()] == [saved.path]
        assert saved.path.read_bytes() == content
        assert downloads.existing(path) is not None
