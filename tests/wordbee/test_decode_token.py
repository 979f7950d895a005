"""The token in the answer to a log-in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.domain.credentials import Secret
from wbtui.domain.errors import BadAnswer, NotTheService
from wbtui.wordbee.session import decode_token


@pytest.mark.parametrize(
    "body",
    [
        b'"0B7E-2D14"',
        b' "0B7E-2D14" \r\n',
        b"0B7E-2D14",
        b"\xef\xbb\xbf0B7E-2D14\n",
        b'{"token": "0B7E-2D14"}',
        b'{"Token": " 0B7E-2D14 ", "ui": "en"}',
        b'"\\"0B7E-2D14\\""',
        b'"{\\"token\\": \\"0B7E-2D14\\"}"',
        b"\r\n\xef\xbb\xbf0B7E-2D14",
    ],
)
def test_a_token_is_found_in_each_form(body: bytes) -> None:
    assert decode_token(body) == Secret("0B7E-2D14")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b'""',
        b"{}",
        b'{"token": null}',
        b'{"token": ["s3cret"]}',
        b'{"token": {"a": "s3cret"}}',
        b'"s3cret',
        b'{"token": "s3cret"',
        b'"s3cret two words"',
        b"s3cret two words",
        b"<html>s3cret</html>",
        b"[s3cret]",
        b'"\\ud800s3cret"',
        b"s3cret\x00",
        "s3crét".encode(),
        b"s3cret" * 2000,
        b"[" * 100_000,
        b'{"token": ' * 100_000,
    ],
)
def test_what_is_no_token_is_a_bad_answer_that_quotes_nothing(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="no token") as caught:
        decode_token(body)
    assert "s3cret" not in str(caught.value)


def test_a_web_page_instead_of_a_token_is_called_one() -> None:
    with pytest.raises(NotTheService, match="web page came in the place of the log-in's answer") as caught:
        decode_token(b"\r\n<!DOCTYPE html><title>Sign in</title>")
    assert "URL" in caught.value.advice


@given(st.binary(max_size=80))
def test_any_bytes_give_a_printable_token_or_a_bad_answer(body: bytes) -> None:
    try:
        token = decode_token(body).reveal()
    except BadAnswer:
        token = "none"
    assert token.isascii()
    assert token.isprintable()
