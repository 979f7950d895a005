from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.caller import Caller, read
from wbtui.simulator.http_messages import Reply
from wbtui.simulator.recorded_writes import Deletion

FILE = "/api/files/file"
DIRECTORY = "/api/files/directory"
INTRO = "batch-7\\intro.docx"


def put(caller: Caller, path: str, content: bytes, locale: str = "en", **more: str) -> Reply:
    token = caller.beebox_token()
    reply = caller.beebox("PUT", FILE, content, token=token, locale=locale, filename=path, **more)
    caller.beebox("GET", "/api/disconnect", token=token)
    return reply


def delete(caller: Caller, path: str = "", locale: str = "en", call: str = FILE, **more: str) -> Reply:
    token = caller.beebox_token()
    names = {} if not path else {"filename" if call == FILE else "directoryname": path}
    reply = caller.beebox("DELETE", call, token=token, locale=locale, **names, **more)
    caller.beebox("GET", "/api/disconnect", token=token)
    return reply


def get(caller: Caller, path: str, locale: str) -> Reply:
    token = caller.beebox_token()
    reply = caller.beebox("GET", FILE, token=token, locale=locale, filename=path)
    caller.beebox("GET", "/api/disconnect", token=token)
    return reply


def statuses(caller: Caller, path: str) -> dict[str, int]:
    file = caller.world.beebox.files.get(path)
    return {} if file is None else {code: cell.status for code, cell in file.cells.items()}


def run(caller: Caller) -> None:
    """Let one automatic run end."""
    runs = caller.world.automatic_runs
    while caller.world.automatic_runs == runs:
        caller.wait(1)
        caller.world.advance(caller.now)
    caller.world.advance(caller.now)


def quiet(**plan: Any) -> Caller:
    return Caller(**{"files": 1, "locales": 3} | plan)


def test_a_new_source_is_listed_after_the_next_automatic_run_and_then_translated() -> None:
    caller = quiet()
    assert (put(caller, "new\\a.html", b"<p>Hello</p>").status, statuses(caller, "new\\a.html")) == (204, {})
    run(caller)
    assert statuses(caller, "new\\a.html") == {"fr": 4, "de": 4, "zh-CN": 4}
    caller.wait(3 * 3600)
    caller.world.advance(caller.now)
    assert set(statuses(caller, "new\\a.html").values()) == {1}
    assert get(caller, "new\\a.html", "de").body == b"[de] new\\a.html\n<p>Hello</p>"
    assert caller.world.writes.uploads[0].content == b"<p>Hello</p>"


def test_a_regular_project_begins_with_in_progress() -> None:
    caller = quiet(project_kind="regular", files=0)
    put(caller, "a.docx", b"text")
    run(caller)
    assert set(statuses(caller, "a.docx").values()) == {6}


def test_a_source_put_again_starts_all_languages_anew_even_with_the_same_bytes() -> None:
    caller = quiet()
    put(caller, INTRO, b"text")
    caller.wait(3 * 3600)
    caller.world.advance(caller.now)
    assert set(statuses(caller, INTRO).values()) == {1}
    put(caller, INTRO, b"text")
    assert set(statuses(caller, INTRO).values()) == {1}
    run(caller)
    assert set(statuses(caller, INTRO).values()) == {4}
    assert get(caller, INTRO, "fr").status == 400
    assert all(cell.made is None for cell in caller.world.beebox.files[INTRO].cells.values())


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        (b'{"locales": ["de"]}', {"de": 4}),
        (b'{"locales": ["zh-CN", "fr", "xx"], "deadline": "2026-04-01T00:00:00Z"}', {"fr": 4, "zh-CN": 4}),
        (b'{"translate": false}', {}),
        (b'\xef\xbb\xbf{"translate": true}', {"fr": 4, "de": 4, "zh-CN": 4}),
        (b"{not json", {"fr": 4, "de": 4, "zh-CN": 4}),
        (b"\xff", {"fr": 4, "de": 4, "zh-CN": 4}),
        (b"[]", {"fr": 4, "de": 4, "zh-CN": 4}),
    ],
)
@pytest.mark.parametrize("first", ["instructions", "source"])
def test_instructions_choose_the_locales_in_either_order(
    instructions: bytes, expected: dict[str, int], first: str
) -> None:
    caller = quiet()
    files = [("new.docx.beebox", instructions), ("new.docx", b"text")]
    for path, content in files if first == "instructions" else files[::-1]:
        assert put(caller, path, content).status == 204
    run(caller)
    assert statuses(caller, "new.docx") == expected


def test_locales_that_the_instructions_leave_out_keep_their_state() -> None:
    caller = quiet()
    before = statuses(caller, INTRO)
    put(caller, f"{INTRO}.beebox", b'{"locales": ["de"]}')
    run(caller)
    assert len(statuses(caller, INTRO)) == len(before)
    put(caller, INTRO, b"text")
    cells = caller.world.beebox.files[INTRO].cells
    run(caller)
    after = caller.world.beebox.files[INTRO].cells
    assert after["fr"] is cells["fr"]
    assert after["de"].status == 4


