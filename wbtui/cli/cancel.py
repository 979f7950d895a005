"""`wbtui cancel`: cancels what Wordbee has a call for, and says why of the rest."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from wbtui.cli.change import change
from wbtui.domain.model import Action


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Cancel what the command line names."""
    return change(Action.CANCEL, arguments, env)
