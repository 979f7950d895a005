"""Three hundred events a seed, on the real program; `python -m tests.monkey` plays any number of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.pseudo import Picture
from tests.monkey.checks import Found, Judge, cursor_row, fits, question_on
from tests.monkey.inputs import Drawn, answer, keys, noise
from tests.monkey.monkey_run import play
from tests.untraced import untraced
from tests.wordbee.scripted_server import Asked
from wbtui.simulator.api import Service

SEEDS = range(1, 21)
EVENTS = 300


@pytest.mark.slow
@pytest.mark.terminal
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_typed_it_ends_only_when_told_and_changes_only_what_was_agreed_to(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with untraced():
        verdict = play(seed, EVENTS, tmp_path)
    record_property("monkey", verdict.line())
    assert verdict.events >= EVENTS
    assert verdict.lives > 1
    assert not verdict.problems, "\n".join(problem.told() for problem in verdict.problems)


def test_a_seed_always_draws_the_same() -> None:
    first, again, other = (list(Drawn(seed, "/a file").until(200)) for seed in ("1/0", "1/0", "1/1"))
    assert first == again
    assert first != other


DIALOG = """\
> . legal\\contract 2.docx       .   +   │ Details
    ╭──────────────────────────────────────────────────────────────╮
    │ Cancel on the server                               acme [RW] │
    │                                                              │
    │ Delete the source of 1 file in the Beebox. ALL languages     │
    │ stop.                                                        │
    │ The one under the cursor:                                    │
    │   legal\\contract 2.docx  fr Ready, de Waiting               │
    │                                                              │
    │ > [ No, keep ]      [ Yes, delete 1 ]     y / n / esc        │
    ╰──────────────────────────────────────────────────────────────╯
"""


def picture(text: str, lines: int = 40, columns: int = 120) -> Picture:
    shown = Picture(lines, columns)
    for number, line in enumerate(text.splitlines(), 4):
        shown.feed(f"\x1b[{number};1H{line}".encode())
    return shown


def deletion(path: str) -> Asked:
    return Asked("DELETE", f"/api/files/file?token=t&locale=&folder=&filename={path}", {}, b"")


def watched() -> tuple[Judge, list[Asked]]:
    asked: dict[Service, list[Asked]] = {"translator": [], "beebox": [], "instant": []}
    return Judge(asked), asked["beebox"]


def test_the_judge_reads_the_question_and_the_row() -> None:
    shown = picture(DIALOG)
    question = question_on(shown)
    assert question is not None
    assert (question.name, question.count, question.under_cursor) == ("legal\\contract 2.docx", 1, True)
    assert fits(question.name, cursor_row(shown))
    assert fits("legal\\co… 2.docx", cursor_row(shown))
    assert not fits("legal\\contract 3.docx", cursor_row(shown))
    assert not fits("Operation op:5021 取扱説明書 第2版.docx", "> ! Failed  Impressum…attempt 2)")
    assert fits("Operation op:local-…2版.docx and 2 more", "> ! Failed  取扱説明書…attempt 2)")
    folder = "> + release notes[ ]                      │ Actions"
    assert fits("release notes\\overview_10.docx", folder)
    assert not fits("release\\overview_10.docx", folder)
    assert fits("README", "> + (no folder) 1/1          1/1         [1/1]    │")
    assert not fits("web\\README", "> + (no folder) 1/1          1/1         [1/1]    │")
    judge, _ = watched()
    judge.row_asked(cursor_row(shown), shown)
    other = picture(DIALOG.replace("> . legal\\contract 2.docx ", "> . legal\\other.docx "))
    with pytest.raises(Found, match="the cursor stood on"):
        judge.row_asked(cursor_row(other), other)


def test_the_judge_reads_a_question_beside_characters_of_two_cells() -> None:
    beside = DIALOG.replace("│ Cancel on the server", "版│ Cancel on the server", 1)
    question, plain = question_on(picture(beside)), question_on(picture(DIALOG))
    assert question is not None
    assert plain is not None
    assert question.text.split()[:4] == plain.text.split()[:4]


def test_a_change_needs_a_yes_to_the_question_about_it() -> None:
    judge, asked = watched()
    judge.before(answer(b"y"), picture(DIALOG), rests=True)
    asked += [deletion("legal%5Ccontract%202.docx"), deletion("legal%5Ccontract%202.docx.beebox")]
    judge.look(faults=False)
    assert judge.changes == 2
    asked.append(deletion("legal%5Ccontract%202.docx"))
    with pytest.raises(Found, match="without its confirmation"):
        judge.look(faults=False)


def test_two_tries_of_one_request_may_be_sent_again_once_each() -> None:
    judge, asked = watched()
    text = DIALOG.replace("Cancel on the server      ", "Send to the server again  ")
    again = "    │ Operation op:local-1 order 5; POST /export?of=5001            │\n"
    title, rest = text.split("\n", 2)[:2], text.split("\n", 2)[2]
    judge.before(
        answer(b"y"), picture("\n".join([*title, rest.split("\n", 1)[0], again + again + rest])), rests=True
    )
    asked += [Asked("POST", "/api/export?of=5001", {}, b"")] * 2
    judge.look(faults=False)
    asked.append(asked[0])
    with pytest.raises(Found, match="without its confirmation"):
        judge.look(faults=False)


@pytest.mark.parametrize(
    ("event", "text", "path"),
    [
        (answer(b"n"), DIALOG, "legal%5Ccontract%202.docx"),
        (noise(b"\x1b[200~y\x1b[201~"), DIALOG, "legal%5Ccontract%202.docx"),
        (answer(b"y"), "> . legal\\contract 2.docx", "legal%5Ccontract%202.docx"),
        (answer(b"y"), DIALOG, "legal%5Ccontract%203.docx"),
        (answer(b"y"), DIALOG.replace("Cancel on", "Send to").replace("server ", "server again"), "legal"),
    ],
)
def test_the_judge_sees_a_change_that_nobody_agreed_to(event: object, text: str, path: str) -> None:
    judge, asked = watched()
    judge.before(event, picture(text), rests=True)  # type: ignore[arg-type]
    asked.append(deletion(path))
    with pytest.raises(Found, match="without its confirmation"):
        judge.look(faults=False)


def test_a_download_is_of_the_row_under_the_cursor() -> None:
    judge, asked = watched()
    row = picture("> . legal\\contract 2.docx   .   +")
    judge.before(keys(b"d"), row, rests=True)
    asked.append(
        Asked("GET", "/api/files/file?token=t&locale=fr&filename=legal%5Ccontract%202.docx", {}, b"")
    )
    judge.look(faults=False)
    asked.append(Asked("GET", "/api/files/file?token=t&locale=fr&filename=web%5Cother.docx", {}, b""))
    with pytest.raises(Found, match="was downloaded"):
        judge.look(faults=False)
