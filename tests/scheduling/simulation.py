"""A queue with slots in simulated seconds, watched by one of several policies.

All policies use the real `RateLimiter`. The jobs are drawn before (`make_jobs`), so that two policies can be
compared on the same jobs.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tests.untraced import untraced
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey, State
from wbtui.scheduling.rate_limit import HOUR, RateLimiter

FOREVER = float("inf")


@dataclass(frozen=True)
class Scenario:
    name: str
    count: int
    slots: int
    mean: float
    every: float = 0.0
    """Seconds between two arrivals; 0 for all at once."""
    allowance: int = 1000
    floor: float = 5.0
    others: bool = False
    """As many jobs of others in the same queue, with ids that are unknown here."""
    burst: int = 1
    """How many arrive together."""
    fast_share: float = 0.0
    fast_mean: float = 5.0
    overtaking: bool = False
    server_limit: int | None = None
    """What the server allows, if less than our ceiling."""
    bare: float = 0.0
    """When all ids are tracked, without anything known of them; 0 for at arrival."""


@dataclass(slots=True)
class Job:
    key: ItemKey
    number: int
    kind: str
    known: float
    """When the policy comes to know it."""
    starts: float
    ends: float
    bare: bool = False
    seen_done: float | None = None
    looks: list[float] = field(default_factory=list)

    def true_state(self, now: float) -> State:
        if now >= self.ends:
            return State.DONE
        return State.RUNNING if now >= self.starts else State.WAITING


def make_jobs(scenario: Scenario, seed: int) -> list[Job]:
    chance = random.Random(seed)
    free = [0.0] * scenario.slots
    jobs: list[Job] = []
    for number in range(scenario.count):
        arrives = number // scenario.burst * scenario.every
        for ours in (False, True) if scenario.others else (True,):
            kind = "short" if chance.random() < scenario.fast_share else "long"
            start = max(arrives, heapq.heappop(free))
            mean = scenario.fast_mean if kind == "short" else scenario.mean
            end = start + chance.expovariate(1 / mean)
            heapq.heappush(free, end)
            if ours:
                known = max(arrives, scenario.bare)
                jobs.append(
                    Job(operation_key(5000 + number), number, kind, known, start, end, scenario.bare > 0)
                )
    if scenario.overtaking:
        _start_in_random_order(jobs, scenario, chance)
    return jobs


def _start_in_random_order(jobs: list[Job], scenario: Scenario, chance: random.Random) -> None:
    """Let each free slot start any one of the waiting jobs, each equally likely."""
    lasts = [job.ends - job.starts for job in jobs]
    free = [0.0] * scenario.slots
    coming = deque(sorted(range(len(jobs)), key=lambda number: jobs[number].known))
    waiting: list[int] = []
    now = 0.0
    while coming or waiting:
        now = max(now, heapq.heappop(free))
        if not waiting:
            now = max(now, jobs[coming[0]].known)
        while coming and jobs[coming[0]].known <= now:
            waiting.append(coming.popleft())
        number = waiting.pop(chance.randrange(len(waiting)))
        jobs[number].starts, jobs[number].ends = now, now + lasts[number]
        heapq.heappush(free, jobs[number].ends)


class Policy(Protocol):
    """Chooses the next look."""

    def arrive(self, job: Job, now: float) -> None: ...
    def next(self, now: float) -> tuple[float, Job] | None: ...
    def seen(self, job: Job, state: State, now: float) -> None: ...


class RoundRobin:
    """Every operation in turn, as often as the allowance spread evenly over the hour permits."""

    def __init__(self, scenario: Scenario, jobs: list[Job], limiter: RateLimiter) -> None:
        self._floor = scenario.floor
        self._beat = HOUR / scenario.allowance
        self._beat_at = 0.0
        self._heap: list[tuple[float, int, Job]] = []

    def arrive(self, job: Job, now: float) -> None:
        heapq.heappush(self._heap, (now if job.bare else now + self._floor, job.number, job))

    def next(self, now: float) -> tuple[float, Job] | None:
        if not self._heap:
            return None
        return max(now, self._heap[0][0], self._beat_at), self._heap[0][2]

    def seen(self, job: Job, state: State, now: float) -> None:
        self._beat_at = now + self._beat
        heapq.heappop(self._heap)
        if state is not State.DONE:
            heapq.heappush(self._heap, (now + self._floor, job.number, job))


class OldestFirst(RoundRobin):
    """Each one every floor seconds, the oldest first, until the allowance is used up: what scripts do."""

    def __init__(self, scenario: Scenario, jobs: list[Job], limiter: RateLimiter) -> None:
        super().__init__(scenario, jobs, limiter)
        self._due: list[tuple[int, Job]] = []

    def next(self, now: float) -> tuple[float, Job] | None:
        while self._heap and self._heap[0][0] <= now:
            _, number, job = heapq.heappop(self._heap)
            heapq.heappush(self._due, (number, job))
        if self._due:
            return now, self._due[0][1]
        return super().next(now)

    def seen(self, job: Job, state: State, now: float) -> None:
        heapq.heappop(self._due)
        if state is not State.DONE:
            heapq.heappush(self._heap, (now + self._floor, job.number, job))


class Sentinel:
    """Every executing one, with gaps that grow with its age, and the oldest waiting one.

    Gaps stretch where the allowance would not last for a quarter of an hour.
    """

    def __init__(self, scenario: Scenario, jobs: list[Job], limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._floor = scenario.floor
        self._waiting: deque[Job] = deque()
        self._running: dict[ItemKey, tuple[float, float, Job]] = {}
        self._looked: dict[ItemKey, float] = {}

    def arrive(self, job: Job, now: float) -> None:
        self._waiting.append(job)
        if not job.bare:
            self._looked[job.key] = now

    def next(self, now: float) -> tuple[float, Job] | None:
        best: tuple[float, Job] | None = None
        stretch = self._stretch(now)
        for looked, since, job in self._running.values():
            due = looked + stretch * max(self._floor, min(60.0, 0.1 * (looked - since)))
            if best is None or due < best[0]:
                best = (due, job)
        if self._waiting:
            job = self._waiting[0]
            due = self._looked.get(job.key, -FOREVER) + self._floor * stretch
            if best is None or due < best[0]:
                best = (due, job)
        return None if best is None else (max(now, best[0]), best[1])

    def seen(self, job: Job, state: State, now: float) -> None:
        self._looked[job.key] = now
        if state is State.WAITING:
            return
        since = now
        if job.key in self._running:
            since = self._running.pop(job.key)[1]
        else:
            self._waiting.remove(job)
        if state is State.RUNNING:
            self._running[job.key] = (now, since, job)

    def _stretch(self, now: float) -> float:
        active = len(self._running) + bool(self._waiting)
        need = 4.0 * (len(self._running) + len(self._waiting)) / max(1.0, _calls_at_hand(self._limiter, now))
        rate = self._limiter.affordable(now, max(30.0, 900.0 * min(1.0, need)))
        return max(1.0, active / self._floor / rate)


def _calls_at_hand(limiter: RateLimiter, now: float) -> float:
    """Return the calls that could be made at once."""
    limiter.fullness(now)  # brings the bucket's level to `now`
    return max(0.0, min(limiter._level, limiter._share(now) - limiter.used(now)))


class Oracle:
    """Knows what has finished; limited by the allowance alone."""

    def __init__(self, scenario: Scenario, jobs: list[Job], limiter: RateLimiter) -> None:
        self._heap: list[tuple[float, int, Job]] = []

    def arrive(self, job: Job, now: float) -> None:
        heapq.heappush(self._heap, (max(now, job.ends), job.number, job))

    def next(self, now: float) -> tuple[float, Job] | None:
        return (max(now, self._heap[0][0]), self._heap[0][2]) if self._heap else None

    def seen(self, job: Job, state: State, now: float) -> None:
        heapq.heappop(self._heap)


@dataclass(frozen=True)
class RunOutcome:
    mean_delay: float
    looks: int
    closest: float
    """The least seconds between two looks at one operation."""
    busiest_hour: int
    waited: float
    """Seconds from arrival to end, all operations together."""
    refused: int = 0
    """Answers with 429."""


class ServerLimit:
    """The server's own allowance; refused calls do not count."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._served: deque[float] = deque()

    def serves(self, now: float) -> bool:
        if self._limit is None:
            return True
        while self._served and self._served[0] <= now - HOUR:
            self._served.popleft()
        if len(self._served) >= self._limit:
            return False
        self._served.append(now)
        return True


