"""What pictures of actions show: downloads of every kind, alerts, and an upload that was partly refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.tui import big_scenes, scenes
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import Action, ItemKey, Service, State
from wbtui.domain.snapshot import Download, DownloadState, NewIn, Novelty, Snapshot


def _transfer(name: str, locale: str, state: DownloadState, **more: object) -> Download:
    path = f"beebox/{locale}/{name.replace(chr(92), '/')}"
    key = ItemKey(f"bb:{locale}:{name}")
    made = Download(key, Service.BEEBOX, f"{name} ({locale})", state, path=path)
    return replace(made, **more)  # type: ignore[arg-type]


def _ended(seconds: float) -> datetime:
    return scenes.ago(seconds=seconds)


def downloads() -> tuple[Download, ...]:
    running, done, waiting = DownloadState.RUNNING, DownloadState.DONE, DownloadState.WAITING
    saved = (
        ("autumn-campaign\\terms.docx", "fr", 82_400),
        ("autumn-campaign\\hero.html", "fr", 6_100),
        ("catalogue-2026\\bathroom.indd", "de", 4_830_000),
    )
    return (
        _transfer("catalogue-2026\\kitchen.indd", "fr", running,
                  received=1_900_000, size=3_100_000, rate=420_000.0),
        Download(
            operation_key(5001), Service.OPERATIONS, "Handbuch Größentabelle", running,
            received=212_000, rate=180_000.0, path="operations/5001/Handbuch Größentabelle de-fr.xlsx",
        ),
        _transfer("manuals\\K300\\取扱説明書.docx", "ja", DownloadState.FAILED, ended_at=_ended(12),
                  note="The connection to beebox.acme.example broke off: 1 048 576 of 2 310 144 bytes came."),
        *(_transfer(f"catalogue-2026\\{name}.indd", "es", waiting)
          for name in ("bedroom", "garden", "kitchen")),
        _transfer("legal\\imprint.docx", "fr", DownloadState.KEPT, ended_at=_ended(30),
                  note="a file of this name is there already"),
        *(
            _transfer(name, locale, done, received=size, ended_at=_ended(20 + number))
            for number, (name, locale, size) in enumerate(saved)
        ),
    )  # fmt: skip


def downloading() -> Snapshot:
    """Two downloads under way, and others before and behind them."""
    return replace(big_scenes.poster(), transfers=downloads(), downloads="/home/ann/wordbee")


def novelty() -> Novelty:
    """Twelve files in three locales, one of which was never downloaded."""
    counts = (NewIn("fr", 7, scenes.ago(hours=19)), NewIn("de", 4, scenes.ago(hours=43)), NewIn("ja", 1))
    keys = tuple(ItemKey(f"bb:{each.locale}:{number}") for each in counts for number in range(each.count))
    return Novelty(keys, counts)


def telling() -> Snapshot:
    """One bell on a running operation, and the running one in sight."""
    return replace(big_scenes.poster(), alerts_on=frozenset({operation_key(5004)}))


def again() -> Snapshot:
    """An operation that is the second attempt of a failed one."""
    poster = big_scenes.poster()
    second = scenes.operation(
        5018, State.RUNNING, label="price list", attempt=2, forerunner=operation_key(5003), kind="Upload",
        started_at=scenes.ago(seconds=40),
    )  # fmt: skip
    return replace(poster, operations=(*poster.operations, second))


def cancelling() -> Snapshot:
    """A file whose source was deleted, and the Beebox has not said anything yet."""
    poster = big_scenes.poster()
    asked = poster.beebox[0].path
    files = tuple(
        replace(file, asked=Action.CANCEL, asked_at=scenes.ago(minutes=29)) if file.path == asked else file
        for file in poster.beebox
    )
    return replace(poster, beebox=files)
