"""Each fault on real sockets in front of the simulated Translator: bounded, reported, and temporary."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from tests.faults.expected_words import SEEN
from tests.faults.fault_stage import SMALL, FaultStage, check_secrets
from tests.faults.kinds import FAULTS, TLS, Fault, Kind
from tests.faults.proxy import FaultProxy, proxied
from tests.slowness import patience
from tests.wordbee.conftest import StillClock
from wbtui.config import Profile
from wbtui.domain.clock import SystemClock
from wbtui.domain.commands import Refresh
from wbtui.domain.credentials import Secret, TranslatorLogin
from wbtui.domain.errors import AllowanceUsed, ServiceError
from wbtui.domain.model import Service
from wbtui.domain.snapshot import HealthWord
from wbtui.simulator.api import Api
from wbtui.simulator.http_server import Running, serve
from wbtui.simulator.world import World
from wbtui.wordbee.http import MIB, Http, Timeouts, open_client
from wbtui.wordbee.translator import TranslatorGateway

LIMITS: Final = Timeouts(connect=2, read=0.25, write=2, pool=2, total=0.5)
WITHIN: Final = "did not answer within 0.5 s"
ON_SOCKETS: Final = {
    "drip": WITHIN,
    "refused": "no connection to 127.0.0.1",
    "missing fields": "",
    "500": "Boom",
    "429 with a figure": "Maximum allowed 200",
    "expired": "its certificate is not trusted (certificate has expired)",
    "unknown authority": "its certificate is not trusted (",
    "other name": "its certificate is not trusted (IP address mismatch",
}
"""The words that differ from `expected_words.SEEN`, which is for fake time."""
READ_ALL_THE_SAME: Final = frozenset({"wrong types", "missing fields"})
"""An envelope of which nothing can be read is an operation in an unknown state."""
Contexts = dict[Kind | None, ssl.SSLContext]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    clock = SystemClock()
    found = serve(Api(World(replace(SMALL, zero_id_share=0.0), clock.now())), clock.now)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Contexts]:
    """Return the file of an authority, and what servers may show: good by it, or bad in one of three ways."""
    pytest.importorskip("cryptography", reason="it makes the certificates")
    from cryptography import x509

    from tests.wordbee.certificates import Authority

    folder = tmp_path_factory.mktemp("authorities")
    known, unknown = Authority(folder), Authority(folder, "somebody else")
    contexts: Contexts = {
        None: known.context(),
        Kind.EXPIRED: known.context(days=-1),
        Kind.UNTRUSTED: unknown.context(),
        Kind.MISNAMED: known.context(x509.DNSName("beebox.acme.example")),
    }
    return str(known.file), contexts


@dataclass
class Line:
    """A gateway whose service is behind a proxy."""

    gateway: TranslatorGateway
    proxy: FaultProxy
    ids: list[int]

    async def read(self, number: int = 0) -> int:
        request_id = self.ids[number % len(self.ids)]
        return (await self.gateway.read(request_id)).request_id

    def secrets(self) -> list[str]:
        return [self.proxy.asked[-1].headers.get("x-auth-token", "no token yet")]


@pytest.fixture
async def line(running: Running, authority: tuple[str, Contexts]) -> AsyncIterator[Line]:
    file, contexts = authority
    client = open_client(ca_file=file, timeouts=LIMITS)
    accounts = running.api.world.accounts
    login = TranslatorLogin(accounts.translator_account, Secret(accounts.translator_key))
    with proxied(running.urls["translator"], contexts) as proxy:
        gateway = TranslatorGateway(Http(client, proxy.url), login, StillClock())
        yield Line(gateway, proxy, running.look(lambda world: world.operation_ids()))
        await client.close()


def on_sockets(name: str) -> Fault:
    """Return a fault for real time, with seconds shortened to fractions."""
    fault = FAULTS[name].after_log_in()
    seconds = {Kind.DELAY: 0.05, Kind.DRIP: 0.02}.get(fault.kind, fault.seconds)
    return replace(fault, seconds=seconds)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_on_a_socket_is_bounded_worded_and_over_when_it_is_over(
    line: Line, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await line.read() == line.ids[0]
    line.proxy.suffer(on_sockets(name))
    began = time.monotonic()
    with caplog.at_level(logging.DEBUG):
        error = await failure_of(line)
    assert time.monotonic() - began < patience(5)
    fine = SEEN[name].word is HealthWord.OK or name in READ_ALL_THE_SAME
    assert (error is None) is fine
    if error is not None:
        assert ON_SOCKETS.get(name, SEEN[name].words) in error.message
        assert isinstance(error, AllowanceUsed) is (SEEN[name].word is HealthWord.LIMIT)
        shown = repr(error) + str(error) + error.advice + caplog.text
        assert not any(secret in shown for secret in line.secrets())
    assert line.proxy.sent < 32 * MIB
    line.proxy.suffer(None)
    assert await line.read() == line.ids[0]


async def failure_of(line: Line) -> ServiceError | None:
    try:
        await line.read()
    except ServiceError as error:
        return error
    return None


async def test_an_answer_that_is_sent_twice_is_not_taken_for_the_next_one(line: Line) -> None:
    line.proxy.suffer(FAULTS["answered twice"].after_log_in())
    assert [await line.read(number) for number in range(6)] == line.ids[:6]


async def test_many_calls_share_a_connection_when_all_is_well(line: Line) -> None:
    for number in range(5):
        await line.read(number)
    assert line.proxy.connections == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirection_takes_no_credentials_anywhere(line: Line, running: Running, status: int) -> None:
    with proxied(running.urls["beebox"]) as elsewhere:
        place = (("Location", f"{elsewhere.url}/api/auth/token?key=copied"),)
        line.proxy.suffer(Fault(Kind.REDIRECT, status=status, headers=place, lost=True))
        error = await failure_of(line)
        assert elsewhere.asked == []
    assert error is not None
    assert error.message == "the service points to 127.0.0.1 (http), which is not followed"


def through(profile: Profile, file: str, proxies: dict[str, FaultProxy]) -> Profile:
    """Return the profile with the proxies' addresses, trusting the authority in `file`."""
    assert profile.translator
    assert profile.beebox
    assert profile.instant
    return replace(
        profile,
        translator=replace(profile.translator, url=proxies["translator"].url, ca_file=file),
        beebox=replace(profile.beebox, url=proxies["beebox"].url, ca_file=file),
        instant=replace(profile.instant, url=proxies["instant"].url, ca_file=file),
    )


