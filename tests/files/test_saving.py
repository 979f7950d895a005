"""Hostile names stay in the download folder and apart; only complete files have a final name."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wbtui.domain.errors import SaveError
from wbtui.domain.versions import Lying
from wbtui.files.names import distinguished, folded, safe_name, safe_path
from wbtui.files.saving import Folder

PLAIN = ["intro.docx", "batch-7\\intro.docx", "ünïcode\\日本語.md", "a b.txt", "README", "x.tar.gz"]
SEPARATORS = [
    "..\\..\\{}",
    "../../{}",
    "/{}",
    "\\\\server\\share\\{}",
    "C:\\{}",
    "c:{}",
    "a\\..\\..\\{}",
    "./{}",
]
ENDINGS = [
    "{}.",
    "{} ",
    "{}...",
    " {}",
    ".{}",
    "{}\0",
    "{}\n",
    "{}\r\nx",
    "{}\u202e",
    "{}\u200b",
    "{}\x1b[2J",
]
DEVICES = ["CON", "nul", "aux.txt", "COM1", "lpt9.docx", "PRN.", "con .txt", "COM\u00b9"]
SIGNS = [
    "a<b",
    "a>b",
    "a:b",
    'a"b',
    "a|b",
    "a?b",
    "a*b",
    "~root",
    "-rf",
    "$HOME",
    "`id`",
    "%2e%2e%2f",
    "\ud800",
]
LONG = ["x" * 300, "x" * 300 + ".docx", "\u65e5" * 120, "\\".join(["d"] * 100), "y" * 250 + "\\z"]
ODD = ["", ".", "..", "...", "\\", "/", "....\\\\", "a.part", "a.PART", "a", "A", "a~1f2e3d4c.txt", "a\\\\b"]
HOSTILE = list(
    dict.fromkeys(
        [form.format(name) for form, name in itertools.product(SEPARATORS, PLAIN + DEVICES)]
        + [form.format(name) for form, name in itertools.product(ENDINGS, PLAIN)]
        + DEVICES
        + SIGNS
        + LONG
        + ODD
    )
)


def test_there_are_two_hundred_hostile_names() -> None:
    assert len(HOSTILE) >= 200


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_becomes_one_that_any_file_system_takes(name: str) -> None:
    path = safe_path(("beebox", "fr"), name)
    assert path[:2] == ("beebox", "fr")
    for part in path:
        assert part not in {"", ".", ".."}
        assert part.isprintable()
        assert not set(part) & set('<>:"|?*/\\')
        assert part.rstrip(". ") == part
        assert len(part.encode()) + len(".part") <= 255
        assert not part.lower().endswith(".part")
        assert part.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9", "com\u00b9"}


def test_no_hostile_name_leaves_the_folder_and_none_meets_another(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "downloads")
    seen: dict[str, str] = {}
    refused: list[str] = []
    for name in HOSTILE:
        path = safe_path(("beebox", "fr"), name)
        if folded(path) in seen:
            assert folded(path) in {folded(safe_path(("beebox", "fr"), n)) for n in ("a", "A")}
            path = distinguished(path, name)
        assert folded(path) not in seen
        seen[folded(path)] = name
        try:
            save(folder, *path, data=name.encode("utf-8", "surrogatepass") or b"-")
        except SaveError as error:  # a folder of one name and a file of the same name: said, not mixed up
            refused.append(error.message)
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) + len(refused) == len(HOSTILE)
    assert len(refused) <= 2
    assert all(p.resolve().is_relative_to((tmp_path / "downloads").resolve()) for p in files)


@pytest.mark.parametrize("name", ["intro.docx", "日本語.md", "a b.txt", "README"])
def test_a_harmless_name_stays_as_it_is(name: str) -> None:
    assert safe_name(name) == name


def test_a_name_that_looks_like_a_changed_one_cannot_take_its_place() -> None:
    changed = safe_name("a:b.txt")
    assert changed != "a:b.txt"
    assert safe_name(changed) != changed


def save(folder: Folder, *path: str, data: bytes = b"data", replace: bool = False) -> None:
    with folder.saving(path, replace=replace) as saving:
        saving.write(data)
        saving.finish()


def test_nothing_is_left_of_a_download_that_does_not_end(tmp_path: Path) -> None:
    with Folder(tmp_path).saving(("a", "b.txt"), replace=False) as saving:
        saving.write(b"half")
        assert (tmp_path / "a" / "b.txt.part").exists()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_symbolic_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "fr").symlink_to(outside)
    (root / "x.txt").symlink_to(outside / "y.txt")
    (root / "z.txt.part").symlink_to(outside / "z")
    for path in (("fr", "a.txt"), ("x.txt",), ("z.txt",)):
        with pytest.raises(SaveError, match="in the way"):
            save(Folder(root), *path, replace=True)
    assert not list(outside.iterdir())


def test_a_folder_that_the_user_linked_himself_is_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save(Folder(tmp_path / "link"), "a.txt")
    assert (tmp_path / "real" / "a.txt").read_bytes() == b"data"


def test_a_folder_under_the_name_of_the_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(SaveError):
        save(Folder(tmp_path), "a.txt", replace=True)


def test_what_lies_under_a_name_is_seen_with_its_date(tmp_path: Path) -> None:
    made = datetime(2026, 3, 1, 12, tzinfo=UTC)
    save(Folder(tmp_path), "a.txt")
    os.utime(tmp_path / "a.txt", (made.timestamp(), made.timestamp()))
    assert Folder(tmp_path).existing(("a.txt",)) == Lying(made, 4)
    assert Folder(tmp_path).existing(("b.txt",)) is None
    assert Folder(tmp_path).existing(("no", "such", "folder.txt")) is None


def test_the_old_version_is_set_aside_under_its_date_and_never_lost(tmp_path: Path) -> None:
    folder, stamp = Folder(tmp_path), "20260301T120000Z"
    for number in range(3):
        with folder.saving(("a.txt",), replace=True, aside=stamp) as saving:
            saving.write(b"%d" % number)
            saving.finish()
    shown = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert shown == {"a.txt": b"2", f"a~{stamp}.txt": b"0", f"a~{stamp}-2.txt": b"1"}


def test_a_doubtful_file_lies_aside_until_it_is_accepted(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    save(folder, "a.txt", data=b"old")
    with folder.saving(("a.txt",), replace=False) as saving:
        saving.write(b"new")
        assert saving.finish(doubtful=True).path == tmp_path / "a~doubtful.txt"
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    folder.accept(("a.txt",), aside="20260301T120000Z")
    shown = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert shown == {"a.txt": b"new", "a~20260301T120000Z.txt": b"old"}
    with pytest.raises(SaveError, match="stored as doubtful"):
        folder.accept(("a.txt",), aside="")


@pytest.mark.parametrize("name", ["a~doubtful.docx", "a~20260301T120000Z.docx", "a~20260301T120000-2.txt"])
def test_a_server_cannot_aim_at_the_names_that_wbtui_gives(name: str) -> None:
    assert safe_name(name) != name


def test_a_file_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def fetch() -> None:
        with Folder(tmp_path).saving(("a",), replace=False) as saving:
            saving.write(b"new")
            (tmp_path / "a").write_bytes(b"old")
            saving.finish()

    with pytest.raises(SaveError, match="appeared"):
        fetch()
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / "a.part").exists()


def test_two_that_fetch_the_same_file_do_not_mix(tmp_path: Path) -> None:
    with Folder(tmp_path).saving(("a",), replace=True) as first:
        first.write(b"first")
        with pytest.raises(SaveError, match="another wbtui"):
            save(Folder(tmp_path), "a", replace=True)
        first.finish()
    assert (tmp_path / "a").read_bytes() == b"first"


WRITER = """
import sys, time
from pathlib import Path
from wbtui.files.saving import Folder
with Folder(Path(sys.argv[1])).saving(("a.bin",), replace=False) as saving:
    saving.write(b"x" * 100_000)
    print("half", flush=True)
    time.sleep(60)
"""


def test_after_kill_9_there_is_no_final_name_and_trying_again_ends_with_the_right_bytes(
    tmp_path: Path,
) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"half\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin.part"]
    content = os.urandom(50_000)
    save(Folder(tmp_path), "a.bin", data=content)
    assert hashlib.sha256((tmp_path / "a.bin").read_bytes()).digest() == hashlib.sha256(content).digest()
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


FULL = """
import resource, signal, sys
from pathlib import Path
from wbtui.files.saving import Folder
from wbtui.domain.errors import SaveError
from wbtui.domain.versions import Lying
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    with Folder(Path(sys.argv[1])).saving(("a.bin",), replace=False) as saving:
        saving.write(b"x" * 100_000)
        saving.finish()
except SaveError as error:
    print(error.message, error.advice)
"""


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "a.bin: cannot be written: file too large" in ended.stdout
    assert "Make room" in ended.stdout
    assert not list(tmp_path.iterdir())
