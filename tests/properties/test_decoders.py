"""Decoders on answers that were tampered with: our errors, or values fit to be shown and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes import NOON
from tests.properties.answers import changed_answers, recorded
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import BadAnswer, ServiceError
from wbtui.domain.merge import FlexSide, flex_cells
from wbtui.domain.model import (
    BeeboxFile,
    FlexComponent,
    FlexDocument,
    InstantRequest,
    OperationReading,
    State,
)
from wbtui.domain.ports import FlexAnswer
from wbtui.store.codec import Codec, encode
from wbtui.wordbee.beebox import decode_details, decode_files
from wbtui.wordbee.error_answers import beebox_fault, instant_fault, translator_fault
from wbtui.wordbee.flex import decode_components, decode_document, decode_documents, filter_pulled
from wbtui.wordbee.instant import decode_configuration, decode_requests
from wbtui.wordbee.response import Response
from wbtui.wordbee.session import decode_token
from wbtui.wordbee.translator_answers import decode_envelope, decode_list

DECODERS: tuple[Callable[[bytes], Any], ...] = (
    decode_envelope,
    lambda body: decode_envelope(body, polled=True),
    decode_list,
    lambda body: decode_files(body, 0, NOON),
    decode_details,
    lambda body: decode_requests(body, NOON),
    decode_documents,
    lambda body: decode_document(body, "1000"),
    decode_components,
    decode_token,
    lambda body: filter_pulled(body, {"app.login": ["fr"]}),
    decode_configuration,
)
FAULTS: tuple[Callable[[Response], ServiceError], ...] = (
    lambda answer: translator_fault(answer, NOON),
    lambda answer: beebox_fault(answer, NOON, connecting=True),
    lambda answer: instant_fault(answer, NOON),
)
CODECS: dict[type, Codec[Any]] = {
    kind: Codec(kind) for kind in (BeeboxFile, InstantRequest, FlexDocument, OperationReading, FlexComponent)
}
ON_THE_WIRE = {"wire_path", "wire_component", "file_token", "file_name"}
"""Fields that keep what came byte for byte, and are never shown."""


def pack(body: Any) -> bytes:
    return json.dumps(body).encode()


def values_in(found: Any) -> Iterator[Any]:
    """Yield every dataclass of an answer, however deep."""
    if isinstance(found, tuple | list):
        for each in found:
            yield from values_in(each)
    elif is_dataclass(found) and not isinstance(found, type | Secret):
        yield found
        for field in fields(found):
            yield from values_in(getattr(found, field.name))


def check(found: Any) -> None:
    """Assert that an answer can be shown as it is, and comes back from the store as it was."""
    if isinstance(found, FlexAnswer):
        found = flex_cells(FlexSide("1000", State.READY, NOON), found)
    for value in values_in(found):
        for field in fields(value):
            text = getattr(value, field.name)
            if isinstance(text, str) and field.name not in ON_THE_WIRE:
                assert text.isprintable(), field.name
        codec = CODECS.get(type(value))
        assert codec is None or codec.decode(encode(value)) == value


def test_the_recorded_answers_are_of_every_kind_and_each_is_read() -> None:
    members = {name for body in recorded() if isinstance(body, dict) for name in body}
    assert {"trm", "files", "requests", "rows"} <= members
    for body in recorded():
        assert [decode for decode in DECODERS if _read(decode, pack(body)) is not None]


def _read(decode: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return decode(body)
    except BadAnswer as caught:
        error = caught
    assert error.message.isprintable()
    return None


@settings(max_examples=400, deadline=None)
@given(changed_answers())
@example([[[]]])
@example({"trm": {"status": "Finished"}, "custom": [None]})
def test_whatever_is_changed_in_an_answer_it_is_read_or_a_bad_answer(body: Any) -> None:
    packed = pack(body)
    for decode in DECODERS:
        check(_read(decode, packed))


@settings(max_examples=100, deadline=None)
@given(changed_answers(), st.integers(100, 599), st.data())
def test_a_changed_answer_that_is_cut_or_garbled_is_read_or_a_bad_answer(
    body: Any, status: int, data: st.DataObject
) -> None:
    packed = pack(body)
    cut = packed[: data.draw(st.integers(0, len(packed)))]
    at = data.draw(st.integers(0, len(packed)))
    garbled = packed[:at] + data.draw(st.binary(min_size=1, max_size=6)) + packed[at + 1 :]
    for broken in (cut, garbled):
        for decode in DECODERS:
            check(_read(decode, broken))
        for fault in FAULTS:
            error = fault(Response(status, {"retry-after": data.draw(st.text(max_size=12))}, broken))
            assert error.message.isprintable()
