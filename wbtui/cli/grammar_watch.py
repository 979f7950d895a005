"""The words of the commands that watch: demo, status, track, wait."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wbtui.cli.grammar_parts import OF_THE_DEMO, between, command, long_seconds, seconds

if TYPE_CHECKING:
    from wbtui.cli.grammar_parts import Adder, Commands

_WORLD: Final = (
    ("files", 40, "Beebox source files"),
    ("locales", 6, "target locales"),
    ("operations", 24, "operations in the queue at the start"),
    ("requests", 30, "Instant Translation requests"),
    ("components", 60, "Flex components"),
    ("slots", 4, "operations that execute at once"),
    ("seed", 1, "another number gives another world"),
)


def _add_demo(commands: Commands) -> None:
    demo = command(
        commands,
        "demo",
        summary="a simulated Wordbee, and the monitor on it",
        description="Opens the monitor on a simulated Wordbee. Uses temporary folders, and never your "
        "keyring, configuration or state.",
        examples="  wbtui demo\n"
        "  wbtui demo --files 1000 --locales 20\n"
        "  wbtui demo --serve              only the services, to try scripts on",
        takes=OF_THE_DEMO,
    )
    for name, default, meaning in _WORLD:
        demo.add_argument(
            f"--{name}", type=_count, default=default, metavar="N", help=f"{meaning} (default {default})"
        )
    demo.add_argument(
        "--speed",
        type=_speed,
        default=None,
        metavar="X",
        help="how much faster the simulated work goes (default 20; 1 is the pace of a real customer); "
        "sessions, floors and the allowance keep their time",
    )
    demo.add_argument(
        "--serve",
        action="store_true",
        help="run only the services, and print one JSON line with their URLs and credentials",
    )
    demo.add_argument(
        "--port", type=_port, default=0, metavar="N", help="first of three ports (default: any)"
    )


def _add_status(commands: Commands) -> None:
    status = command(
        commands,
        "status",
        summary="one reading of every service",
        description="Reads every service once and prints what it says. Where another wbtui watches the "
        "profile, or the last answer is young enough, it prints that and asks nothing; each service says how "
        "old its answer is. With --watch goes on, and appends a line for each thing that changes, until it "
        "is interrupted.",
        examples="  wbtui status\n"
        "  wbtui status --json | jq -r '.operations[] | select(.state == \"failed\") | .key'\n"
        "  wbtui status --watch --plain >> wordbee.log\n"
        "  wbtui status --watch --json | while read -r line; do ...; done",
        prints_json="one JSON document instead of a table; with --watch one JSON object a line",
    )
    status.add_argument("--plain", action="store_true", help="sentences, no columns and no colour")
    status.add_argument("--watch", action="store_true", help="go on, and append what changes")
    status.add_argument(
        "--wait",
        type=seconds,
        default=20.0,
        metavar="S",
        help="seconds to wait for Flex at most (default 20)",
    )
    status.add_argument(
        "--max-age",
        type=long_seconds,
        default=None,
        metavar="S",
        help="do not ask a service whose answer is not older than S seconds (default: 300 for Flex, whose "
        "questions take slots of your queue, 0 for the others)",
    )


def _add_track(commands: Commands) -> None:
    track = command(
        commands,
        "track",
        summary="watch operations by their request ids",
        description="Adds operations to those that are watched; an open monitor picks them up. "
        "With - reads Wordbee's JSON envelopes, or bare numbers, from stdin.",
        examples="  wbtui track 5001 5002 --label 'nightly upload'\n"
        "  curl -s ... | wbtui track -\n"
        "  wbtui track 5001 --request request.json",
        prints_json="one JSON document instead of lines",
    )
    track.add_argument("ids", nargs="+", metavar="ID", help="request ids, or - for stdin")
    track.add_argument("--label", default="", metavar="TEXT", help="what they are about")
    track.add_argument(
        "--request",
        default=None,
        metavar="FILE",
        help="the request they came from, as JSON with method, path and body, so that it can be tried again",
    )


def _add_wait(commands: Commands) -> None:
    wait = command(
        commands,
        "wait",
        summary="wait until items are finished",
        description="Waits until every named item is finished, and prints a line for each when it is. "
        "Operations that were not watched yet are tracked. Ends with 0 if all went well, with 8 if one "
        "failed, was cancelled or is not known to the server, and with 4 if the time was over first.",
        examples="  wbtui wait op:5001 op:5002 --timeout 600\n"
        "  wbtui wait 'bb:fr:batch-7\\intro.docx' --appear\n"
        "  wbtui track - < answer.json | cut -f1 | xargs wbtui wait --fail-fast",
        prints_json="one JSON document when the waiting is over",
    )
    wait.add_argument(
        "keys",
        nargs="+",
        metavar="KEY",
        help="op:5001 (or 5001), bb:fr:path, it:39, fx:1000:fr:component, as status --json prints them",
    )
    wait.add_argument(
        "--timeout", type=long_seconds, default=None, metavar="S", help="give up after S seconds"
    )
    wait.add_argument("--fail-fast", action="store_true", help="end as soon as one has failed")
    wait.add_argument(
        "--appear", action="store_true", help="wait for items, too, that no service knows of yet"
    )


def _count(text: str) -> int:
    return between(int(text), 0, 1_000_000)


def _port(text: str) -> int:
    return between(int(text), 1, 65_533)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.01 <= speed <= 1000:
        raise argparse.ArgumentTypeError("must be 0.01 to 1000")
    return speed


_WATCHING: Final[Mapping[str, Adder]] = {
    "demo": _add_demo,
    "status": _add_status,
    "track": _add_track,
    "wait": _add_wait,
}
