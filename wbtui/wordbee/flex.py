"""Flex: decoder, gateway and pulls, on the session of Translator API 2."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import FlexDocument, FlexQuestion, OperationReading, RequestRecord
from wbtui.domain.ports import FlexAnswer, FlexList, FlexRow
from wbtui.domain.sanitize import sanitize
from wbtui.wordbee.http import CAP, segment
from wbtui.wordbee.http import segment as path_segment
from wbtui.wordbee.response import decoded
from wbtui.wordbee.session import decode_non_idempotent, send_non_idempotent
from wbtui.wordbee.translator import PAGE, TranslatorSession
from wbtui.wordbee.translator_answers import decode_envelope
from wbtui.wordbee.wire import JsonNode, load, read_date, write_date


def decode_documents(body: bytes) -> tuple[tuple[FlexDocument, ...], int, int]:
    """Decode one page of `apps/wbflex/list`: its documents, the rows received and the total.

    Raises `BadAnswer` if there is no list of rows, or none of its rows can be read.
    """
    answer = load(body)
    rows = answer.get("rows", "items")
    total = answer.get("total").count()
    if not rows.is_array:
        if total == 0:
            return (), 0, 0
        raise BadAnswer("the answer holds no list of Flex documents")
    received = rows.items()
    found = (_document(row, row.get("id", "did")) for row in received)
    documents = tuple(document for document in found if document.id)
    if received and not documents:
        raise BadAnswer("the answer holds Flex documents, but none that can be read")
    return documents, len(received), len(received) if total is None else total


def decode_document(body: bytes, asked: str) -> FlexDocument:
    """Decode `apps/wbflex/documents/{id}` under the id that was asked for.

    Raises `BadAnswer` if the answer is not an object.
    """
    answer = load(body)
    if not answer.is_object:
        raise BadAnswer("the answer holds no Flex document")
    return _document(answer, JsonNode(asked))


def decode_components(body: bytes) -> FlexAnswer:
    """Decode the result of a finished query. The locales of a row may be an object or an array.

    Raises `BadAnswer` if it is not a list, or none of its rows can be read. An empty body is an empty list.
    """
    if not body.strip():
        return FlexAnswer()
    answer = load(body)
    if not answer.is_array and not answer.missing:
        raise BadAnswer("the file holds no list of Flex components")
    received = answer.items()
    rows = tuple(row for row in map(_row, received) if row is not None)
    if received and not rows:
        raise BadAnswer("the file holds Flex components, but none that can be read")
    return FlexAnswer(rows, len(received) - len(rows))


def _document(row: JsonNode, identity: JsonNode) -> FlexDocument:
    document_id = identity.raw()
    source = row.get("src")
    return FlexDocument(
        id=document_id if document_id == sanitize(document_id, 120) else "",
        name=row.get("name").text(),
        changed_at=read_date(row.get("dtchange").value),
        source=(source.get("v") if source.is_object else source).text(60),
        segments=row.get("segments").count(),
        project=row.get("preference").text(),
    )


def _row(element: JsonNode) -> FlexRow | None:
    wire = element.get("k").raw()
    if not wire:
        return None
    component = sanitize(wire)
    return FlexRow(
        component=component,
        segments=element.get("s").count(),
        locales=_locales(element.get("l")),
        wire_component="" if component == wire else wire,
    )


def _locales(node: JsonNode) -> dict[str, int | None]:
    if node.is_object:
        return {sanitize(locale, 60): number.count() for locale, number in node.members() if locale}
    named = (element.text(60) for element in node.items())
    return {locale: None for locale in named if locale}


MAX_COMPONENTS = 500
"""Source: apps-wbflex-documents-id-components-status."""
LONGEST_WINDOW = timedelta(days=7)
"""How far back a query may ask for changes. Source: the same page."""
MARGIN = timedelta(minutes=5)
"""Subtracted from the seven days: clocks may differ, and the query may wait before the server reads it."""


class FlexGateway:
    """Reads Flex documents and the completeness of their components (`ports.FlexGateway`)."""

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def documents(self) -> FlexList:
        """Return all Flex documents the user can see. Source: finding-documents-flex.

        The next page starts after the rows received, since a server may send fewer than were asked for.
        """
        found: dict[str, FlexDocument] = {}
        received = 0
        whole = True
        while True:
            answer = await self._session.call(
                "POST", "apps/wbflex/list", json={"take": PAGE, "skip": received}, cap_bytes=CAP
            )
            page, rows, total = decode_documents(answer.body)
            known = len(found)
            found.update({document.id: document for document in page})
            received += rows
            whole = whole and len(page) == rows
            # A page without a new document ends the loop too: a server that ignores skip would never end it.
            if received >= total or len(found) == known:
                return FlexList(tuple(found.values()), whole and received >= total, max(total, received))

    async def document(self, document: str) -> FlexDocument:
        """Return one document with its date of change; raises `Unknown` if it does not exist.

        Source: apps-wbflex-documents-id.
        """
        path = f"apps/wbflex/documents/{segment(document)}"
        answer = await self._session.call("GET", path, asks_item=True)
        return decode_document(answer.body, document)

    async def ask(self, document: str, question: FlexQuestion, since: datetime) -> OperationReading:
        """Start a components/status query. The reading's `request_id` is the operation to watch.

        `since` is aware and is limited to seven days ago, the most that the server allows. At most 500
        components can be named. Source: apps-wbflex-documents-id-components-status.
        """
        path = f"apps/wbflex/documents/{segment(document)}/components/status"
        answer = await self._session.call("POST", path, json=self._body(question, since))
        return decode_envelope(answer.body)

    async def answer(self, file_token: str) -> FlexAnswer:
        """Fetch and decode the list of a finished query. Source: media/get/{token}."""
        return await decoded(decode_components, await self._session.media(file_token))

    def _body(self, question: FlexQuestion, since: datetime) -> dict[str, object]:
        farthest = self._session.clock.now() - LONGEST_WINDOW + MARGIN
        body: dict[str, object] = {
            "changed": write_date(max(since, farthest)),
            "metric": question.metric.value,
            "invert": question.invert,
        }
        if question.locales:
            body["locales"] = list(question.locales)
        if question.components:
            body["components"] = list(question.components[:MAX_COMPONENTS])
        if question.component_value or question.component_mode == "Empty":
            body["component"] = {"value": question.component_value, "mode": question.component_mode}
        return body


class FlexPull:
    """Pulls contents (`ports.PullGateway`). Each pull takes a slot of the customer's queue."""

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def pull(self, document: str, components: Sequence[str]) -> tuple[OperationReading, RequestRecord]:
        """Start a pull of at most 500 components. Source: apps-wbflex-documents-id-contents-pull."""
        path = f"apps/wbflex/documents/{path_segment(document)}/contents/pull"
        body: dict[str, object] = {"components": list(components[:MAX_COMPONENTS])}
        answer = await send_non_idempotent(self._session.call("POST", path, json=body))
        record = RequestRecord("POST", f"/{path}", json.dumps(body))
        return decode_non_idempotent(decode_envelope, answer.body), record

    async def texts(
        self, file_token: str, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], bytes]:
        """Return one JSON document per component and wanted locale that the file holds.

        No documented parameter of the pull selects locales, so the file is filter_pulled here.
        """
        body = await self._session.media(file_token)
        return await decoded(filter_pulled, body, wanted)


