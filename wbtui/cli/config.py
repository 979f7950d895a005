"""`wbtui config path|show|check|init`: where the configuration lies, what it says, and a new one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from wbtui.cli.exit_codes import Exit
from wbtui.cli.output import data
from wbtui.cli.paths import path_for


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run one of the four actions; where the file lies is said without loading what could read it."""
    if arguments.action == "init":
        from wbtui.cli.config_init import init

        return init(arguments, env)
    if arguments.action == "path" and not arguments.json:
        data(str(path_for(arguments, env)))
        return Exit.OK
    from wbtui.cli import config_file

    if arguments.action == "check":
        return config_file.check(arguments, env)
    {"path": config_file.describe_path, "show": config_file.show}[arguments.action](arguments, env)
    return Exit.OK
