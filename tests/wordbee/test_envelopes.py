"""Operations are read from texts of every shape; an unreadable part affects no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.domain.model import State
from wbtui.wordbee import envelopes
from wbtui.wordbee.envelopes import MAX_FAULTS, read_operations

WAITING = '{"trm":{"requestid":8123,"isbatch":false,"status":"Waiting","statusText":"Waiting..."}}'
OTHER = WAITING.replace("8123", "8124")
DONE = '{"trm":{"requestid":0,"status":"Finished"},"custom":{"filetoken":"f00","count":3}}'
PRETTY = json.dumps(json.loads(WAITING), indent=4)
WINDOWS = PRETTY.replace("\n", "\r\n")


def ids(text: str | bytes) -> list[int]:
    read = read_operations(text.encode() if isinstance(text, str) else text)
    assert read.faults == ()
    return [one.request_id for one in read.found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WAITING, [8123]),
        (f"{WAITING}\n{OTHER}\n", [8123, 8124]),
        (WAITING + OTHER, [8123, 8124]),
        (f"[{WAITING}, 5001]", [8123, 5001]),
        ("5001", [5001]),
        ("5001 5002\n5003", [5001, 5002, 5003]),
        ("op:5001, 5002\n5003;5001", [5001, 5002, 5003, 5001]),
        ("op:5001\tdone\tnightly export 7\nop:5002\twaiting", [5001, 5002]),
        ('"5001"', [5001]),
        ('"op:5001"', [5001]),
        ('{"requestid": 7, "status": "Waiting"}', [7]),
        ('[{"requestid": 7, "status": "Waiting"}, [{"requestid": 8, "status": "Waiting"}]]', [7, 8]),
        ("\ufeff" + WAITING, [8123]),
        (WINDOWS.encode("utf-16"), [8123]),
        (WINDOWS.encode("utf-16-le"), [8123]),
        (b"\xfe\xff" + WINDOWS.encode("utf-16-be"), [8123]),
        (WINDOWS.encode("utf-32"), [8123]),
        ("5001\r\n5002\r\n".encode("utf-16"), [5001, 5002]),
        (PRETTY + "\n" + PRETTY, [8123, 8123]),
        (DONE, [0]),
        ("0\n5001", [0, 5001]),
    ],
)
def test_operations_in_every_shape(text: str | bytes, expected: list[int]) -> None:
    assert ids(text) == expected


def test_an_answer_carries_its_state_and_a_number_does_not() -> None:
    done, bare, complete = read_operations(f"{DONE} 5001\n0".encode()).found
    assert done.reading is not None
    assert done.reading.state is State.READY
    assert bare.reading is None
    assert complete.reading is not None
    assert complete.reading.state is State.DONE


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("", [], "it is empty"),
        ("\ufeff\r\n", [], "it is empty"),
        ("garbage", [], "not JSON"),
        (WAITING[:40], [], "cut off"),
        (f"{WAITING}\n{WAITING[:40]}", [8123], "line 2"),
        (f"{WAITING[:40]}\n{OTHER}", [8124], "line 1"),
        (f"{PRETTY[:60]}\n{OTHER}", [8124], "line 1"),
        (f"garbage\n{WAITING}", [8123], "line 1"),
        ('{"hello":"world"}', [], "no trm"),
        ("{}", [], "no trm"),
        ('{"trm": null}', [], "no trm"),
        (
            '{"error":{"title":"Bad src"},"reason":"Bad src"}',
            [],
            "refused the request: Bad src",
        ),
        ("[[[[" * 5000, [], "not JSON"),
        ("true", [], "line 1"),
        ("null", [], "line 1"),
        (b"\xff\xfe\x00", [], "not JSON"),
        ('"abc"', [], "not a request id"),
        ("50x1", [], "not a request id: 50x1"),
        ("77 5x", [77], "5x"),
        ("-4", [], "line 1"),
        ("1.5", [], "line 1"),
        ("99999999999999999999", [], "line 1"),
        ("op:5001 op:", [5001], "not a request id"),
    ],
)
def test_what_cannot_be_read_costs_its_own_line_only(
    text: str | bytes, expected: list[int], words: str
) -> None:
    read = read_operations(text.encode() if isinstance(text, str) else text)
    assert [one.request_id for one in read.found] == expected
    assert any(words in fault for fault in read.faults)


def test_numbers_inside_an_answer_that_was_cut_off_are_no_ids() -> None:
    cut = json.dumps({"trm": {"requestid": 1}, "custom": {"counts": [5, 6]}}, indent=2)[:-8]
    assert read_operations(cut.encode()).found == ()


def test_a_web_page_is_not_told_line_by_line() -> None:
    read = read_operations(b"<html>\n" * 900)
    assert len(read.faults) == MAX_FAULTS + 1
    assert read.faults[-1] == f"and {900 - MAX_FAULTS} more of that kind"


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_name_operations_or_have_faults(raw: bytes) -> None:
    read = read_operations(raw)
    assert read.found or read.faults
    assert all(fault.isprintable() for fault in read.faults)


LONG = json.dumps({"trm": {"requestid": 7, "status": "Waiting", "statusText": "x" * 20_000}})


@pytest.mark.parametrize("padding", range(0, 40, 3))
def test_a_value_may_end_or_be_cut_off_anywhere(padding: int) -> None:
    blanks = " " * padding
    text = f"{blanks}{LONG}\n5001 {LONG}\n[{LONG}, {'5002, ' * 1000}5003]\n{LONG[:-1]}\n5004"
    found = read_operations(text.encode())
    assert [t.request_id for t in found.found] == [7, 5001, 7, 7, *[5002] * 1000, 5003, 5004]
    assert len(found.faults) == 1
    for size in range(506, 516):
        assert [t.request_id for t in read_operations(b"[" + b" " * size + b"5001]").found] == [5001]
        assert [t.request_id for t in read_operations(b" " * size + b"5001").found] == [5001]
        assert [t.request_id for t in read_operations(b"[5001" + b" " * size + b"]5002").found] == [
            5001,
            5002,
        ]


class Counted(str):
    """A text that counts the characters that are copied of it, and those in which lines are counted."""

    looked_at = 0

    def __getitem__(self, index: Any) -> str:
        found = super().__getitem__(index)
        self.looked_at += len(found)
        return found

    def count(self, what: str, *span: Any) -> int:
        self.looked_at += span[1] - span[0]
        return super().count(what, *span)


SHAPES = {
    "on one line": (" ", '{"trm": {"requestid": %d, "status": "Waiting"}}'),
    "numbers on one line": (" ", "%d"),
    "on lines": ("\n", '{"trm": {"requestid": %d, "status": "Waiting"}}'),
    "faulty lines": ("\n", "not JSON %d"),
    "cut off": ("\n", '{"a": %d'),
    "strings": (" ", '"%d"'),
    "own lines": ("\n", "op:%d\twaiting\tlabel"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_grows_with_the_text_and_not_with_its_square(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    between, form = SHAPES[shape]
    looked_at = {}
    for count in (2000, 8000):
        text = Counted(between.join(form % number for number in range(1, count + 1)))
        monkeypatch.setattr(envelopes, "_decode_text", lambda _raw, text=text: text)
        found = read_operations(b"")
        assert len(found.found) + len(found.faults) >= 20
        looked_at[count] = text.looked_at
    assert looked_at[8000] <= 5 * max(looked_at[2000], 10_000)
