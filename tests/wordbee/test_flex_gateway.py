"""Flex over real HTTP, on the translator's session."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.wordbee.conftest import NOON, Serve, StillClock
from tests.wordbee.minimal_services import TRANSLATOR_LOGIN, Translator, Work
from tests.wordbee.scripted_server import Asked, Reply, ScriptedServer, as_json
from wbtui.domain import ports
from wbtui.domain.errors import BadAnswer, Rejected, Unknown
from wbtui.domain.model import FlexQuestion, Metric, State
from wbtui.domain.ports import FlexRow
from wbtui.wordbee.flex import FlexGateway
from wbtui.wordbee.http import Client, Http
from wbtui.wordbee.translator import TranslatorGateway

HOUR_AGO = NOON - timedelta(hours=1)
ASKED = {"trm": {"requestid": 32230, "status": "Waiting", "statusText": "Waiting..."}}


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def __call__(self, work: Work) -> tuple[FlexGateway, ScriptedServer]:
        server = await self.serve(Translator(work))
        operations = TranslatorGateway(Http(self.client, server.url), TRANSLATOR_LOGIN, self.clock)
        return FlexGateway(operations.session), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


def documents(asked: Asked) -> Reply:
    """Give at most three rows of seven, whatever was asked for."""
    skip = asked.json["skip"]
    rows = [{"id": str(1000 + number), "name": f"n{number}"} for number in range(7)][skip : skip + 3]
    return as_json({"total": 7, "count": len(rows), "rows": rows})


async def test_documents_are_listed_page_by_page_of_the_rows_received(build: Build) -> None:
    flex, server = await build(documents)
    gateway: ports.FlexGateway = flex
    found = await gateway.documents()
    assert found.whole
    assert [document.id for document in found.documents] == [str(1000 + number) for number in range(7)]
    assert [asked.json for asked in server.asked[1:]] == [
        {"take": 200, "skip": 0},
        {"take": 200, "skip": 3},
        {"take": 200, "skip": 6},
    ]


async def test_a_server_that_ignores_skip_does_not_list_for_ever(build: Build) -> None:
    flex, server = await build(lambda _: as_json({"total": 10**9, "rows": [{"id": "1"}]}))
    found = await flex.documents()
    assert (len(found.documents), found.whole) == (1, False)
    assert len(server.asked) == 3


async def test_one_document_is_asked_for_by_its_id_as_text(build: Build) -> None:
    flex, server = await build(lambda _: as_json({"id": 1000, "dtchange": "2026-03-01T10:00:00Z"}))
    document = await flex.document("c300/../x")
    assert document.id == "c300/../x"
    assert server.asked[1].target == "/api/apps/wbflex/documents/c300%2F..%2Fx"


async def test_a_document_that_the_server_does_not_know(build: Build) -> None:
    flex, _ = await build(lambda _: as_json({"error": {"title": "Not found"}}, 400))
    with pytest.raises(Unknown, match="Not found"):
        await flex.document("1000")


async def test_the_least_question(build: Build) -> None:
    flex, server = await build(lambda _: as_json(ASKED))
    reading = await flex.ask("1000", FlexQuestion(), HOUR_AGO)
    assert (reading.request_id, reading.state) == (32230, State.WAITING)
    assert server.asked[1].call == "POST apps/wbflex/documents/1000/components/status"
    assert server.asked[1].json == {
        "changed": "2026-03-02T11:00:00Z",
        "metric": "StatusNoneOk",
        "invert": False,
    }


async def test_the_whole_question(build: Build) -> None:
    flex, server = await build(lambda _: as_json(ASKED))
    question = FlexQuestion(
        metric=Metric.BOOKMARKED,
        invert=True,
        locales=("fr", "de"),
        components=tuple(f"c{number}" for number in range(600)),
        component_value="app.",
    )
    await flex.ask("c300", question, HOUR_AGO)
    body = server.asked[1].json
    assert (body["metric"], body["invert"], body["locales"]) == ("BookmarkBlue", True, ["fr", "de"])
    assert len(body["components"]) == 500
    assert body["component"] == {"value": "app.", "mode": "Prefix"}


async def test_a_filter_for_empty_components_needs_no_value(build: Build) -> None:
    flex, server = await build(lambda _: as_json(ASKED))
    await flex.ask("1", FlexQuestion(component_mode="Empty"), HOUR_AGO)
    assert server.asked[1].json["component"] == {"value": "", "mode": "Empty"}


async def test_a_question_that_the_server_refuses_is_no_unknown_item(build: Build) -> None:
    refusal = {"error": {"title": "changed is too old"}, "reason": "changed is too old"}
    flex, _ = await build(lambda _: as_json(refusal, 400))
    with pytest.raises(Rejected, match="too old") as caught:
        await flex.ask("1", FlexQuestion(), HOUR_AGO)
    assert not isinstance(caught.value, Unknown)


async def test_the_answer_is_fetched_and_decoded(build: Build) -> None:
    flex, server = await build(lambda _: as_json([{"k": "app.login", "s": 8, "l": {"fr": 8}}]))
    answer = await flex.answer("9ccc2599")
    assert answer.rows == (FlexRow("app.login", 8, {"fr": 8}),)
    assert server.asked[1].call == "GET media/get/9ccc2599"


async def test_a_large_answer_is_decoded_as_well(build: Build) -> None:
    rows = [{"k": f"component.{number:06}", "s": 8, "l": {"fr": 8, "de": 8}} for number in range(6000)]
    flex, _ = await build(lambda _: as_json(rows))
    answer = await flex.answer("x")
    assert len(answer.rows) == 6000
    assert answer.rows[-1].component == "component.005999"


async def test_a_large_answer_that_is_damaged_is_a_bad_answer(build: Build) -> None:
    flex, _ = await build(lambda _: Reply(200, b"[" + b'{"k": "x"},' * 40_000))
    with pytest.raises(BadAnswer):
        await flex.answer("x")
