"""Prints the table of policies as Markdown: `python -m tests.pacing.table [seeds]`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from tests.pacing.scenarios import RULES, SCENARIOS, SIMPLE
from tests.pacing.simulation import Outcome, Scenario, run


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
    def best_simple(self) -> float:
        return min(self.delay(rule) for rule in SIMPLE)


def play(scenario: Scenario, seeds: int) -> Row:
    return Row(
        scenario, {name: [run(scenario, s, make) for s in range(seeds)] for name, make in RULES.items()}
    )


def markdown(rows: list[Row]) -> str:
    lines = ["| Scenario | Allowance | " + " | ".join(RULES) + " |", "|---" * (2 + len(RULES)) + "|"]
    for row in rows:
        cells = [f"{row.delay(rule):.0f} / {row.looks(rule):.0f}" for rule in RULES]
        lines.append(f"| {row.scenario.name} | {row.scenario.allowance} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.stdout.write(markdown([play(scenario, count) for scenario in SCENARIOS]) + "\n")
