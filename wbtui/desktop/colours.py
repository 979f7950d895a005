"""How many colours a terminal takes. Pure, and free of the screen's library: `wbtui doctor` asks, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal


def few_colours(environ: Mapping[str, str]) -> Literal["standard", "256"] | None:
    """Return the colours of GNU screen, which takes true colours for something else; None elsewhere.

    COLORTERM says nothing there: it comes from the terminal around it.
    """
    term = environ.get("TERM", "")
    if not environ.get("STY") and (not term.startswith("screen") or environ.get("TMUX")):
        return None
    return "256" if "256color" in term else "standard"
