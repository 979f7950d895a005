"""Downloads in the strip and on their own screen, where they are stopped and fetched again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes import NOON
from tests.items import beebox_file
from tests.tui.test_item_actions import FAILED, READY, Scene, snapshot
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.snapshot import Download, DownloadState
from wbtui.tui.dialogs.downloads_list import DownloadsScreen


async def test_downloads_show_in_a_strip_and_on_a_screen_of_their_own_where_x_stops_them() -> None:
    scene = Scene()
    running = Download(READY.key, Service.BEEBOX, "a.docx  fr", DownloadState.RUNNING, received=10, size=100)
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.app.show(snapshot(transfers=(running,)))
        await pilot.pause()
        assert "Downloads  1 running" in scene.text()
        await pilot.press("0")
        await pilot.pause()
        assert isinstance(scene.app.screen, DownloadsScreen)
        scene.app.show(snapshot(transfers=(replace(running, received=50),)))
        await pilot.pause()
        assert "50%" in scene.text()
        await pilot.press("x")
        await pilot.pause()
        assert scene.recorder.acted == [("stop", (READY.key,))]
        assert "x: stopped 1 downloads" in scene.text()


@pytest.mark.parametrize("state", [DownloadState.RUNNING, DownloadState.WAITING])
@pytest.mark.parametrize(
    ("tab", "keys", "key"),
    [("1", [], FAILED.key), ("2", [], READY.key), ("2", ["*"], READY.key), ("3", [], "it:39")],
)
async def test_x_on_a_row_stops_its_download_first_and_takes_it_away_the_next_time(
    tab: str, keys: list[str], key: ItemKey, state: DownloadState
) -> None:
    scene = Scene()
    loading = Download(key, Service.BEEBOX, "a file", state)
    scene.app.show(snapshot(transfers=(loading,)))
    async with scene.app.run_test(size=(120, 40)) as pilot:
        model = scene.app.get_default_screen().model
        await pilot.press(tab, *keys, "x")
        await pilot.pause()
        assert scene.recorder.acted == [("stop", (key,))]
        assert "x: stopped 1 download" in scene.message()
        assert (model.taken_away, scene.recorder.forgotten) == ([], [])
        scene.app.show(snapshot(transfers=(replace(loading, state=DownloadState.STOPPED),)))
        await pilot.pause()
        await pilot.press("x")
        await pilot.pause()
        assert len(scene.recorder.acted) == 1
        [(_, away)] = model.taken_away
        assert key in away


def transfer(number: int, state: DownloadState, **change: object) -> Download:
    key = beebox_file(f"f{number}.docx").key
    path = f"beebox/fr/f{number}.docx"
    made = Download(key, Service.BEEBOX, f"f{number}.docx (fr)", state, path=path)
    return replace(made, **change)  # type: ignore[arg-type]


async def test_the_cursor_in_the_list_of_downloads_stays_on_its_own_and_acts_on_that_one() -> None:
    scene = Scene()
    running = [transfer(n, DownloadState.RUNNING) for n in range(2)]
    waiting = [transfer(n, DownloadState.WAITING) for n in range(2, 50)]
    async with scene.app.run_test(size=(80, 24)) as pilot:
        scene.app.show(snapshot(transfers=(*running, *waiting), downloads="/home/ann/wordbee"))
        await pilot.pause()
        await pilot.press("0", "j", "j")
        await pilot.pause()
        assert "/home/ann/wordbee/beebox/fr/f2.docx" in scene.text()
        why = {"note": "the line broke off", "ended_at": NOON}
        ended = [replace(waiting[0], state=DownloadState.FAILED, **why), *waiting[1:]]  # type: ignore[arg-type]
        done = [replace(each, state=DownloadState.DONE, ended_at=NOON) for each in running]
        scene.app.show(snapshot(transfers=(*done, *ended), downloads="/home/ann/wordbee"))
        await pilot.pause()
        assert "/home/ann/wordbee/beebox/fr/f2.docx" in scene.text()
        assert "the line broke off" in scene.text()
        await pilot.press("x")
        await pilot.pause()
        assert "x: it has ended" in scene.text()
        await pilot.press("d", "G", "k", "k", "x", "A")
        await pilot.pause()
        [again, stop, everything] = scene.recorder.acted
        assert again == ("download", (waiting[0].key,))
        assert stop == ("stop", (waiting[-1].key,))
        assert everything[0] == "stop"
        assert set(everything[1]) == {each.key for each in waiting[1:]}
        await pilot.press("o")
        await pilot.pause()
        assert "/home/ann/wordbee/beebox/fr sent to the terminal" in scene.text()
        await pilot.press("escape")
        await pilot.pause()
        assert scene.app.screen is scene.app.get_default_screen()
