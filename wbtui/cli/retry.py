"""`wbtui retry`: sends items again, as far as their requests or sources are known."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from wbtui.cli.change import change
from wbtui.domain.model import Action


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Try again what the command line names."""
    return change(Action.RETRY, arguments, env)
