"""Prints the table of policies as Markdown: `python -m tests.scheduling.table [seeds]`."""

from __future__ import annotations

import math
import statistics
import sys
from dataclasses import dataclass

from tests.scheduling.scenarios import POLICIES, SCENARIOS, SIMPLE
from tests.scheduling.simulation import RunOutcome, Scenario, run

SEEDS = 10


@dataclass(frozen=True)
class Row:
    """One scenario under each policy, over all seeds."""

    scenario: Scenario
    outcomes: dict[str, list[RunOutcome]]

    def delay(self, policy: str) -> float:
        return sum(o.mean_delay for o in self.outcomes[policy]) / len(self.outcomes[policy])

    def looks(self, policy: str) -> float:
        return sum(o.looks for o in self.outcomes[policy]) / len(self.outcomes[policy])

    @property
    def best_simple(self) -> str:
        return min(SIMPLE, key=self.delay)

    def surely_later(self, policy: str, other: str) -> float:
        """Return by how many seconds one policy is later than another at least, on the same jobs.

        One standard error of the differences is taken off their mean.
        """
        pairs = zip(self.outcomes[policy], self.outcomes[other], strict=True)
        later = [one.mean_delay - two.mean_delay for one, two in pairs]
        return statistics.fmean(later) - statistics.stdev(later) / math.sqrt(len(later))


def compare(scenario: Scenario, seeds: int = SEEDS) -> Row:
    """Run each policy on the same jobs."""
    return Row(
        scenario, {name: [run(scenario, s, make) for s in range(seeds)] for name, make in POLICIES.items()}
    )


def headings() -> list[str]:
    names = ["Scenario", "Allowance", *POLICIES]
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]


def line_of(row: Row) -> str:
    cells = [f"{row.delay(policy):.0f} / {row.looks(policy):.0f}" for policy in POLICIES]
    return f"| {row.scenario.name} | {row.scenario.allowance} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    for text in headings():
        print(text)  # noqa: T201 - this module is a command, and the table is its output
    for each in SCENARIOS:
        print(line_of(compare(each, count)), flush=True)  # noqa: T201 - as above
