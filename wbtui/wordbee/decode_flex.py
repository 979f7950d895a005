"""Flex: documents, and which components are complete in which language.

Source: finding-documents-flex, apps-wbflex-documents-id, apps-wbflex-documents-id-components-status.
"""

from __future__ import annotations

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import FlexDocument
from wbtui.domain.ports import FlexAnswer, FlexRow
from wbtui.domain.sanitize import safe
from wbtui.wordbee.wire import Node, load
from wbtui.wordbee.wiredates import read_date


def decode_documents(body: bytes) -> tuple[tuple[FlexDocument, ...], int, int]:
    """Return the documents of one page of `apps/wbflex/list`, the rows received and their total.

    Raises `BadAnswer` if there is no list of rows, or nothing in it can be read.
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
    """Return the document of `apps/wbflex/documents/{id}` under the id that was asked for.

    Raises `BadAnswer` if there is none.
    """
    answer = load(body)
    if not answer.is_object:
        raise BadAnswer("the answer holds no Flex document")
    return _document(answer, Node(asked))


def decode_components(body: bytes) -> FlexAnswer:
    """Return the list behind a finished query; the locales of a row may be an object or an array.

    Raises `BadAnswer` if it is no list, or nothing in it can be read. An empty body is an empty list.
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


def _document(row: Node, identity: Node) -> FlexDocument:
    document_id = identity.raw()
    source = row.get("src")
    return FlexDocument(
        id=document_id if document_id == safe(document_id, 120) else "",
        name=row.get("name").text(),
        changed_at=read_date(row.get("dtchange").value),
        source=(source.get("v") if source.is_object else source).text(60),
        segments=row.get("segments").count(),
        project=row.get("preference").text(),
    )


def _row(element: Node) -> FlexRow | None:
    wire = element.get("k").raw()
    if not wire:
        return None
    component = safe(wire)
    return FlexRow(
        component=component,
        segments=element.get("s").count(),
        locales=_locales(element.get("l")),
        wire_component="" if component == wire else wire,
    )


def _locales(node: Node) -> dict[str, int | None]:
    if node.is_object:
        return {safe(locale, 60): number.count() for locale, number in node.members() if locale}
    named = (element.text(60) for element in node.items())
    return {locale: None for locale in named if locale}