def test_the_listing_counts_files_with_fewer_records_one_by_one() -> None:
    caller = quiet()
    put(caller, "a.docx", b"text")
    put(caller, "a.docx.beebox", b'{"locales": ["de"]}')
    run(caller)
    token = caller.beebox_token()
    work = "/api/workprogress/translatedfiles"
    pages = [
        read(caller.beebox("GET", work, token=token, skip=str(skip), count="3")) for skip in range(0, 6, 3)
    ]
    assert [(page["count"], page["total"]) for page in pages] == [(3, 4), (1, 4)]
    last = pages[1]["files"][0]
    assert (last["file"], last["locale"], last["statusc"]) == ("a.docx", "de", "New")


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("empty.docx", b" \r\n", "No text found"),
        ("book.idml", b"x", "File type '.idml' is not configured in the project."),
    ],
)
def test_a_source_that_cannot_be_processed_ends_in_error(path: str, content: bytes, message: str) -> None:
    caller = quiet(files=0)
    put(caller, path, content)
    run(caller)
    caller.wait(600)
    caller.world.advance(caller.now)
    cells = caller.world.beebox.files[path].cells.values()
    assert {(cell.status, cell.error) for cell in cells} == {(8, message)}


@pytest.mark.parametrize(("knob", "expected"), [("cancelled", {10}), ("vanish", set())])
def test_a_deleted_source_stops_all_languages_at_the_next_run(knob: str, expected: set[int]) -> None:
    caller = quiet(deleted_records=knob)
    before = statuses(caller, INTRO)
    assert delete(caller, INTRO).status == 204
    assert statuses(caller, INTRO) == before
    assert delete(caller, INTRO).status == 400
    run(caller)
    assert set(statuses(caller, INTRO).values()) == expected
    assert caller.world.writes.deletions == [Deletion("en", INTRO)]


@pytest.mark.parametrize("knob", ["cancelled", "vanish"])
def test_a_deleted_source_can_be_put_again(knob: str) -> None:
    caller = quiet(deleted_records=knob)
    delete(caller, INTRO)
    run(caller)
    put(caller, INTRO, b"text")
    run(caller)
    assert set(statuses(caller, INTRO).values()) == {4}


def test_a_source_put_and_deleted_between_two_runs_never_shows() -> None:
    caller = quiet(deleted_records="cancelled")
    put(caller, "a.docx", b"text")
    delete(caller, "a.docx")
    delete(caller, INTRO)
    put(caller, INTRO, b"text")
    run(caller)
    assert statuses(caller, "a.docx") == {}
    assert set(statuses(caller, INTRO).values()) == {4}


def test_instructions_are_there_for_some_files_and_deleted_apart() -> None:
    caller = Caller(files=40)
    known = caller.world.beebox.inbox.instructions
    with_them, without = next(iter(known)), next(p for p in caller.world.beebox.files if p not in known)
    assert delete(caller, f"{with_them}.beebox").status == 204
    assert delete(caller, f"{with_them}.beebox").status == 400
    assert delete(caller, f"{without}.beebox").status == 400
    assert 10 < len(known) < 30


def test_nothing_happens_while_a_session_is_open() -> None:
    caller = quiet()
    put(caller, "a.docx", b"text")
    caller.beebox_token()
    caller.wait(14 * 60)
    caller.world.advance(caller.now)
    assert statuses(caller, "a.docx") == {}


def test_a_translation_for_alignment_and_a_sandbox_file_are_taken_and_change_no_record() -> None:
    caller = quiet()
    assert put(caller, INTRO, b"texte", "fr").status == 204
    assert put(caller, "box\\try.docx", b"x", "sandbox").status == 204
    before = statuses(caller, INTRO)
    run(caller)
    assert statuses(caller, "box\\try.docx") == {}
    assert len(statuses(caller, INTRO)) == len(before)
    assert [(one.place, one.name) for one in caller.world.writes.uploads] == [
        ("fr", INTRO),
        ("sandbox", "box\\try.docx"),
    ]
    assert delete(caller, "box\\try.docx", "sandbox").status == 204
    assert delete(caller, "box\\try.docx", "sandbox").status == 400


def test_a_translated_file_that_is_deleted_is_made_anew_and_a_draft_is_not() -> None:
    caller = Caller()
    truth = caller.world.beebox.truth()
    _bb, locale, path = next(key for key, one in truth.items() if one["uptodate"]).split(":", 2)
    assert delete(caller, path, locale).status == 204
    assert delete(caller, path, locale).status == 400
    assert get(caller, path, locale).status == 400
    run(caller)
    assert get(caller, path, locale).status == 200
    _bb, locale, path = next(key for key, one in truth.items() if one["preliminary"]).split(":", 2)
    assert get(caller, f"{path}.prelim", locale).status == 200
    assert delete(caller, f"{path}.prelim", locale).status == 204
    assert get(caller, f"{path}.prelim", locale).status == 400


