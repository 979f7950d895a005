"""The state of the demo: what its pipeline submits is seen by the monitor, and it needs a folder."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from wbtui.cli import demo
from wbtui.domain.errors import SettingsError


def test_what_the_pipeline_submits_is_seen_as_written_by_somebody_else(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stream, open(writing, "wb", buffering=0) as pipe:
        world = {"operations": [5001], "titles": {"5001": "first"}}
        with closing(demo._open_store(world, stream, tmp_path / "demo.sqlite3")) as store:
            stamp = store.stamp()
            waiting = {"trm": {"requestid": 5002, "status": "Waiting"}}
            pipe.write(json.dumps({"submitted": [waiting], "titles": {"5002": "second"}}).encode() + b"\n")
            pipe.close()
            for thread in threading.enumerate():
                if "_pipeline" in thread.name:
                    thread.join(30)
            assert {o.key: o.label for o in store.operations()} == {"op:5001": "first", "op:5002": "second"}
            assert store.stamp() != stamp


def test_a_demo_without_a_place_for_its_folder_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/nowhere")
    with pytest.raises(SettingsError, match="no folder for the demo can be made") as caught, demo._folder():
        pass
    assert "TMPDIR" in caught.value.advice
