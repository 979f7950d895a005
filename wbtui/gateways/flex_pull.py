"""The texts of Flex components: an operation that reads, and the file that comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from wbtui.errors import BadAnswer
from wbtui.gateways._http import segment
from wbtui.gateways._once import read_once, sent_once
from wbtui.gateways.answer import decoded
from wbtui.gateways.decode_translator import decode_envelope
from wbtui.gateways.flex import MOST_COMPONENTS
from wbtui.gateways.translator import TranslatorSession
from wbtui.gateways.wirejson import Node, load
from wbtui.model import OperationReading, RequestRecord


class FlexPull:
    """Pulls contents (`ports_acting.PullGateway`); each pull takes a place in the customer's queue."""

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def pull(self, document: str, components: Sequence[str]) -> tuple[OperationReading, RequestRecord]:
        """Start a pull of at most 500 components. Source: apps-wbflex-documents-id-contents-pull."""
        path = f"apps/wbflex/documents/{segment(document)}/contents/pull"
        body: dict[str, object] = {"components": list(components[:MOST_COMPONENTS])}
        answer = await sent_once(self._session.call("POST", path, json=body))
        record = RequestRecord("POST", f"/{path}", json.dumps(body))
        return read_once(decode_envelope, answer.body), record

    async def texts(self, file_token: str, wanted: Mapping[str, Sequence[str]]) -> Mapping[str, bytes]:
        """Return one JSON document per component with the wanted locales only; none for one not in it.

        No documented parameter of the pull selects locales, so the file is filtered here.
        """
        body = await self._session.media(file_token)
        return await decoded(filtered, body, wanted)


def filtered(body: bytes, wanted: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """Return the part of a pulled file that belongs to each component, in the shape of the file itself.

    Raises `BadAnswer` if it is no pulled file.
    """
    answer = load(body)
    segments = answer.get("segments")
    if not segments.is_array:
        raise BadAnswer("the pulled file holds no segments")
    head = {name: node.value for name, node in answer.members() if name.lower() != "segments"}
    found: dict[str, list[dict[str, object]]] = {}
    for item in segments.items():
        component = item.get("component").raw()
        if component in wanted:
            found.setdefault(component, []).append(_with_locales(item.members(), wanted[component]))
    return {
        component: (json.dumps({**head, "segments": kept}, ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "backslashreplace"
        )
        for component, kept in found.items()
    }


def _with_locales(members: Sequence[tuple[str, Node]], locales: Sequence[str]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, node in members:
        kept[name] = node.value
        if name.lower() == "texts":
            kept[name] = {locale: text.value for locale, text in node.members() if locale in locales}
    return kept
