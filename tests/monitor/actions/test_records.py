"""What actions keep: downloads in the store, also in one of the version before, and the log of actions."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.fakes import NOON, FakeClock
from wbtui.domain.errors import SaveError
from wbtui.domain.model import Action, ItemKey
from wbtui.domain.records import Fetched, SentFiles
from wbtui.files.audit_log import ActionLog
from wbtui.monitor.actions.audit import KEPT, Audit
from wbtui.monitor.monitor_state import MonitorState, ProfileInfo
from wbtui.store import open_store
from wbtui.store.database import VERSION


def test_downloads_and_sent_files_come_back(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a.sqlite3")
    item = Fetched(ItemKey("bb:fr:a"), "beebox/fr/a", "beebox/fr/A", NOON, 7, made="2026-03-01T11:00:00")
    sent = SentFiles(ItemKey("op:1"), {"ui/a.htm": "/home/ann/a.htm"})
    store.records.save_fetched(item)
    store.records.save_sent(sent)
    store.close()
    store = open_store(tmp_path / "a.sqlite3")
    assert store.records.fetched() == store.records.fetched_at("beebox/fr/a") == (item,)
    assert store.records.sent_files(ItemKey("op:1")) == sent
    assert store.records.sent_files(ItemKey("op:2")) is None
    store.close()


def test_a_state_file_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    store = open_store(path)
    store.remember("name", "value")
    store.close()
    with sqlite3.connect(path) as connection:
        connection.executescript("DROP TABLE fetched; DROP TABLE sent; PRAGMA user_version = 1;")
    connection.close()
    store = open_store(path)
    assert store.notice == ""
    assert store.recall("name") == "value"
    assert store.records.fetched() == ()
    store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_the_log_of_actions_is_begun_anew_before_it_grows_too_large(tmp_path: Path) -> None:
    log = ActionLog(tmp_path / "state" / "a.jsonl", largest=500)
    for number in range(40):
        log.write(NOON, step="ended", key=f"op:{number}", done=True, new_key=None)
    files = sorted(tmp_path.rglob("a.jsonl*"))
    assert [f.name for f in files] == ["a.jsonl", "a.jsonl.1", "a.jsonl.2", "a.jsonl.3", "a.jsonl.4"]
    assert all(f.stat().st_size <= 500 for f in files)
    assert files[0].stat().st_mode & 0o777 == 0o600
    last = json.loads(files[0].read_text().splitlines()[-1])
    assert last == {"at": "2026-03-01T12:00:00+00:00", "step": "ended", "key": "op:39", "done": True}


def test_a_log_that_cannot_be_written_says_so_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    log = ActionLog(tmp_path / "a.jsonl")
    log.write(NOON, key="op:1")
    assert "cannot be written" in log.trouble


def test_a_command_learns_of_every_outcome_however_many_there_are(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a.sqlite3")
    state = MonitorState(ProfileInfo("acme"), FakeClock(), store, lambda _snapshot: None)
    audit = Audit(state, FakeClock(), ActionLog(tmp_path / "a.jsonl"))
    error = SaveError("no room")
    audit.ended(Action.DOWNLOAD, ItemKey("op:0"), "no room", error=error)
    for number in range(1, KEPT + 2):
        audit.ended(Action.DOWNLOAD, ItemKey(f"op:{number}"), "saved")
    store.close()
    assert len(audit.outcomes) == KEPT + 2
    assert len(state.outcomes) == KEPT
    assert not audit.outcomes[0].done
    assert audit.errors == {1: error}


def test_that_the_log_cannot_be_written_is_said_once_in_activity(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    store = open_store(tmp_path / "a.sqlite3")
    state = MonitorState(ProfileInfo("acme"), FakeClock(), store, lambda _snapshot: None)
    audit = Audit(state, FakeClock(), ActionLog(tmp_path / "a.jsonl"))
    for number in range(3):
        audit.asked(Action.CANCEL, ItemKey(f"bb:fr:{number}"), "cancel is sent")
        audit.ended(Action.CANCEL, ItemKey(f"bb:fr:{number}"), "deleted")
    store.close()
    texts = [event.text for event in state.snapshot().events]
    assert sum("the log of actions cannot be written" in text for text in texts) == 1
    assert sum("cancel: deleted" in text for text in texts) == 3
