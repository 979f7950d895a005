"""Faults in the middle of a download: never a wrong file under a final name, and trying again works."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from tests.items import beebox_file, flex_component, instant_request, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.commands import DownloadItems, StopDownloads
from wbtui.domain.model import Item, Operation, State
from wbtui.domain.snapshot import DownloadState

Make = Callable[..., Awaitable[Bench]]
CONTENT = os.urandom(300_000)
HTML = b"\r\n<!DOCTYPE html><html><title>502 Bad Gateway</title></html>"
BEEBOX_ERROR = {"type": "Api error", "id": "X", "message": "The file is not there", "failed": True}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ready_operation() -> Operation:
    return operation(5001, State.READY, file_token="f00", file_name="export.xlf", label="Export")


FAULTS: dict[str, tuple[Reply, str]] = {
    "a web page with status 200": (Reply(200, HTML), "web page"),
    "a web page with status 502": (Reply(502, HTML), "502"),
    "a JSON error with status 200": (as_json(BEEBOX_ERROR), "error message"),
    "a JSON error of API 2": (as_json({"error": {"title": "no"}, "reason": "no"}), "error message"),
    "a refusal": (as_json({**BEEBOX_ERROR, "error": {"title": "The file is not there"}}, 400), "not there"),
    "a connection that breaks off": (Reply(200, CONTENT[:1000], cut=True), "broke off"),
    "no bytes": (Reply(200, b""), "0 bytes"),
    "damaged compression": (Reply(200, b"no gzip", {"Content-Encoding": "gzip"}), "decompressed"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", ["translator", "beebox"])
async def test_a_fault_leaves_no_file_and_trying_again_ends_with_the_right_bytes(
    bench_for: Make, fault: str, service: str
) -> None:
    reply, words = FAULTS[fault]
    answers = [Reply(200, CONTENT)]

    def work(asked: Asked) -> Reply:
        if asked.path not in {"media/get/f00", "files/file"}:
            return as_json({}, 500)
        return answers[0]

    answers[0] = reply
    bench = await bench_for(Works(translator=work, beebox=work))
    item = (
        operation(5001, State.READY, file_token="f00", file_name="export.xlf")
        if service == "translator"
        else beebox_file("a\\export.xlf", state=State.READY, status=1)
    )
    keys = bench.put(item)
    bench.executor.download(DownloadItems(keys))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert words in outcome.words
    assert bench.files() == {}
    assert bench.state.transfers[0].state is DownloadState.FAILED
    answers[0] = Reply(200, CONTENT)
    bench.executor.transfers.wake()
    bench.executor.download(DownloadItems(keys))
    outcomes = await bench.finished()
    assert outcomes[-1].done
    assert [digest(data) for data in bench.files().values()] == [digest(CONTENT)]


async def test_a_429_in_the_middle_rests_and_goes_on(bench_for: Make) -> None:
    calls: list[str] = []

    def work(asked: Asked) -> Reply:
        calls.append(asked.path)
        if len(calls) == 1:
            text = "Requests throttled. Maximum allowed 900 per 01:00:00."
            return as_json({"error": {"type": "Throttling error", "message": text}, "reason": text}, 429)
        return Reply(200, CONTENT)

    bench = await bench_for(Works(translator=work))
    bench.executor.download(DownloadItems(bench.put(ready_operation())))
    (outcome,) = await bench.finished()
    assert outcome.done
    assert [error.limit for error in bench.limits] == [900]
    assert calls == ["media/get/f00", "media/get/f00"]
    assert list(bench.files().values()) == [CONTENT]


async def test_what_was_fetched_is_remembered_and_a_file_that_is_there_is_kept(bench_for: Make) -> None:
    bench = await bench_for(Works(beebox=lambda _: Reply(200, CONTENT)))
    made = datetime(2026, 3, 1, 11, tzinfo=UTC)
    keys = bench.put(beebox_file(state=State.READY, status=1, made_at=made))
    bench.executor.download(DownloadItems(keys))
    await bench.finished()
    (fetched,) = bench.store.records.fetched()
    assert (fetched.key, fetched.size, fetched.path) == (
        keys[0],
        len(CONTENT),
        "beebox/fr/batch-7/intro.docx",
    )
    bench.executor.download(DownloadItems(keys))
    outcomes = await bench.finished()
    assert outcomes[-1].done
    assert outcomes[-1].words.endswith("it is there already")
    assert bench.state.transfers[0].state is DownloadState.DONE
    assert len(bench.calls("beebox")) == 1


async def test_a_beebox_that_answers_the_older_form_only_is_understood(bench_for: Make) -> None:
    def work(asked: Asked) -> Reply:
        old = asked.query.get("locale") == "" and asked.query.get("folder") == "fr"
        return Reply(200, CONTENT) if old else as_json(BEEBOX_ERROR, 400)

    bench = await bench_for(Works(beebox=work))
    bench.executor.download(DownloadItems(bench.put(beebox_file(state=State.READY, status=1))))
    (outcome,) = await bench.finished()
    assert outcome.done


async def test_the_preliminary_file_is_found_under_any_of_its_names(bench_for: Make) -> None:
    def work(asked: Asked) -> Reply:
        there = asked.query["filename"] == "batch-7\\intro.docx.prelim"
        return Reply(200, CONTENT) if there else as_json(BEEBOX_ERROR, 400)

    bench = await bench_for(Works(beebox=work))
    keys = bench.put(beebox_file(preliminary_at=datetime(2026, 3, 1, tzinfo=UTC)))
    bench.executor.download(DownloadItems(keys, other=True))
    (outcome,) = await bench.finished()
    assert outcome.done
    assert list(bench.files()) == ["beebox/fr/preliminary/batch-7/intro.docx"]


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, raw_deflate, zlib.compress, lambda d: gzip.compress(d[:9]) + gzip.compress(d[9:])],
    ids=["gzip", "raw deflate", "zlib", "gzip in two members"],
)
@pytest.mark.parametrize("other", [False, True], ids=["translation", "post-edit"])
async def test_instant_files_are_unpacked_whatever_their_packing(
    bench_for: Make, pack: Callable[[bytes], bytes], other: bool
) -> None:
    bench = await bench_for(Works(instant=lambda _: Reply(200, pack(CONTENT))))
    keys = bench.put(instant_request(state=State.READY, ready=True, post_edit="done", post_edit_ready=True))
    bench.executor.download(DownloadItems(keys, other=other))
    (outcome,) = await bench.finished()
    assert outcome.done
    assert list(bench.files().values()) == [CONTENT]
    assert bench.sessions["instant"].living == set()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: gzip.compress(CONTENT)[:-20], "cut off"),
        (lambda: raw_deflate(CONTENT)[:-20], "cut off"),
        (lambda: gzip.compress(CONTENT)[:100] + b"\0" * 100 + gzip.compress(CONTENT)[200:], "damaged"),
        (lambda: gzip.compress(bytes(100 * 1024 * 1024)), "far more"),
        (lambda: HTML, "packed in a way"),
        (lambda: gzip.compress(b""), "0 bytes"),
    ],
    ids=["short gzip", "short deflate", "damaged", "a bomb", "a page", "empty"],
)
async def test_a_damaged_packed_file_is_not_stored(
    bench_for: Make, made: Callable[[], bytes], words: str
) -> None:
    body = made()
    bench = await bench_for(Works(instant=lambda _: Reply(200, body)))
    bench.executor.download(DownloadItems(bench.put(instant_request(state=State.READY, ready=True))))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert words in outcome.words
    assert bench.files() == {}


async def test_a_translation_that_is_json_or_html_is_no_error(bench_for: Make) -> None:
    page = b"\r\n<!DOCTYPE html><html><title>Bonjour</title></html>"
    bodies = {"a.json": b'{"message": "Bonjour", "error": "Erreur"}', "b.html": page}
    bench = await bench_for(Works(beebox=lambda asked: Reply(200, bodies[asked.query["filename"]])))
    bench.executor.download(
        DownloadItems(bench.put(*(beebox_file(name, state=State.READY, status=1) for name in bodies)))
    )
    await bench.finished()
    assert {name.removeprefix("beebox/fr/"): data for name, data in bench.files().items()} == bodies


async def test_names_that_differ_in_case_only_do_not_share_a_file(bench_for: Make) -> None:
    bench = await bench_for(Works(beebox=lambda asked: Reply(200, asked.query["filename"].encode())))
    names = ["Intro.docx", "intro.docx", "INTRO.docx"]
    bench.executor.download(
        DownloadItems(bench.put(*(beebox_file(name, state=State.READY, status=1) for name in names)))
    )
    await bench.finished()
    assert sorted(data.decode() for data in bench.files().values()) == sorted(names)
    assert len({name.casefold() for name in bench.files()}) == 3


async def test_a_pull_that_ended_at_once_is_stored_per_component_and_language(
    bench_for: Make,
) -> None:
    texts = {"fr": {"v": "Oui"}, "de": {"v": "Ja"}, "ja": {"v": "はい"}}
    pulled = {
        "type": "flex",
        "segments": [
            {"key": "1", "component": "app.login", "texts": texts},
            {"key": "2", "component": "other", "texts": texts},
        ],
    }

    def work(asked: Asked) -> Reply:
        if asked.path.endswith("contents/pull"):
            envelope = {"trm": {"requestid": 0, "status": "Finished"}, "custom": {"filetoken": "p1"}}
            return as_json(envelope)
        return as_json(pulled)

    bench = await bench_for(Works(translator=work))
    cells = [
        flex_component("app.login", "fr"),
        flex_component("app.login", "de"),
        flex_component("gone", "fr"),
    ]
    bench.executor.download(DownloadItems(bench.put(*cells)))
    outcomes = await bench.finished()
    assert [o.done for o in outcomes] == [True, True, False]
    assert "nothing of this component" in outcomes[-1].words
    files = {name: json.loads(data)["segments"] for name, data in bench.files().items()}
    assert {name: [kept["texts"] for kept in segments] for name, segments in files.items()} == {
        "flex/1000/fr/app.login.json": [{"fr": {"v": "Oui"}}],
        "flex/1000/de/app.login.json": [{"de": {"v": "Ja"}}],
    }


async def test_each_outcome_stands_in_activity_and_in_the_log_without_secrets(bench_for: Make) -> None:
    bench = await bench_for(Works(translator=lambda _: Reply(200, CONTENT)))
    bench.executor.download(DownloadItems(bench.put(ready_operation())))
    await bench.finished()
    lines = [json.loads(line) for line in bench.log.read_text().splitlines()]
    assert [(line["step"], line["action"], line["key"]) for line in lines] == [
        ("ended", "download", "op:5001")
    ]
    assert "f00" not in bench.log.read_text()
    assert "TOKEN" not in bench.log.read_text()
    assert any(e.key == "op:5001" and "download" in e.text for e in bench.state.snapshot().events)


async def test_beebox_files_come_in_batches_with_the_session_closed_in_between(
    bench_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wbtui.monitor.actions.downloads.BATCH_SECONDS", 2.0)  # of the hurried clock
    bench = await bench_for(Works(beebox=lambda asked: Reply(200, asked.query["filename"].encode())))
    files = [beebox_file(f"f{number}.txt", state=State.READY, status=1) for number in range(250)]
    bench.executor.download(DownloadItems(bench.put(*files)))
    outcomes = await bench.finished()
    assert sum(o.done for o in outcomes) == 250
    batches = " ".join(
        {"connect": "(", "disconnect": ")"}.get(a.path, "f") for a in bench.servers["beebox"].asked
    )
    sizes = [batch.split().count("f") for batch in batches.split("(")[1:]]
    assert sum(sizes) == 250
    assert len(sizes) > 1
    assert all(batch.rstrip().endswith(")") for batch in batches.split("(")[1:])
    assert bench.sessions["beebox"].living == set()


async def test_a_beebox_that_is_busy_is_asked_again_later(bench_for: Make) -> None:
    bench = await bench_for(Works(beebox=lambda _: Reply(200, CONTENT)))
    gateways = iter([as_json({"id": "BUSY", "message": "The Beebox is working", "failed": True}, 400)] * 2)
    let_in = bench.sessions["beebox"].connect
    bench.sessions["beebox"].connect = lambda parameters: next(gateways, None) or let_in(parameters)  # type: ignore[method-assign]
    bench.executor.download(DownloadItems(bench.put(beebox_file(state=State.READY, status=1))))
    (outcome,) = await bench.finished()
    assert outcome.done
    assert bench.servers["beebox"].calls.count("POST connect") == 3


@pytest.mark.parametrize(
    ("replies", "asked", "words"),
    [
        ([Reply(503, b"busy", {"Retry-After": "3"})], 2, ""),
        ([Reply(500, b"", {"Retry-After": "3"})], 2, ""),
        ([Reply(504)] * 2, 3, ""),
        ([Reply(504)] * 3, 3, "504"),
        ([Reply(500)], 1, "500"),
        ([Reply(503, b"", {"Retry-After": "301"})], 1, "503"),
    ],
)
@pytest.mark.parametrize("service", ["beebox", "instant", "translator"])
async def test_a_fault_that_may_pass_sends_the_download_back_into_the_queue(
    bench_for: Make, service: str, replies: list[Reply], asked: int, words: str
) -> None:
    left = iter(replies)
    work = lambda _: next(left, None) or Reply(200, gzip.compress(CONTENT))  # noqa: E731
    bench = await bench_for(Works(**{service: work}))
    items: dict[str, Item] = {
        "beebox": beebox_file(state=State.READY, status=1),
        "instant": instant_request(state=State.READY, ready=True),
        "translator": ready_operation(),
    }
    bench.executor.download(DownloadItems(bench.put(items[service])))
    (outcome,) = await bench.finished()
    assert outcome.done is not bool(words)
    assert words in outcome.words
    assert len(bench.calls(service, ("connect", "token", "disconnect"))) == asked


async def test_a_beebox_that_lets_nobody_in_for_a_moment_is_tried_again(bench_for: Make) -> None:
    bench = await bench_for(Works(beebox=lambda _: Reply(200, CONTENT)))
    gateways = iter([Reply(503, b"", {"Retry-After": "2"})])
    let_in = bench.sessions["beebox"].connect
    bench.sessions["beebox"].connect = lambda parameters: next(gateways, None) or let_in(parameters)  # type: ignore[method-assign]
    bench.executor.download(DownloadItems(bench.put(beebox_file(state=State.READY, status=1))))
    (outcome,) = await bench.finished()
    assert outcome.done


async def test_a_file_that_is_long_in_the_making_gets_a_session_of_its_own(
    bench_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asyncio.Event()

    async def work(asked: Asked) -> Reply:
        if asked.query["filename"] == "large.idml":
            await made.wait()
        else:
            made.set()  # the others come first, and it is ready only then
        return Reply(200, CONTENT)

    monkeypatch.setattr("wbtui.monitor.actions.downloads.BATCH_SECONDS", 0.0)
    bench = await bench_for(Works(beebox=work))
    names = ("large.idml", "a.docx")
    bench.executor.download(
        DownloadItems(bench.put(*(beebox_file(name, state=State.READY, status=1) for name in names)))
    )
    monkeypatch.setattr("wbtui.monitor.actions.downloads.LEAST_FIRST_BYTE", 0.1)
    outcomes = await bench.finished()
    assert [outcome.done for outcome in outcomes] == [True, True]
    beebox = bench.servers["beebox"]
    assert [a.query["filename"] for a in beebox.asked if a.path == "files/file"] == [*names, names[0]]
    assert beebox.calls.count("POST connect") == 3


async def test_a_file_that_never_begins_names_the_setting(bench_for: Make) -> None:
    async def work(asked: Asked) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError(asked)

    bench = await bench_for(Works(translator=work), file_seconds=0.1)
    bench.executor.download(DownloadItems(bench.put(ready_operation())))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert "sent nothing of the file within 0.1 s" in outcome.words


async def test_what_is_refused_is_named_with_its_reason_and_asks_nothing(bench_for: Make) -> None:
    bench = await bench_for(Works())
    words = bench.executor.download(DownloadItems(bench.put(beebox_file(), instant_request(), operation())))
    assert words.startswith("3 cannot be")
    assert [o.done for o in bench.state.outcomes] == [False] * 3
    assert all(server.asked == [] for server in bench.servers.values())


async def test_a_waiting_download_can_be_stopped(bench_for: Make) -> None:
    bench = await bench_for(Works())
    keys = bench.put(beebox_file(state=State.READY, status=1))
    bench.executor.download(DownloadItems(keys))
    assert bench.executor.stop(StopDownloads(keys)) == "stopped 1 download"
    await bench.finished()
    assert bench.state.transfers[0].state is DownloadState.STOPPED
    assert bench.servers["beebox"].asked == []
