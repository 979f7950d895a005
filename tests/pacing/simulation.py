"""A queue with slots in simulated seconds, watched by the real plan and the real budget."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

from wbtui.model import ItemKey, State, operation_key
from wbtui.pacing.budget import HOUR, Budget
from wbtui.pacing.operations import Order, Watched, horizon, next_look


@dataclass(frozen=True)
class Scenario:
    count: int
    slots: int
    mean: float
    every: float = 0.0
    allowance: int = 1000
    floor: float = 5.0
    overtaking: bool = False


@dataclass
class Job:
    key: ItemKey
    arrives: float
    starts: float
    ends: float
    state: State = State.WAITING
    looked_at: float | None = None
    running_since: float | None = None
    seen_done: float | None = None
    looks: list[float] = field(default_factory=list)

    def true_state(self, now: float) -> State:
        if now >= self.ends:
            return State.DONE
        return State.RUNNING if now >= self.starts else State.WAITING


def make_jobs(scenario: Scenario, seed: int) -> list[Job]:
    chance = random.Random(seed)
    free = [0.0] * scenario.slots
    heapq.heapify(free)
    jobs = []
    for number in range(scenario.count):
        arrives = number * scenario.every
        start = max(arrives, heapq.heappop(free))
        end = start + chance.expovariate(1 / scenario.mean)
        heapq.heappush(free, end)
        jobs.append(Job(operation_key(5000 + number), arrives, start, end, looked_at=arrives))
    if scenario.overtaking:
        times = [(job.starts, job.ends) for job in jobs]
        chance.shuffle(times)
        for job, (starts, ends) in zip(jobs, times, strict=True):
            job.starts, job.ends = starts, ends
    return jobs


@dataclass(frozen=True)
class Outcome:
    mean_delay: float
    looks: int
    closest: float
    busiest_hour: int
    broken: bool


def run(scenario: Scenario, seed: int) -> Outcome:
    jobs = make_jobs(scenario, seed)
    budget = Budget(scenario.allowance, 0.0)
    order = Order()
    now, calls, broken = 0.0, [], False
    while any(job.seen_done is None for job in jobs):
        here = [job for job in jobs if job.seen_done is None and job.arrives <= now]
        queue = [Watched(j.key, j.state, j.looked_at, j.running_since) for j in here]
        look = next_look(
            queue,
            now=now,
            floor=scenario.floor,
            rate=budget.affordable(now, horizon(len(queue), budget.at_hand(now))),
            fullness=budget.fullness(now),
            in_order=order.holds(now),
        )
        to_come = [job.arrives for job in jobs if job.arrives > now]
        if look is None:
            now = min(to_come)
            continue
        at = max(look.at, budget.ready_at(now))
        if at > now:
            now = min([at, *to_come])
            continue
        job = next(j for j in here if j.key == look.key)
        budget.spend(now)
        calls.append(now)
        job.looks.append(now)
        job.looked_at = now
        job.state = job.true_state(now)
        before = here[: here.index(job)]
        front = next((j.key for j in before if j.state is State.WAITING), None)
        broken = order.seen(job.key, job.state, front, now) or broken
        if job.state is State.RUNNING and job.running_since is None:
            job.running_since = now
        if job.state is State.DONE:
            job.seen_done = now
    delays = [job.seen_done - job.ends for job in jobs if job.seen_done is not None]
    gaps = [b - a for job in jobs for a, b in zip(job.looks, job.looks[1:], strict=False)]
    busiest = max(sum(1 for c in calls if at <= c < at + HOUR) for at in calls)
    return Outcome(sum(delays) / len(delays), len(calls), min(gaps, default=1e9), busiest, broken)
