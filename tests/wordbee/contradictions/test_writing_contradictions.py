"""Contradictions of Wordbee's documentation on calls that change something, and on calls not made."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import wbtui.wordbee
from tests.wordbee.conftest import Serve, StillClock
from tests.wordbee.minimal_services import (
    BEEBOX_LOGIN,
    INSTANT_LOGIN,
    TRANSLATOR_LOGIN,
    Sessions,
    Translator,
    Work,
)
from tests.wordbee.scripted_server import Asked, Reply, ScriptedServer, as_json
from wbtui.config import TranslatorSettings
from wbtui.domain.errors import Rejected, ServiceError
from wbtui.domain.ports import NewFiles, NewRequest
from wbtui.wordbee.beebox import BeeboxConnector, BeeboxGateway, BeeboxWriter, preliminary_names
from wbtui.wordbee.flex import FlexGateway
from wbtui.wordbee.http import Client, Http
from wbtui.wordbee.instant import InstantGateway, InstantWriter
from wbtui.wordbee.translator import TranslatorSession, TranslatorWriter, new_files_body

ENVELOPE = {"trm": {"requestid": 32230, "status": "Waiting", "statusText": "Waiting..."}}
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in Path(wbtui.wordbee.__file__).parent.glob("*.py")
)


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def translator(self, work: Work) -> tuple[TranslatorSession, ScriptedServer]:
        server = await self.serve(Translator(work))
        return TranslatorSession(Http(self.client, server.url), TRANSLATOR_LOGIN, self.clock), server

    async def http(self, script: Work) -> tuple[Http, ScriptedServer]:
        server = await self.serve(script)
        return Http(self.client, server.url), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


def test_translator_contradiction_05_polls_are_five_seconds_apart() -> None:
    assert TranslatorSettings("https://a.example/api", "acme").poll_seconds == 5


async def test_translator_contradiction_07_new_files_are_posted_and_never_put(build: Build) -> None:
    session, server = await build.translator(lambda _: Reply(405))
    with pytest.raises(Rejected):
        await TranslatorWriter(session).workflows_new(NewFiles(165, "en", ("fr",)), {"a.htm": "t"})
    assert [call for call in server.calls if "workflows" in call] == ["POST projects/165/workflows/new"]


def test_translator_contradiction_08_custom_fields_are_named_by_id_or_title() -> None:
    fields = (("4", "A-221"), ("Activity", "Fulltime"))
    body = new_files_body(NewFiles(165, "en", ("fr",), job_fields=fields), {"a.htm": "t"})
    assert body["jobsCfs"] == [{"id": 4, "value": "A-221"}, {"title": "Activity", "value": "Fulltime"}]
    assert "fields" not in body


def test_a_custom_field_of_5000_digits_is_refused_in_words() -> None:
    fields = (("9" * 5000, "x"),)
    with pytest.raises(Rejected, match="no custom field has an id of 5000 digits"):
        new_files_body(NewFiles(165, "en", ("fr",), job_fields=fields), {"a.htm": "t"})


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/status/{", id="translator_contradiction_09_status_of_one_workflow"),
        pytest.param("workflow/status", id="translator_contradiction_19_status_of_flex_workflows"),
        pytest.param("/stream", id="translator_contradiction_20_media_as_a_stream"),
        pytest.param("/log", id="translator_contradiction_26_log_of_flex"),
        pytest.param("postedit/cost", id="instant_contradiction_04_cost_of_post_edits"),
        pytest.param("deadlineMandatory", id="instant_contradiction_07_deadlines_of_post_edits"),
        pytest.param("diableJobs", id="beebox_contradiction_12_misspelt_instruction"),
        pytest.param("TranslateFiles", id="beebox_contradiction_16_callbacks"),
    ],
)
def test_what_the_documents_contradict_themselves_about_is_not_relied_on(path: str) -> None:
    """If such a call is added, its contradictory documentation has to be handled first."""
    assert path not in SOURCES


async def test_translator_contradiction_18_documents_are_listed_without_a_query(build: Build) -> None:
    session, server = await build.translator(lambda _: as_json({"total": 0, "rows": []}))
    await FlexGateway(session).documents()
    assert server.asked[-1].json == {"take": 200, "skip": 0}


async def test_translator_contradiction_20_files_are_fetched_without_the_stream(build: Build) -> None:
    session, server = await build.translator(lambda _: Reply(200, b"x"))
    assert await session.media("abc") == b"x"
    assert server.calls[-1] == "GET media/get/abc"


def test_beebox_contradiction_10_preliminary_files_have_one_of_three_names() -> None:
    assert preliminary_names("a.b\\c.docx") == (
        "a.b\\c.prelim.docx",
        "a.b\\c.docx.prelim",
        "a.b\\c.docx.preliminary",
    )


async def test_beebox_contradiction_10_the_names_are_tried_in_turn(build: Build) -> None:
    def one_name(asked: Asked) -> Reply:
        if asked.query.get("filename") == "a.docx.prelim":
            return Reply(200, b"draft")
        return as_json({"type": "Api error", "message": "no such file", "failed": True}, 400)

    http, _ = await build.http(Sessions(one_name))
    gateway = BeeboxGateway(http, BEEBOX_LOGIN, build.clock)
    async with gateway.files() as session, session.preliminary("a.docx", "fr") as found:
        assert b"".join([chunk async for chunk in found.chunks]) == b"draft"


async def test_beebox_contradiction_13_only_the_named_source_is_deleted(build: Build) -> None:
    def work(asked: Asked) -> Reply:
        return as_json({"sourceLocale": "en"}) if asked.path == "details" else Reply(204)

    http, server = await build.http(Sessions(work))
    writer = BeeboxWriter(http, BeeboxConnector(http, BEEBOX_LOGIN, build.clock), build.clock)
    async with writer.writing() as session:
        await session.delete_source("a\\b.docx")
    deleted = [asked.query for asked in server.asked if asked.method == "DELETE"]
    assert [(one["locale"], one["filename"]) for one in deleted] == [
        ("en", "a\\b.docx"),
        ("en", "a\\b.docx.beebox"),
    ]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "plan.txt"
    path.write_bytes(b"a text")
    return path


@pytest.fixture
async def submission(build: Build, text: Path) -> Asked:
    """Submit a file, and return what reached the server."""
    http, server = await build.http(Sessions(lambda _: as_json({"id": 3772}), token="object"))
    gateway = InstantGateway(http, INSTANT_LOGIN, build.clock)
    async with InstantWriter(http, gateway.connector, build.clock).writing() as session:
        assert await session.submit(NewRequest("plan.txt", "en", "fr", "h1"), text) == 3772
    return next(asked for asked in server.asked if asked.method == "POST")


def test_instant_contradiction_03_a_file_is_never_sent_as_multipart(submission: Asked) -> None:
    assert submission.headers["content-type"] == "Stream"
    assert gzip.decompress(submission.body) == b"a text"


def test_instant_contradiction_13_the_packing_is_named_in_lower_case(submission: Asked) -> None:
    assert submission.query["compress"] == "gzip"


def _raw_deflate(plain: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(plain) + packer.flush()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, _raw_deflate])
async def test_instant_contradiction_05_post_edits_are_told_by_their_bytes(
    build: Build, pack: Callable[[bytes], bytes]
) -> None:
    http, server = await build.http(Sessions(lambda _: Reply(200, pack(b"edited")), token="object"))
    async with (
        InstantGateway(http, INSTANT_LOGIN, build.clock).files() as session,
        session.post_edit(39) as found,
    ):
        assert found.unpack is not None
        packed = [chunk async for chunk in found.chunks]
        assert b"".join(found.unpack(iter(packed))) == b"edited"
    fetched = next(asked for asked in server.asked if asked.path.endswith("postedit/file"))
    assert "compress" not in fetched.query


async def test_post_edits_that_are_online_only_say_so(build: Build) -> None:
    refusal = {"id": "PE_FILE_ONLINE_ONLY", "message": "Only online.", "info": None, "failed": True}
    http, _ = await build.http(Sessions(lambda _: as_json(refusal, 400), token="object"))
    with pytest.raises(ServiceError, match="Only online"):
        async with (
            InstantGateway(http, INSTANT_LOGIN, build.clock).files() as session,
            session.post_edit(39),
        ):
            pass
