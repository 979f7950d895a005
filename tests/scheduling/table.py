"""Prints the table of policies as Markdown: `python -m tests.scheduling.table [seeds]`."""

from __future__ import annotations

import math
import statistics
import sys
from dataclasses import dataclass

from tests.scheduling.scenarios import RULES, SCENARIOS, SIMPLE
from tests.scheduling.simulation import Outcome, Scenario, run

SEEDS = 10


@dataclass(frozen=True)
class Row:
    """One scenario under each rule, over all seeds."""

    scenario: Scenario
    outcomes: dict[str, list[Outcome]]

    def delay(self, rule: str) -> float:
        return sum(o.mean_delay for o in self.outcomes[rule]) / len(self.outcomes[rule])

    def looks(self, rule: str) -> float:
        return sum(o.looks for o in self.outcomes[rule]) / len(self.outcomes[rule])

    @property
    def best_simple(self) -> str:
        return min(SIMPLE, key=self.delay)

    def surely_later(self, rule: str, other: str) -> float:
        """Return by how many seconds one rule is later than another at least, on the same courses.

        One standard error of the differences is taken off their mean.
        """
        pairs = zip(self.outcomes[rule], self.outcomes[other], strict=True)
        later = [one.mean_delay - two.mean_delay for one, two in pairs]
        return statistics.fmean(later) - statistics.stdev(later) / math.sqrt(len(later))


def play(scenario: Scenario, seeds: int = SEEDS) -> Row:
    """Run each rule on the same courses of things."""
    return Row(
        scenario, {name: [run(scenario, s, make) for s in range(seeds)] for name, make in RULES.items()}
    )


def headings() -> list[str]:
    names = ["Scenario", "Allowance", *RULES]
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]


def line_of(row: Row) -> str:
    cells = [f"{row.delay(rule):.0f} / {row.looks(rule):.0f}" for rule in RULES]
    return f"| {row.scenario.name} | {row.scenario.allowance} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    for text in headings():
        print(text)  # noqa: T201 - this module is a command, and the table is its output
    for each in SCENARIOS:
        print(line_of(play(each, count)), flush=True)  # noqa: T201 - as above
