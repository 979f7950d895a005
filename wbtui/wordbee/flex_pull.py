"""The texts of Flex components: an operation that reads, and the file that comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import OperationReading, RequestRecord
from wbtui.wordbee._once import read_once, sent_once
from wbtui.wordbee.answer import decoded
from wbtui.wordbee.decode_translator import decode_envelope
from wbtui.wordbee.flex import MOST_COMPONENTS
from wbtui.wordbee.http import segment as path_segment
from wbtui.wordbee.translator import TranslatorSession
from wbtui.wordbee.wire import Node, load


class FlexPull:
    """Pulls contents (`ports_acting.PullGateway`); each pull takes a place in the customer's queue."""

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def pull(self, document: str, components: Sequence[str]) -> tuple[OperationReading, RequestRecord]:
        """Start a pull of at most 500 components. Source: apps-wbflex-documents-id-contents-pull."""
        path = f"apps/wbflex/documents/{path_segment(document)}/contents/pull"
        body: dict[str, object] = {"components": list(components[:MOST_COMPONENTS])}
        answer = await sent_once(self._session.call("POST", path, json=body))
        record = RequestRecord("POST", f"/{path}", json.dumps(body))
        return read_once(decode_envelope, answer.body), record

    async def texts(
        self, file_token: str, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], bytes]:
        """Return one JSON document per component and wanted locale; none for what is not in the file.

        No documented parameter of the pull selects locales, so the file is filtered here.
        """
        body = await self._session.media(file_token)
        return await decoded(filtered, body, wanted)


def filtered(body: bytes, wanted: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], bytes]:
    """Return the part of a pulled file that belongs to each component and locale, in the shape of the file.

    Raises `BadAnswer` if it is no pulled file.
    """
    answer = load(body)
    segments = answer.get("segments")
    if not segments.is_array:
        raise BadAnswer("the pulled file holds no segments")
    head = {name: node.value for name, node in answer.members() if name.lower() != "segments"}
    of_component: dict[str, list[Node]] = {}
    for item in segments.items():
        component = item.get("component").raw()
        if component in wanted:
            of_component.setdefault(component, []).append(item)
    return {
        (component, locale): _document(head, items, locale)
        for component, items in of_component.items()
        for locale in wanted[component]
        if any(_holds(item, locale) for item in items)
    }


def _document(head: Mapping[str, object], segments: Sequence[Node], locale: str) -> bytes:
    kept = [_with_locale(segment.members(), locale) for segment in segments]
    text = json.dumps({**head, "segments": kept}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _holds(item: Node, locale: str) -> bool:
    """Tell whether a segment may have a text in a locale; one without `texts` is of no language."""
    texts = item.get("texts")
    return not texts.is_object or any(name == locale for name, _ in texts.members())


def _with_locale(members: Sequence[tuple[str, Node]], locale: str) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, node in members:
        kept[name] = node.value
        if name.lower() == "texts":
            kept[name] = {each: text.value for each, text in node.members() if each == locale}
    return kept