MakePolicy = Callable[[Scenario, list[Job], RateLimiter], Policy]


def run(scenario: Scenario, seed: int, make: MakePolicy) -> RunOutcome:
    """Run one scenario with the jobs of a seed under one policy."""
    with untraced():
        return _run_untraced(scenario, seed, make)


def _run_untraced(scenario: Scenario, seed: int, make: MakePolicy) -> RunOutcome:
    jobs = make_jobs(scenario, seed)
    limiter = RateLimiter(scenario.allowance, 0.0)
    policy = make(scenario, jobs, limiter)
    server = ServerLimit(scenario.server_limit)
    coming = deque(sorted(jobs, key=lambda job: (job.known, job.number)))
    now, left, refused = 0.0, len(jobs), 0
    calls: list[float] = []
    while left:
        while coming and coming[0].known <= now:
            policy.arrive(coming.popleft(), now)
        planned = policy.next(now)
        arrival = coming[0].known if coming else FOREVER
        at = FOREVER if planned is None else max(planned[0], limiter.ready_at(now))
        if planned is None or at > now:
            now = min(at, arrival)
            assert now < FOREVER, "nothing is planned, and something is unfinished"
            continue
        job = planned[1]
        limiter.spend(now)
        calls.append(now)
        job.looks.append(now)
        if not server.serves(now):
            refused += 1
            limiter.throttled(now, scenario.server_limit, None)
            _refused(policy, job, now)
            continue
        if refused:
            limiter.answered()
        state = job.true_state(now)
        policy.seen(job, state, now)
        if state is State.DONE:
            job.seen_done = now
            left -= 1
    return _outcome(jobs, calls, refused)


def _refused(policy: Policy, job: Job, now: float) -> None:
    refused = getattr(policy, "refused", None)
    if refused is not None:
        refused(job, now)


def _outcome(jobs: list[Job], calls: list[float], refused: int) -> RunOutcome:
    delays = [job.seen_done - max(job.ends, job.known) for job in jobs if job.seen_done is not None]
    gaps = [b - a for job in jobs for a, b in zip(job.looks, job.looks[1:], strict=False)]
    return RunOutcome(
        mean_delay=sum(delays) / len(delays),
        looks=len(calls),
        closest=min(gaps, default=FOREVER),
        busiest_hour=busiest(calls),
        waited=sum(job.ends - job.known for job in jobs),
        refused=refused,
    )


def busiest(calls: list[float]) -> int:
    """Return the most calls in any sliding hour."""
    most, first = 0, 0
    for last, at in enumerate(calls):
        while calls[first] <= at - HOUR:
            first += 1
        most = max(most, last - first + 1)
    return most
