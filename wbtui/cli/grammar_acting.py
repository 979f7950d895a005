"""The words of the commands that act: download, send, retry, cancel."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from wbtui.cli.grammar_parts import command, seconds

if TYPE_CHECKING:
    from wbtui.cli.grammar_parts import Adder, Commands


def _add_download(commands: Commands) -> None:
    added = command(
        commands,
        "download",
        summary="fetch what is ready",
        description="Fetches files into the profile's download folder. What cannot be fetched is named "
        "with its reason. Where the server has a newer version than the file that lies there, on_newer of "
        "the profile says what happens: keep both, or replace; --overwrite goes before it. What may be a "
        "page in the place of the file is stored as NAME~doubtful, until --accept gives it its name.",
        examples="  wbtui download op:5001 'bb:fr:batch-7\\intro.docx'\n"
        "  wbtui download --ready --service beebox\n"
        "  wbtui download --new --dry-run\n",
        prints_json="one JSON document with a result for each item",
    )
    added.add_argument("keys", nargs="*", metavar="KEY", help="items, as status names them")
    added.add_argument(
        "--service",
        action="append",
        choices=("operations", "beebox", "instant", "flex"),
        help="only of this service; may be given several times",
    )
    which = added.add_mutually_exclusive_group()
    which.add_argument("--ready", action="store_true", help="everything that is ready")
    which.add_argument("--new", action="store_true", help="everything made since the last time")
    which.add_argument(
        "--accept", action="store_true", help="give the doubtful files of these keys their names"
    )
    added.add_argument("--other", action="store_true", help="the preliminary file, or the post-edit")
    added.add_argument("--to", metavar="FOLDER", default=None, help="another folder than the profile's")
    added.add_argument("--dry-run", action="store_true", help="say what would be fetched, and fetch nothing")
    added.add_argument(
        "--overwrite",
        choices=("never", "older", "always"),
        default=None,
        help="what happens to files that lie there already (default: on_newer of the profile)",
    )


def _add_change(commands: Commands, name: str, what: str, examples: str) -> None:
    added = command(
        commands,
        name,
        summary=what,
        description=f"{what.capitalize()}, as far as Wordbee has a call for it; the others are named with "
        "the reason. A Beebox file stands for ALL its languages.",
        examples=examples,
        prints_json="one JSON document with a result for each item",
    )
    added.add_argument("keys", nargs="+", metavar="KEY", help="items, as status names them")
    added.add_argument("--yes", action="store_true", help="do not ask")
    added.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    if name == "retry":
        added.add_argument(
            "--again",
            action="store_true",
            help="send once more what was sent again already, and is unfinished or went well",
        )
        added.add_argument(
            "--source", metavar="FILE", default=None, help="the file to send, or the folder that holds it"
        )


def _add_send(commands: Commands) -> None:
    added = command(
        commands,
        "send",
        summary="send files into a project",
        description="Uploads files and adds them to a project. The operation is watched from then on.",
        examples="  wbtui send --project 165 --src en --trgs fr,de manual.docx\n"
        "  wbtui send --project 165 --src en --trgs fr --yes --wait 600 --json *.docx\n",
        prints_json="one JSON document with the operation and its files",
    )
    added.add_argument("files", nargs="+", metavar="FILE", help="local files")
    added.add_argument("--project", type=int, required=True, metavar="ID", help="id of the project")
    added.add_argument("--src", required=True, metavar="LOCALE", help="source language")
    added.add_argument("--trgs", required=True, metavar="LOCALES", help="target languages, with commas")
    added.add_argument("--deadline", type=_moment, default=None, metavar="DATE", help="ISO 8601, with a zone")
    added.add_argument("--workflow", choices=("Default", "None"), default="", help="jobs, or none")
    added.add_argument("--no-updates", action="store_true", help="a file that exists is an error")
    added.add_argument(
        "--jobs-cf", action="append", default=[], metavar="NAME=VALUE", help="custom field of all jobs"
    )
    added.add_argument(
        "--folder", default="", metavar="PATH", help="folder in the project, before that of a relative path"
    )
    added.add_argument("--label", default="", metavar="TEXT", help="what it is about")
    added.add_argument(
        "--wait", type=seconds, default=0.0, metavar="S", help="wait so long for its end (default 0)"
    )
    added.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    added.add_argument("--yes", action="store_true", help="do not ask")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("needs a zone, such as Z or +02:00")
    return found.astimezone(UTC)


_ACTING: Final[Mapping[str, Adder]] = {
    "download": _add_download,
    "send": _add_send,
    "retry": partial(
        _add_change,
        name="retry",
        what="sends items again",
        examples="  wbtui retry op:5001\n"
        "  wbtui retry 'bb:fr:batch-7\\intro.docx' --source ./sources\n"
        "  wbtui retry --dry-run op:5001 it:39\n"
        "  wbtui retry op:5001 --yes --again       although it was sent again already\n",
    ),
    "cancel": partial(
        _add_change,
        name="cancel",
        what="cancels items",
        examples="  wbtui cancel 'bb:fr:batch-7\\intro.docx'\n"
        "  wbtui cancel --dry-run --json 'bb:fr:batch-7\\intro.docx'\n",
    ),
}
