"""A Beebox gateway on a scripted server."""

from __future__ import annotations

import pytest

from tests.wordbee.conftest import Serve, StillClock
from tests.wordbee.minimal_services import BEEBOX_LOGIN, Work
from tests.wordbee.scripted_server import ScriptedServer
from wbtui.domain.credentials import BeeboxLogin, Secret
from wbtui.wordbee.beebox import BeeboxGateway
from wbtui.wordbee.http import Client, Http

PAGE = {"skip": 0, "count": 1, "total": 1, "files": [{"file": "a\\b.docx", "locale": "fr", "status": 6}]}
FRAMEWORK = {"Message": "No HTTP resource was found", "MessageDetail": "No action was found"}
WRONG = BeeboxLogin(project="p", login="monitor", password=Secret("wrong-4711"))


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def __call__(
        self, script: Work, login: BeeboxLogin = BEEBOX_LOGIN
    ) -> tuple[BeeboxGateway, ScriptedServer]:
        server = await self.serve(script)
        return BeeboxGateway(Http(self.client, server.url), login, self.clock), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)
