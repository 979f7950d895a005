"""Flex, on the session of Translator API 2."""

from __future__ import annotations

from datetime import datetime, timedelta

from wbtui.domain.model import FlexDocument, FlexQuestion, OperationReading
from wbtui.domain.ports import FlexAnswer, FlexList
from wbtui.wordbee.answer import decoded
from wbtui.wordbee.decode_flex import decode_components, decode_document, decode_documents
from wbtui.wordbee.decode_translator import decode_envelope
from wbtui.wordbee.http import CAP, segment
from wbtui.wordbee.translator import PAGE, TranslatorSession
from wbtui.wordbee.wiredates import write_date

MOST_COMPONENTS = 500
FARTHEST = timedelta(days=7)
MARGIN = timedelta(minutes=5)
"""Kept off the seven days, for clocks that differ and for the time until the server reads the question."""


class FlexGateway:
    """Flex documents and the completeness of their components (`ports.FlexGateway`)."""

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def documents(self) -> FlexList:
        """Return all Flex documents the user can see. Source: finding-documents-flex.

        Pages go on by the rows received, since a server may give fewer than were asked for.
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
            # A page without anything new ends it, too: a server that ignores skip would never end.
            if received >= total or len(found) == known:
                return FlexList(tuple(found.values()), whole and received >= total, max(total, received))

    async def document(self, document: str) -> FlexDocument:
        """Return one document with its date of change; raises `Unknown` if the server does not know it.

        Source: apps-wbflex-documents-id.
        """
        path = f"apps/wbflex/documents/{segment(document)}"
        answer = await self._session.call("GET", path, asks_item=True)
        return decode_document(answer.body, document)

    async def ask(self, document: str, question: FlexQuestion, since: datetime) -> OperationReading:
        """Start a components/status query; the reading's `request_id` is the operation to watch.

        `since` is aware; the server goes back seven days at most, so what is older is asked for that long.
        At most 500 components can be named. Source: apps-wbflex-documents-id-components-status.
        """
        path = f"apps/wbflex/documents/{segment(document)}/components/status"
        answer = await self._session.call("POST", path, json=self._body(question, since))
        return decode_envelope(answer.body)

    async def answer(self, file_token: str) -> FlexAnswer:
        """Fetch and decode the list of a finished query. Source: media/get/{token}."""
        return await decoded(decode_components, await self._session.media(file_token))

    def _body(self, question: FlexQuestion, since: datetime) -> dict[str, object]:
        farthest = self._session.clock.now() - FARTHEST + MARGIN
        body: dict[str, object] = {
            "changed": write_date(max(since, farthest)),
            "metric": question.metric.value,
            "invert": question.invert,
        }
        if question.locales:
            body["locales"] = list(question.locales)
        if question.components:
            body["components"] = list(question.components[:MOST_COMPONENTS])
        if question.component_value or question.component_mode == "Empty":
            body["component"] = {"value": question.component_value, "mode": question.component_mode}
        return body
