"""The policies that are compared, and the scenarios on which they are."""

from __future__ import annotations

from tests.scheduling.simulation import (
    Job,
    MakePolicy,
    OldestFirst,
    Oracle,
    RoundRobin,
    Scenario,
    Sentinel,
)
from wbtui.domain.model import State
from wbtui.scheduling.learned import LearnedQueue
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.scheduler import Scheduler, Watched


class OwnPolicy:
    """The program's own."""

    def __init__(self, scenario: Scenario, jobs: list[Job], limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._jobs = {job.key: job for job in jobs}
        self.scheduler = Scheduler(scenario.floor, LearnedQueue(), 0.0)

    def arrive(self, job: Job, now: float) -> None:
        self.scheduler.follow(
            Watched(
                key=job.key,
                order=(job.number, job.key),
                kind=job.kind,
                state=State.WAITING,
                looked_at=None if job.bare else now,
                known_at=now,
            ),
            now,
        )

    def next(self, now: float) -> tuple[float, Job] | None:
        look = self.scheduler.next_look(now, self._limiter)
        return None if look is None else (look.at, self._jobs[look.key])

    def seen(self, job: Job, state: State, now: float) -> None:
        self.scheduler.record_request(job.key, now)
        self.scheduler.record_answer(job.key, state, now)

    def refused(self, job: Job, now: float) -> None:
        self.scheduler.record_request(job.key, now)


POLICIES: dict[str, MakePolicy] = {
    "each one every 5 s": OldestFirst,
    "fair round-robin": RoundRobin,
    "sentinel": Sentinel,
    "wbtui": OwnPolicy,
    "oracle": Oracle,
}
SIMPLE = ("each one every 5 s", "fair round-robin", "sentinel")

SCENARIOS = (
    Scenario("100 at once, 4 slots, mean 30 s", 100, 4, 30.0),
    Scenario("the same", 100, 4, 30.0, allowance=200),
    Scenario("100 at once, 4 slots, 120 s", 100, 4, 120.0),
    Scenario("the same", 100, 4, 120.0, allowance=200),
    Scenario("300, one every 20 s, 4 slots, 60 s", 300, 4, 60.0, every=20.0),
    Scenario("the same", 300, 4, 60.0, every=20.0, allowance=200),
    Scenario("150, one every 40 s, as many of others, 4 slots, 60 s", 150, 4, 60.0, every=40.0, others=True),
    Scenario("the same", 150, 4, 60.0, every=40.0, others=True, allowance=200),
    Scenario("150, one every 25 s, as many of others, 4 slots, 45 s", 150, 4, 45.0, every=25.0, others=True),
    Scenario("the same", 150, 4, 45.0, every=25.0, others=True, allowance=200),
    Scenario("1000 at once, 8 slots, 20 s", 1000, 8, 20.0),
    Scenario("20 bursts of 10, one every 300 s, 4 slots, 60 s", 200, 4, 60.0, every=300.0, burst=10),
    Scenario("the same", 200, 4, 60.0, every=300.0, burst=10, allowance=200),
    Scenario(
        "100 at once, 4 slots, half last 5 s and half 120 s", 100, 4, 120.0, fast_share=0.5, fast_mean=5.0
    ),
    Scenario(
        "200, one every 30 s, 9 in 10 last 5 s, the rest 300 s, 2 slots",
        200,
        2,
        300.0,
        every=30.0,
        fast_share=0.9,
    ),
    Scenario("300, one every 20 s, the server allows 300", 300, 4, 60.0, every=20.0, server_limit=300),
    Scenario("100 at once, 4 slots, 60 s", 100, 4, 60.0, allowance=100),
    Scenario("60, one every 60 s, 4 slots, 60 s", 60, 4, 60.0, every=60.0, allowance=100),
    Scenario("100 at once, 4 slots, 60 s, in no order", 100, 4, 60.0, overtaking=True),
    Scenario("the same", 100, 4, 60.0, overtaking=True, allowance=200),
    Scenario("150, one every 25 s, 4 slots, 60 s, in no order", 150, 4, 60.0, every=25.0, overtaking=True),
    Scenario(
        "20 bursts of 10, one every 300 s, 4 slots, 60 s, in no order",
        200,
        4,
        60.0,
        every=300.0,
        burst=10,
        overtaking=True,
    ),
    Scenario("200 bare ids tracked after 10 min, 4 slots, 20 s", 200, 4, 20.0, bare=600.0),
)