def filter_pulled(body: bytes, wanted: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], bytes]:
    """Split a pulled file by component and locale, each part in the shape of the file.

    Raises `BadAnswer` if it is not a pulled file.
    """
    answer = load(body)
    segments = answer.get("segments")
    if not segments.is_array:
        raise BadAnswer("the pulled file holds no segments")
    head = {name: node.value for name, node in answer.members() if name.lower() != "segments"}
    by_component: dict[str, list[JsonNode]] = {}
    for item in segments.items():
        component = item.get("component").raw()
        if component in wanted:
            by_component.setdefault(component, []).append(item)
    return {
        (component, locale): _pulled_document(head, items, locale)
        for component, items in by_component.items()
        for locale in wanted[component]
        if any(_may_have_locale(item, locale) for item in items)
    }


def _pulled_document(head: Mapping[str, object], segments: Sequence[JsonNode], locale: str) -> bytes:
    kept = [_with_locale(segment.members(), locale) for segment in segments]
    text = json.dumps({**head, "segments": kept}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _may_have_locale(item: JsonNode, locale: str) -> bool:
    """Return whether a segment may have a text in a locale. One without `texts` belongs to every locale."""
    texts = item.get("texts")
    return not texts.is_object or any(name == locale for name, _ in texts.members())


def _with_locale(members: Sequence[tuple[str, JsonNode]], locale: str) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, node in members:
        kept[name] = node.value
        if name.lower() == "texts":
            kept[name] = {each: text.value for each, text in node.members() if each == locale}
    return kept
