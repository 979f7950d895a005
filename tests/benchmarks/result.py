"""One line of the benchmarks' table: what was measured of wbtui, and of its rival in the same run."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 52
"""Cells of what was measured."""


@dataclass(frozen=True)
class Result:
    """A figure of wbtui beside its rival's; `bar` says in words what is aimed at."""

    what: str
    unit: str
    ours: float
    rival: float | None
    bar: str = ""
    against: str = ""
    """What the rival is, where it is not the one of the table's head."""

    def text(self) -> str:
        """Return the line."""
        ratio = f"{self.ours / self.rival:.3f}" if self.rival else "-"
        limits = f"{self.bar:<24} {self.against}".rstrip()
        figures = f"{_figure(self.ours):>9} {_figure(self.rival):>9} {self.unit:<5} {ratio:>8}"
        return f"{self.what:<{WIDTH}} {figures}   {limits}".rstrip()


def head() -> str:
    """Return the head of the table."""
    return f"{'what':<{WIDTH}} {'wbtui':>9} {'rival':>9} {'':<5} {'ratio':>8}   {'bar':<24} rival"


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value == 0 or abs(value) >= 100 else f"{value:.3g}"