@pytest.mark.parametrize("locale", ["en", "fr", "sandbox"])
def test_a_directory_is_deleted_with_all_below_it(locale: str) -> None:
    caller = quiet(files=0)
    for path in ("job\\a.docx", "job\\deep\\b.docx", "jobs\\c.docx", "job\\a.docx.beebox"):
        put(caller, path, b"{}")
        put(caller, path, b"{}", "sandbox")
    caller.wait(3 * 3600)
    caller.world.advance(caller.now)
    assert delete(caller, "job\\", locale, DIRECTORY).status == 204
    assert delete(caller, "job", locale, DIRECTORY).status == 400
    gone = [one.path for one in caller.world.writes.deletions]
    assert {"job\\a.docx", "job\\deep\\b.docx"} <= set(gone)
    assert "jobs\\c.docx" not in gone
    assert ("job\\a.docx.beebox" in gone) is (locale != "fr")


def test_the_sandbox_alone_is_cleared_without_a_name() -> None:
    caller = quiet()
    put(caller, "a.docx", b"x", "sandbox")
    assert delete(caller, locale="sandbox", call=DIRECTORY).status == 204
    assert caller.world.beebox.inbox.sandbox == {}
    assert delete(caller, locale="en", call=DIRECTORY).status == 400
    assert statuses(caller, INTRO)


@pytest.mark.parametrize("path", ["", "..\\a.docx", "C:\\a.docx", "\\a.docx", "/etc/x", "a\\..\\b.docx"])
def test_only_relative_paths_are_taken(path: str) -> None:
    caller = quiet()
    reply = put(caller, path, b"x")
    assert (reply.status, read(reply)["failed"]) == (400, True)
    assert caller.world.writes.uploads == []


def test_folder_and_name_make_the_path_and_slashes_become_backslashes() -> None:
    caller = quiet()
    put(caller, "b/a.docx", b"x", folder="job-1")
    assert caller.world.writes.uploads[0].name == "job-1\\b\\a.docx"


def test_refused_uploads() -> None:
    caller = quiet()
    assert put(caller, "a.docx", b"x", "xx").status == 400
    token = caller.beebox_token()
    query = {"token": token, "locale": "en", "filename": "a.docx"}
    for missing in query:
        rest = {name: value for name, value in query.items() if name != missing}
        assert caller.beebox("PUT", FILE, b"x", **rest).status == 404
    assert caller.beebox("DELETE", FILE, locale="en", filename=INTRO).status == 404
    assert caller.beebox("DELETE", FILE, token=token, filename=INTRO).status == 400
    dead = {"token": "dead", "locale": "en", "filename": INTRO}
    for method in ("PUT", "DELETE"):
        assert read(caller.beebox(method, FILE, b"x", **dead))["id"] == "LOGGEDOUT"
    assert caller.world.writes.uploads == []


def test_a_multipart_body_is_refused() -> None:
    caller = quiet()
    query = {"token": caller.beebox_token(), "locale": "en", "filename": "a.docx"}
    caller.extra = {"content-type": "multipart/form-data"}
    assert caller.beebox("PUT", FILE, b"--x", **query).status == 400


def test_writes_are_logged_with_the_length_of_what_is_no_json() -> None:
    caller = quiet()
    put(caller, "a.docx", b"PK\x03\x04" * 10)
    put(caller, "a.docx.beebox", json.dumps({"locales": ["de"], "token": "x"}).encode())
    put(caller, "b.docx", b"{half")
    put(caller, "c.docx", b"")
    delete(caller, "a.docx")
    log = [one for one in caller.api.log if one.path == FILE]
    assert [(one.method, one.status) for one in log] == [("PUT", 204)] * 4 + [("DELETE", 204)]
    assert [one.body for one in log] == [
        {"bytes": 40},
        {"locales": ["de"], "token": "***"},
        {"bytes": 5},
        {},
        {},
    ]
    assert log[0].query == {"token": "***", "locale": "en", "filename": "a.docx"}


def test_a_download_can_be_made_large_and_is_the_same_each_time() -> None:
    caller = quiet(large_bytes=10_001)
    put(caller, INTRO, b"text")
    caller.wait(3 * 3600)
    caller.world.advance(caller.now)
    one, two = (get(caller, INTRO, "fr").body for _ in range(2))
    assert one == two
    assert len(one) >= 10_001
    assert one.startswith(b"[fr] batch-7\\intro.docx\ntext\n")
    assert get(caller, INTRO, "de").body != one
