"""Try again and cancel: what is sent, what is marked, and that nothing is ever sent twice by itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.items import beebox_file, flex_component, instant_request, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.store.test_full_disk import full_disk
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.commands import Cancel, DownloadItems, Retry
from wbtui.domain.errors import Rejected, ServiceError, Uncertain
from wbtui.domain.model import Action, FileOutcome, Item, RequestRecord, State
from wbtui.domain.offers import Allowed, Refused, offers
from wbtui.domain.ports import Gateways, NewFiles
from wbtui.domain.records import SentFiles
from wbtui.domain.snapshot import ReadOnly
from wbtui.monitor.actions.executor import Executor

Make = Callable[..., Awaitable[Bench]]
WAITING = {"trm": {"requestid": 9001, "isbatch": False, "status": "Waiting", "statusText": "Waiting..."}}
ZIP = RequestRecord("POST", "/orders/7/files/all/zip", '{"excludeNames":["x"]}')
NEW = RequestRecord(
    "POST",
    "/projects/165/workflows/new",
    json.dumps(
        {
            "files": [
                {"token": "old1", "name": "ui/a.htm"},
                {"token": "old2", "name": "ui/b.htm", "comments": "c"},
            ],
            "src": "en",
            "trgs": ["fr"],
        }
    ),
)
CUT = Reply(200, b'{"tr', cut=True)


async def test_a_failed_operation_is_sent_again_as_a_second_attempt(bench_for: Make) -> None:
    bench = await bench_for(Works(translator=lambda _: as_json(WAITING)))
    keys = bench.put(operation(5001, State.FAILED, request=ZIP, label="Archive", kind="Archive"))
    bench.executor.retry(Retry(keys))
    (outcome,) = await bench.finished()
    assert (outcome.done, outcome.new_key) == (True, "op:9001")
    (asked,) = [a for a in bench.servers["translator"].asked if a.path == "orders/7/files/all/zip"]
    assert asked.json == {"excludeNames": ["x"]}
    made = next(o for o in bench.store.operations() if o.key == "op:9001")
    assert (made.attempt, made.forerunner, made.request, made.label) == (2, "op:5001", ZIP, "Archive")


async def test_only_the_failed_files_are_uploaded_anew(bench_for: Make, tmp_path: Path) -> None:
    def work(asked: Asked) -> Reply:
        if asked.path == "media/upload":
            return as_json({"result": {"token": "fresh", "name": "b.htm"}})
        return as_json(WAITING)

    source = tmp_path / "b.htm"
    source.write_bytes(b"<p>b</p>")
    bench = await bench_for(Works(translator=work))
    outcomes = (FileOutcome("ui/a.htm", True), FileOutcome("ui/b.htm", False, "No segments."))
    (key,) = bench.put(operation(5001, State.PARTIAL, request=NEW, files=outcomes))
    bench.store.records.save_sent(SentFiles(key, {"ui/a.htm": "/gone/a.htm", "ui/b.htm": str(source)}))
    bench.executor.retry(Retry((key,)))
    (outcome,) = await bench.finished()
    assert outcome.done, outcome.words
    upload, new = [a for a in bench.servers["translator"].asked if "auth" not in a.path]
    assert b"<p>b</p>" in upload.body
    assert b'name="file"; filename="b.htm"' in upload.body
    assert new.json["files"] == [{"token": "fresh", "name": "ui/b.htm", "comments": "c"}]
    assert new.json["src"] == "en"


async def test_a_source_that_is_missing_is_asked_for_and_nothing_is_sent(bench_for: Make) -> None:
    bench = await bench_for(Works())
    keys = bench.put(
        operation(5001, State.FAILED, request=NEW),
        beebox_file(state=State.FAILED),
        instant_request(state=State.FAILED),
        operation(5002, State.FAILED, request=ZIP),
    )
    plans = await bench.executor.retry_plan(keys, {})
    assert tuple(key for key, plan in plans.items() if plan.needed) == keys[:3]
    bench.executor.retry(Retry(keys[:3]))
    outcomes = await bench.finished()
    assert [o.done for o in outcomes] == [False] * 3
    assert [c for server in bench.servers for c in bench.calls(server)] == []


BREAKS = ["beebox cancel", "beebox retry", "instant retry", "operation retry"]


@pytest.mark.parametrize("what", BREAKS)
async def test_a_broken_connection_is_never_followed_by_a_second_call(
    bench_for: Make, tmp_path: Path, what: str
) -> None:
    def work(asked: Asked) -> Reply:
        if asked.path == "details":
            return as_json({"sourceLocale": "en"})
        if asked.path == "it/configuration":
            return as_json({"option": 0, "options": ["Default"], "locales": {}})
        return CUT

    source = tmp_path / "plan.docx"
    source.write_bytes(b"plan")
    bench = await bench_for(Works(translator=work, beebox=work, instant=work))
    item: Item = beebox_file(state=State.FAILED)
    if what.startswith("instant"):
        item = instant_request(state=State.FAILED)
    if what.startswith("operation"):
        item = operation(5001, State.FAILED, request=ZIP)
    (key,) = bench.put(item)
    if what.endswith("cancel"):
        bench.executor.do(Cancel((key,)))
    else:
        bench.executor.retry(Retry((key,), {key: source}))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert "may have been done" in outcome.words
    assert isinstance(bench.executor.audit.errors[outcome.id], Uncertain)
    service = {"b": "beebox", "i": "instant", "o": "translator"}[what[0]]
    reads = ("connect", "token", "details", "it/configuration")
    assert len(bench.calls(service, but=reads)) == 1
    assert bench.sessions["beebox"].living == bench.sessions["instant"].living == set()


@pytest.mark.parametrize("broken", ["media/upload", "projects/165/workflows/new"])
@pytest.mark.parametrize("reply", [CUT, Reply(503, b"<html>busy</html>"), Reply(200, b"<html>?</html>")])
async def test_what_is_sent_over_a_broken_connection_is_sent_once(
    bench_for: Make, tmp_path: Path, broken: str, reply: Reply
) -> None:
    def work(asked: Asked) -> Reply:
        if asked.path == broken:
            return reply
        return as_json({"result": {"token": "fresh", "name": "a.docx"}})

    bench = await bench_for(Works(translator=work))
    writer = bench.gateways.translator_writer
    assert writer is not None
    source = tmp_path / "a.docx"
    source.write_bytes(b"a")

    async def send() -> None:
        token = await writer.upload(source, "a.docx")
        await writer.workflows_new(NewFiles(165, "en", ("fr",)), {"a.docx": token})

    with pytest.raises(ServiceError) as caught:
        await send()
    assert [call.partition(" ")[2] for call in bench.calls("translator")].count(broken) == 1
    if broken.endswith("new"):
        assert isinstance(caught.value, Uncertain)


async def test_after_a_broken_connection_the_same_hash_is_used_and_then_a_new_one(
    bench_for: Make, tmp_path: Path
) -> None:
    answers = [CUT, as_json({"id": 77}), as_json({"id": 78})]
    hashes: list[str] = []

    def work(asked: Asked) -> Reply:
        if asked.path == "it/configuration":
            return as_json({"option": 0, "options": ["Default"]})
        hashes.append(asked.query["hash"])
        assert gzip.decompress(asked.body) == b"plan"
        assert asked.query["compress"] == "gzip"
        return answers.pop(0)

    source = tmp_path / "plan.docx"
    source.write_bytes(b"plan")
    bench = await bench_for(Works(instant=work))
    (key,) = bench.put(instant_request(state=State.FAILED))
    for _ in range(3):
        bench.executor.retry(Retry((key,), {key: source}, again=frozenset({key})))
        await bench.finished()
    assert [o.new_key for o in bench.state.outcomes] == [None, "it:77", "it:78"]
    assert hashes[0] == hashes[1] != hashes[2]
    assert bench.state.instant["it:77"].state is State.WAITING  # type: ignore[index]


async def test_the_beebox_gets_the_instructions_first_and_all_languages_are_marked(
    bench_for: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "sources"
    (folder / "batch-7").mkdir(parents=True)
    (folder / "batch-7" / "intro.docx").write_bytes(b"source")

    def work(asked: Asked) -> Reply:
        return as_json({"sourceLocale": "en"}) if asked.path == "details" else Reply(204)

    bench = await bench_for(Works(beebox=work), source_dir=folder)
    keys = bench.put(beebox_file(locale="fr", state=State.FAILED), beebox_file(locale="de"))
    bench.executor.retry(Retry(keys))
    outcomes = await bench.finished()
    assert [o.done for o in outcomes] == [True, True]
    puts = [a for a in bench.servers["beebox"].asked if a.method == "PUT"]
    assert [a.query["filename"] for a in puts] == ["batch-7\\intro.docx.beebox", "batch-7\\intro.docx"]
    assert puts[0].json == {"locales": ["de", "fr"]}
    assert (puts[1].body, puts[1].query["locale"]) == (b"source", "en")
    assert {f.asked for f in bench.state.beebox.values()} == {Action.RETRY}


async def test_cancel_deletes_source_and_instructions_and_marks_the_rows_until_the_server_speaks(
    bench_for: Make,
) -> None:
    from wbtui.domain.merge import merge_listed

    def work(asked: Asked) -> Reply:
        if asked.path == "details":
            return as_json({"sourceLocale": "en"})
        there = not asked.query["filename"].endswith(".beebox")
        return Reply(204) if there else as_json({"message": "not there", "failed": True}, 400)

    bench = await bench_for(Works(beebox=work))
    keys = bench.put(beebox_file(locale="fr"), beebox_file(locale="de"))
    bench.executor.do(Cancel(keys))
    outcomes = await bench.finished()
    assert [outcome.done for outcome in outcomes] == [True, True]
    told = [e.text for e in bench.state.snapshot().events if e.text.startswith("cancel: ")]
    assert len(told) == 1, "one call is told once, for whichever of its languages it was asked"
    deletes = [a.query["filename"] for a in bench.servers["beebox"].asked if a.method == "DELETE"]
    assert deletes == ["batch-7\\intro.docx", "batch-7\\intro.docx.beebox"]
    marked = bench.state.beebox[keys[1]]
    assert (marked.asked, marked.asked_at is not None) == (Action.CANCEL, True)
    assert merge_listed(marked, beebox_file(locale="de")).asked is Action.CANCEL
    assert merge_listed(marked, beebox_file(locale="de", state=State.CANCELLED, status=10)).asked is None


PATHS = [
    "//evil.test/x",
    "https://evil.test/x",
    "/../x",
    "/a/%2e%2e/b",
    "/a\\b",
    "x",
    "/a#b",
    "/a\nb",
    "/a/../../b",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_recorded_request_never_leaves_the_accounts_own_api(bench_for: Make, path: str) -> None:
    bench = await bench_for(Works())
    bench.executor.retry(
        Retry(bench.put(operation(1, State.FAILED, request=RequestRecord("POST", path))), {})
    )
    (outcome,) = await bench.finished()
    assert isinstance(bench.executor.audit.errors[outcome.id], Rejected)
    assert bench.calls("translator") == []


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", ["operation", "beebox", "instant", "flex"])
async def test_offers_and_what_is_done_agree_for_every_kind_and_action(
    bench_for: Make, tmp_path: Path, kind: str, state: State
) -> None:
    """A refused action calls nobody; an allowed one calls its service."""
    source = tmp_path / "plan.docx"
    source.write_bytes(b"plan")

    def work(asked: Asked) -> Reply:
        return as_json({"sourceLocale": "en"}) if asked.path == "details" else CUT

    items: dict[str, Item] = {
        "operation": operation(1, state, request=ZIP, file_token="f0" if state is State.READY else ""),
        "beebox": beebox_file(state=state),
        "instant": instant_request(state=state, ready=state is State.READY),
        "flex": flex_component(state=state),
    }
    found = offers(items[kind], read_only=ReadOnly.NO)
    acts: dict[str, Callable[[Executor, list[str]], str]] = {
        "download": lambda executor, keys: executor.download(DownloadItems(keys)),  # type: ignore[arg-type]
        "other": lambda executor, keys: executor.download(DownloadItems(keys, other=True)),  # type: ignore[arg-type]
        "retry": lambda executor, keys: executor.retry(Retry(keys, dict.fromkeys(keys, source))),  # type: ignore[arg-type]
        "cancel": lambda executor, keys: executor.do(Cancel(keys)),  # type: ignore[arg-type]
    }
    bench = await bench_for(Works(work, work, work))
    for name, act in acts.items():
        before = sum(len(bench.calls(service)) for service in bench.servers)
        act(bench.executor, list(bench.put(items[kind])))
        outcome = (await bench.finished())[-1]
        called = sum(len(bench.calls(service)) for service in bench.servers) > before
        offer = getattr(found, name)
        assert called is isinstance(offer, Allowed), (name, outcome.words)
        if isinstance(offer, Refused):
            assert offer.reason in outcome.words


WRITING = {
    "upload",
    "workflows_new",
    "resend",
    "put_source",
    "delete_source",
    "submit",
    "writing",
    "configuration",
}


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_read_only_profile_has_no_object_that_writes(tmp_path: Path, read_only: bool) -> None:
    from tests.world import make_stage

    stage = make_stage(tmp_path)
    profile_services = await stage.profile_services(read_only=ReadOnly.WRITTEN if read_only else ReadOnly.NO)
    seen: set[int] = set()
    writing: set[str] = set()

    def walk(value: object, depth: int = 0) -> None:
        if id(value) in seen or depth > 6 or isinstance(value, str | bytes | int | float | type):
            return
        seen.add(id(value))
        if type(value).__module__.startswith("wbtui.wordbee"):
            writing.update(WRITING & set(dir(value)))
        inner = list(getattr(value, "__dict__", {}).values())
        inner += [getattr(value, name, None) for name in getattr(type(value), "__slots__", ())]
        inner += list(value.values()) if isinstance(value, dict) else []
        for each in inner:
            walk(each, depth + 1)

    walk(profile_services)
    await profile_services.close()
    stage.store.close()
    assert (writing == set()) is read_only
    assert isinstance(profile_services.gateways, Gateways)


async def test_what_was_sent_on_a_full_disk_is_not_said_to_have_failed(bench_for: Make) -> None:
    """Whoever is told that it failed sends it once more, and has it twice."""
    bench = await bench_for(Works(translator=lambda _: as_json(WAITING)))
    keys = bench.put(operation(5001, State.FAILED, request=ZIP))
    bench.store.flush()
    with full_disk(bench.store.path, -bench.store.path.stat().st_size):
        bench.executor.retry(Retry(keys))
        (outcome,) = await bench.finished()
        assert (outcome.done, outcome.new_key) == (True, "op:9001")
        said = [event.text for event in bench.state.snapshot().events]
        assert any(text.startswith("op:9001 was sent, but is not kept: ") for text in said), said
        assert "cannot be written" in bench.state.snapshot().not_kept
    bench.store.flush()
    assert "op:9001" in {o.key for o in bench.store.operations()}


async def test_what_must_be_written_down_first_is_not_sent_on_a_full_disk_and_bars_nothing(
    bench_for: Make, tmp_path: Path
) -> None:
    """The hash of a request to Instant Translation: only the same one guards against a second request."""
    bench = await bench_for(Works())
    source = tmp_path / "a.docx"
    source.write_bytes(b"text")
    (key,) = bench.put(instant_request(39, state=State.FAILED))
    bench.store.flush()
    with full_disk(bench.store.path, -bench.store.path.stat().st_size):
        bench.executor.retry(Retry((key,), {key: source}))
        (outcome,) = await bench.finished()
        assert not outcome.done
        assert "cannot be written" in outcome.words
        assert not bench.calls("instant")
    bench.executor.retry(Retry((key,), {key: source}))
    again = (await bench.finished())[-1]
    assert "nobody knows" not in again.words
    assert bench.calls("instant")
