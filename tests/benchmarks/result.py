"""A line of the table that the benchmarks print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One figure of wbtui beside its rival's; `bar` is the limit for wbtui."""

    what: str
    unit: str
    ours: float
    rival: float | None
    bar: str
    digits: int = 0

    def text(self) -> str:
        """Return the line."""
        rival = "-" if self.rival is None else f"{self.rival:,.{self.digits}f}"
        ratio = f"{self.ours / self.rival:.3f}" if self.rival else "-"
        ours = f"{self.ours:,.{self.digits}f}"
        return f"{self.what:<44} {ours:>9} {rival:>11} {self.unit:<5} {ratio:>8}   {self.bar}"
