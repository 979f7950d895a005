"""How many colours a terminal supports. Pure, without the screen's library: `wbtui doctor` uses it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal


def few_colours(environ: Mapping[str, str]) -> Literal["standard", "256"] | None:
    """Return the colours of GNU screen, which misreads true colours; None elsewhere.

    COLORTERM is no guide there: it describes the outer terminal.
    """
    term = environ.get("TERM", "")
    if not environ.get("STY") and (not term.startswith("screen") or environ.get("TMUX")):
        return None
    return "256" if "256color" in term else "standard"
