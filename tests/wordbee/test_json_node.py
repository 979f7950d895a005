"""JSON of any shape is read, and raises BadAnswer at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.domain.errors import BadAnswer
from wbtui.wordbee.wire import JsonNode, glimpse, load, load_element, load_list


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'\r\n\xef\xbb\xbf {"a": 1}', {"a": 1}),
        (b'"{\\"a\\": 1}"', {"a": 1}),
        (b'" [1]"', [1]),
        (b'"plain"', "plain"),
        (b"12", 12),
        (b"null", None),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
    ],
)
def test_json_is_read_as_it_comes(body: bytes, value: object) -> None:
    assert load(body).value == value


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b'{"trm": {"status"', "cut off"),
        (b'"7b1e-secret', "damaged JSON"),
        ("\u200b{'pwd': 'secret'".encode(), "damaged JSON"),
        (b'"{\\"a\\": "', "damaged JSON"),
        (b"[" * 100_000, "damaged JSON"),
        (b"1" * 5000, "not JSON"),
        (b"<html><title>Log in</title><body>x</body></html>", "it begins: Log in"),
    ],
)
def test_what_is_no_json_is_a_bad_answer(body: bytes, words: str) -> None:
    with pytest.raises(BadAnswer, match=words) as caught:
        load(body)
    assert "secret" not in caught.value.message


NO_NUMBER = b"9" * 5000
"""Digits that Python makes no number of, and that reading by type passes over."""


def test_a_part_that_cannot_be_read_is_never_quoted() -> None:
    with pytest.raises(BadAnswer, match="damaged JSON") as of_member:
        load_list(b'{"files": [{}], "token": ' + NO_NUMBER + b"}", "files")
    _, elements = load_list(b'{"files": [' + NO_NUMBER + b"]}", "files")
    assert elements
    with pytest.raises(BadAnswer, match="damaged JSON") as of_element:
        load_element(bytes(elements[0]))  # type: ignore[arg-type]
    assert "999" not in of_member.value.message + of_element.value.message


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<html><head><title>502 Bad &amp; Gateway</title></head>", "502 Bad & Gateway"),
        ("<h1>Down</h1>\n<p>for  now</p>", "Down for now"),
        ("<style>p {x}</style><script>alert(1)</script>Hello", "Hello"),
        ("plain \x1b[2J text", "plain ␛[2J text"),
        ("", ""),
    ],
)
def test_a_page_is_shown_by_its_title_or_first_words(page: str, words: str) -> None:
    assert glimpse(page) == words


@pytest.mark.parametrize(
    ("value", "integer", "count", "number", "boolean", "text"),
    [
        (12, 12, 12, 12.0, None, "12"),
        (-3, -3, None, -3.0, None, "-3"),
        ("12", 12, 12, 12.0, None, "12"),
        (" 7 ", 7, 7, 7.0, None, " 7 "),
        ("1.5", None, None, 1.5, None, "1.5"),
        (1.5, None, None, 1.5, None, "1.5"),
        (12.0, 12, 12, 12.0, None, "12"),
        (1, 1, 1, 1.0, True, "1"),
        ("0", 0, 0, 0.0, False, "0"),
        (True, None, None, None, True, ""),
        (False, None, None, None, False, ""),
        ("TRUE", None, None, None, True, "TRUE"),
        ("false", None, None, None, False, "false"),
        (None, None, None, None, None, ""),
        ([], None, None, None, None, ""),
        ({}, None, None, None, None, ""),
        (2**60, None, None, None, None, ""),
        (10**400, None, None, None, None, ""),
        (float("inf"), None, None, None, None, ""),
        (float("nan"), None, None, None, None, ""),
        (1e300, None, None, None, None, "1e+300"),
        ("٣", None, None, None, None, "٣"),
        ("a\x1bb", None, None, None, None, "a␛b"),
    ],
)
def test_a_value_is_read_as_what_is_wanted(
    value: object,
    integer: int | None,
    count: int | None,
    number: float | None,
    boolean: bool | None,
    text: str,
) -> None:
    node = JsonNode(value)
    assert (node.integer(), node.count(), node.number()) == (integer, count, number)
    assert (node.boolean(), node.text()) == (boolean, text)


def test_members_are_found_whatever_their_case_and_null_is_absence() -> None:
    node = JsonNode({"requestId": 1, "a": None, "B": 2})
    assert node.get("requestid").value == 1
    assert node.get("a", "b").value == 2
    assert node.get("c").missing
    assert JsonNode([1]).get("a").missing
    assert [child.value for child in JsonNode([1, "x"]).items()] == [1, "x"]
    assert JsonNode("x").items() == []
    assert JsonNode([1]).members() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_reading_any_value_raises_nothing(value: object) -> None:
    node = JsonNode(value)
    assert isinstance(node.get("a").get("b").text(), str)
    assert node.text().isprintable()
    assert node.boolean() in {None, True, False}
    assert node.number() is None or isinstance(node.number(), float)
    assert len(node.members()) + len(node.items()) >= 0


@given(st.binary(max_size=200))
def test_loading_any_bytes_gives_a_value_or_a_bad_answer(body: bytes) -> None:
    try:
        shown = load(body).text()
    except BadAnswer as error:
        shown = error.message
    assert shown.isprintable()
