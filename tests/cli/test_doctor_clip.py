"""`wbtui doctor clip`: what it sends to the terminal, and what it makes of what is pasted."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import Pseudo, pseudo


def sent(program: Pseudo) -> str:
    """Return what the terminal was asked to put into the clipboard."""
    program.until_asked("Paste it here")
    found = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", program.written)
    assert found
    return base64.b64decode(found[1]).decode()


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("pasted", "code", "words"),
    [
        ("{}", 0, "it arrived"),
        ("what was there before", 1, "something else was pasted"),
        ("", 1, "nothing was pasted"),
    ],
)
def test_what_is_pasted_tells_whether_copying_works(user: User, pasted: str, code: int, words: str) -> None:
    with pseudo(["doctor", "clip"], user.environment()) as program:
        word = sent(program)
        program.press(f"{pasted.format(word)}\r")
        program.until(words, f"{word} sent to the terminal (12 bytes); the way: OSC 52")
        assert program.ended(10) == code


def test_without_a_terminal_there_is_nothing_to_test(user: User) -> None:
    ended = user.run("doctor", "clip", "--json")
    document = json.loads(ended.stdout)
    assert (ended.returncode, document["ok"]) == (1, False)
    assert "no terminal" in document["findings"][0]["text"]
