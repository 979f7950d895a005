"""What a running profile writes to disk: syncs and bytes, beside a state file that is synced for each look.

The rival is the same store without `sync_together`. The looks are those of the default intervals; what SQLite
syncs by itself is not seen from here, so a synced commit counts as one sync, as it is with a log.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.result import Result
from tests.store.values import file
from wbtui.domain.model import Service
from wbtui.store import open_store

RECORDS: Final = 20_000
LOOKS: Final = 40
SCATTERED: Final = 50
"""Records that change with each look, anywhere in the file."""


def results(quick: bool) -> Iterator[Result]:
    """Yield what looks cost; with `quick` there are fewer records."""
    records = RECORDS // (10 if quick else 1)
    ours, rival = _looks(records, together=True), _looks(records, together=False)
    yield Result("disk: a look of 50 scattered changes, on disk", "ms", ours[0], rival[0], "", "synced each")
    yield Result("disk: processor of that look", "ms", ours[1], rival[1], "", "synced each")
    yield Result("disk: bytes written for a scattered change", "B", ours[2], None, "<= 4096")


def _looks(records: int, *, together: bool) -> tuple[float, float, float]:
    """Return the ms of wall and processor of a look, and the bytes of a changed record in log and file."""
    with TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "state.sqlite3"
        items = [file(number) for number in range(records)]
        with closing(open_store(path)) as store:
            store.save(Service.BEEBOX, items)
            store.flush()
            if together:
                store.sync_together()
            chance, log = Random(3), path.with_name(f"{path.name}-wal")
            began, used = time.perf_counter(), time.process_time()
            for look in range(LOOKS):
                some = chance.sample(items, SCATTERED)
                store.save(Service.BEEBOX, [replace(each, words=look) for each in some])
                store.flush()
            wall, cpu = time.perf_counter() - began, time.process_time() - used
            size = 2 * os.stat(log).st_size if together else 0
        return wall * 1000 / LOOKS, cpu * 1000 / LOOKS, size / (LOOKS * SCATTERED)
