"""The gateways of the three services, for the contradictions within Wordbee's own documentation.

Each contradiction has a number per service, which is in the names of its tests. The tests in
`test_writing_contradictions` concern calls that change something, and calls that wbtui does not make:
translator 5, 7, 8, 9, 18, 19, 20, 26, Beebox 10, 12, 13, 16, Instant 3, 4, 5, 7, 13.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.wordbee.conftest import NOON, Serve, StillClock
from tests.wordbee.minimal_services import BEEBOX_LOGIN, INSTANT_LOGIN, TRANSLATOR_LOGIN, Translator, Work
from tests.wordbee.scripted_server import Asked, ScriptedServer, as_json
from wbtui.domain.model import FlexQuestion
from wbtui.wordbee.beebox import BeeboxGateway
from wbtui.wordbee.flex import FlexGateway
from wbtui.wordbee.http import Client, Http
from wbtui.wordbee.instant import InstantGateway
from wbtui.wordbee.translator import TranslatorGateway


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def translator(self, work: Work) -> tuple[TranslatorGateway, ScriptedServer]:
        server = await self.serve(Translator(work))
        return TranslatorGateway(Http(self.client, server.url), TRANSLATOR_LOGIN, self.clock), server

    async def question(self, question: FlexQuestion, hours: float = 1) -> Asked:
        """Ask Flex a question and return what reached the server."""
        gateway, server = await self.translator(lambda _: as_json(ENVELOPE))
        await FlexGateway(gateway.session).ask("1000", question, NOON - timedelta(hours=hours))
        return server.asked[-1]

    async def beebox(self, script: Work) -> tuple[BeeboxGateway, ScriptedServer]:
        server = await self.serve(script)
        return BeeboxGateway(Http(self.client, server.url), BEEBOX_LOGIN, self.clock), server

    async def instant(self, script: Work) -> tuple[InstantGateway, ScriptedServer]:
        server = await self.serve(script)
        return InstantGateway(Http(self.client, server.url), INSTANT_LOGIN, self.clock), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


ENVELOPE = {"trm": {"requestid": 32230, "status": "Waiting", "statusText": "Waiting..."}}