@pytest.mark.parametrize("name", ["expired", "unknown authority", "other name", "refused", "cut", "html"])
async def test_the_whole_house_over_tls_while_one_service_is_in_trouble(
    tmp_path: Path, authority: tuple[str, Contexts], name: str
) -> None:
    file, contexts = authority
    trial = FaultStage(tmp_path)
    stage = trial.stage
    stage.transport = None  # type: ignore[assignment]  # the real one
    stage.clock.busy = _looking
    running = serve(stage.api, stage.clock.now)
    with (
        proxied(running.urls["translator"], contexts) as translator,
        proxied(running.urls["beebox"], contexts) as beebox,
        proxied(running.urls["instant"], contexts) as instant,
    ):
        proxies = {"translator": translator, "beebox": beebox, "instant": instant}
        stage.profile = through(stage.profile, file, proxies)
        async with stage.monitoring() as monitor:
            await trial.until_ok(Service)
            beebox.suffer(FAULTS[name])
            monitor.do(Refresh(Service.BEEBOX))
            await stage.clock.run_for(30.0)
            health = stage.latest.health[Service.BEEBOX]
            assert health.word is HealthWord.DOWN
            assert ON_SOCKETS.get(name, "") in health.message
            assert ("ca_file" in health.advice) is (FAULTS[name].kind in TLS)
            assert trial.all_ok([Service.OPERATIONS, Service.INSTANT, Service.FLEX])
            beebox.suffer(None)
            await trial.until_ok([Service.BEEBOX])
        assert stage.world.open_sessions(stage.clock.now())["translator"] == 0
    running.stop()
    check_secrets(trial)
    stage.store.close()


def _looking() -> bool:
    """Return whether a look is under way, which needs real time here."""
    return any(task.get_name().startswith("look at") for task in asyncio.all_tasks())
