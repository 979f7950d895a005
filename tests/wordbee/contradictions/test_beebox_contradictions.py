from __future__ import annotations

import json

import pytest

from tests.wordbee.conftest import NOON
from tests.wordbee.contradictions.conftest import Build, pack
from tests.wordbee.minimal_services import Sessions
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.model import BeeboxFile, State
from wbtui.wordbee.beebox import decode_files
from wbtui.wordbee.http import base_address


def record(**fields: object) -> BeeboxFile:
    body = {"total": 1, "files": [{"file": "a.docx", "locale": "fr", **fields}]}
    return decode_files(pack(body), 0, NOON).files[0]


@pytest.mark.parametrize("name", ["files", "items"])
def test_beebox_contradiction_01_the_records_are_called_files_or_items(name: str) -> None:
    page = decode_files(pack({"total": 1, name: [{"file": "a.docx", "locale": "fr"}]}), 0, NOON)
    assert [file.path for file in page.files] == ["a.docx"]


def test_beebox_contradiction_02_an_unknown_array_of_totals_is_ignored() -> None:
    body = {"totals": [{"locale": "fr", "files": 9}], "files": [{"file": "a", "locale": "fr"}], "total": 1}
    assert len(decode_files(pack(body), 0, NOON).files) == 1


@pytest.mark.parametrize("number", [0, 2, 3, 9, 42])
def test_beebox_contradiction_03_unknown_numbers_are_shown_as_they_came(number: int) -> None:
    assert (record(status=number).state, record(status=number).status_name) == (
        State.UNKNOWN,
        f"status {number}",
    )
    assert record(status=number, statusc="Baking").status_name == "Baking"
    assert record(status=number, uptodate=True).state is State.READY


@pytest.mark.parametrize("name", ["statusc", "statust"])
def test_beebox_contradiction_04_the_status_name_had_another_name(name: str) -> None:
    assert record(status=5, **{name: "Submitting!"}).status_name == "Submitting!"


@pytest.mark.parametrize(
    ("fields", "age", "dated"),
    [
        ({"tdate": 30}, 30.0, False),
        ({"tdate": "30"}, 30.0, False),
        ({"tfdatemin": 31, "tdate": 30}, 31.0, False),
        ({"tdate": "2024-03-01T11:30:00Z"}, None, True),
        ({"tfdate": "2024-03-01T11:30:00Z", "tdate": 5.5}, 5.5, True),
        ({}, None, False),
    ],
)
def test_beebox_contradiction_05_tdate_is_minutes_or_a_date(
    fields: dict[str, object], age: float | None, dated: bool
) -> None:
    file = record(**fields)
    assert file.made_age == age
    assert (file.made_at is not None) is dated


def test_beebox_contradiction_06_uptodate_is_ready() -> None:
    assert record(status=1, statusc="Uptodate", uptodate=True).state is State.READY


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"uptodate": True, "status": 6}, State.READY),
        ({"uptodate": "true", "status": 10}, State.READY),
        ({"uptodate": False, "status": 1}, State.DONE),
        ({"uptodate": False, "status": 7, "notReadyToBuild": True}, State.DONE),
        ({"status": 6, "readyToBuild": True}, State.RUNNING),
        ({"uptodate": False, "readyToBuild": True}, State.DONE),
        ({"readyToBuild": False, "notReadyToBuild": True}, State.RUNNING),
        ({"readyToBuild": False, "notReadyToBuild": False}, State.UNKNOWN),
    ],
)
def test_beebox_contradiction_07_uptodate_decides_then_the_status_then_the_booleans(
    fields: dict[str, object], state: State
) -> None:
    assert record(**fields).state is state


def test_beebox_contradiction_08_labels_of_the_prose_are_no_names() -> None:
    file = record(localename="French", tms={"error": "x"}, status=8)
    assert (file.locale_name, file.error) == ("French", "x")


async def test_beebox_contradiction_09_the_filter_is_a_string_by_get_and_an_object_by_post(
    build: Build,
) -> None:
    beebox, server = await build.beebox(Sessions(lambda _: as_json({"total": 0, "files": []})))
    async with beebox.session() as session:
        await session.page(locale="fr")
        await session.page(locale="fr", paths=["a"])
    assert json.loads(server.asked[1].query["filter"]) == {"targetLocale": "fr"}
    assert server.asked[2].json["filter"]["targetLocale"] == "fr"


def test_beebox_contradiction_11_the_address_is_what_the_user_gives() -> None:
    assert base_address("http://localhost:8089") == "http://localhost:8089/api"
    assert base_address("https://beebox.acme.example") == "https://beebox.acme.example/api"


async def test_beebox_contradiction_14_connect_names_a_project_and_no_account(build: Build) -> None:
    beebox, server = await build.beebox(Sessions())
    async with beebox.session():
        pass
    assert set(server.asked[0].json) == {"project", "login", "pwd", "waitsecs", "connector", "version"}


@pytest.mark.parametrize("status", [200, 202, 203, 204])
async def test_beebox_contradiction_15_any_success_ends_the_session(build: Build, status: int) -> None:
    service = Sessions()

    def script(asked: Asked) -> Reply:
        reply = service(asked)
        assert isinstance(reply, Reply)
        return Reply(status) if asked.path == "disconnect" else reply

    beebox, server = await build.beebox(script)
    async with beebox.session():
        pass
    assert server.calls == ["POST connect", "GET disconnect"]
