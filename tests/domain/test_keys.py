"""The keys of items: what is made is read again, and nothing else is taken for a key."""

from __future__ import annotations

import pytest

from wbtui.domain.item_keys import (
    LARGEST_ID,
    beebox_key,
    find_service,
    flex_key,
    id_part,
    instant_key,
    local_operation_key,
    operation_id,
    operation_key,
    path_part,
    read_key,
    service_of,
)
from wbtui.domain.model import ItemKey, Service

KEYS = {
    operation_key(5001): Service.OPERATIONS,
    local_operation_key(1): Service.OPERATIONS,
    beebox_key("fr", "batch-7\\a: b.docx"): Service.BEEBOX,
    instant_key(39): Service.INSTANT,
    flex_key("1000", "fr", "app.login"): Service.FLEX,
}


@pytest.mark.parametrize(("key", "service"), KEYS.items())
def test_a_key_that_is_made_is_read_again(key: ItemKey, service: Service) -> None:
    assert read_key(key) == key
    assert service_of(key) is find_service(key) is service
    assert key == f"{service.prefix}:{id_part(key)}"


def test_keys_look_as_scripts_know_them() -> None:
    made = ["op:5001", "op:local-1", "bb:fr:batch-7\\a: b.docx", "it:39", "fx:1000:fr:app.login"]
    assert list(KEYS) == made


def test_a_bare_number_is_the_id_of_an_operation() -> None:
    assert read_key("05001") == read_key("op:5001") == operation_key(5001)
    assert operation_id("5001") == operation_id("op:5001") == 5001


@pytest.mark.parametrize("word", ["", "op", "op:", "bb:", "xx:1", ":1", "five", str(LARGEST_ID + 1), "-1"])
def test_what_is_no_key(word: str) -> None:
    assert read_key(word) is None


@pytest.mark.parametrize("word", ["it:39", "op:local-1", "op:0", "9" * 30])
def test_what_names_no_operation_that_has_an_id(word: str) -> None:
    assert operation_id(word) is None


def test_the_path_of_a_beebox_file_is_the_same_in_all_languages() -> None:
    french, german = beebox_key("fr", "a:b\\c.docx"), beebox_key("de", "a:b\\c.docx")
    assert path_part(french) == path_part(german) == "a:b\\c.docx"


def test_an_unsafe_name_stays_apart_from_the_name_it_is_shown_by() -> None:
    assert len({beebox_key("fr", "a"), beebox_key("fr", "a", "a\x1b"), beebox_key("fr", "a", "a\x07")}) == 3
