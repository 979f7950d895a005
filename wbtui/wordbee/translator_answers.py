"""What Translator API 2 says of operations, as values. Pure."""

from __future__ import annotations

from datetime import datetime

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import FINISHED, FileFormat, FileOutcome, OperationReading, State
from wbtui.domain.ports import ListedOperation
from wbtui.domain.sanitize import sanitize
from wbtui.wordbee.error_answers import refusal_words
from wbtui.wordbee.wire import JsonNode, load, read_date

_STATES = {
    "waiting": State.WAITING,
    "executing": State.RUNNING,
    "finished": State.DONE,
    "success": State.DONE,
    "failed": State.FAILED,
}
_TOKEN_LIMIT = 512
_COUNTS_KEPT = 32
_TEXT_LIMIT = 2000


def decode_envelope(body: bytes, *, polled: bool = False) -> OperationReading:
    """Decode the envelope of an operation.

    It comes from a submitting call, `trm/status`, a callback, or standard input.
    A bare number is an envelope too: the id of a waiting operation, or 0 for one that is complete
    (`orders/create`). Raises `BadAnswer` if it holds no operation, or one that continues without an id. With
    `polled` (an answer of `trm/status`), an object without `trm`, which does occur, is an operation in an
    unknown state.
    """
    answer = load(body)
    number = answer.count()
    if number is not None and not isinstance(answer.value, bool):
        state, status = (State.WAITING, "Waiting") if number else (State.DONE, "Finished")
        return OperationReading(state=state, status=status, request_id=number)
    trm = answer.get("trm")
    if not trm.is_object and not (polled and answer.is_object and answer.get("error").missing):
        refused = "" if answer.get("error").missing else refusal_words(answer)
        raise BadAnswer(
            f"the server refused the request: {refused}"
            if refused
            else "the answer speaks of no operation (it has no trm)"
        )
    reading = _reading(trm, answer)
    if not polled and not reading.request_id and reading.state not in FINISHED:
        raise BadAnswer("the operation has begun, but the answer names no id to ask for it by")
    return reading


def decode_list(body: bytes) -> tuple[tuple[ListedOperation, ...], int, int] | None:
    """Decode one page of `trm/list`: its operations, the rows received and the total.

    The call is not documented, so the result is None unless the answer has the shape of the other lists and
    each row is an operation with an id and a known status.
    """
    answer = load(body)
    rows = answer.get("rows", "items")
    if not rows.is_array:
        return None
    received = rows.items()
    found = [listed for listed in map(_listed, received) if listed is not None]
    if len(found) < len(received):
        return None
    return tuple(found), len(received), answer.get("total").count() or len(received)


def _listed(row: JsonNode) -> ListedOperation | None:
    trm = row.get("trm") if row.get("trm").is_object else row
    reading = _reading(trm, row)
    request_id = reading.request_id or row.get("requestid", "id").count()
    if not request_id or reading.state is State.UNKNOWN:
        return None
    submitted = read_date(row.get("created", "dtcreated", "date", "dt").value)
    return ListedOperation(
        request_id=request_id,
        reading=reading,
        label=row.get("title", "name", "operation").text(),
        submitted_at=submitted if isinstance(submitted, datetime) else None,
    )


def _reading(trm: JsonNode, answer: JsonNode) -> OperationReading:
    results = _results(answer)
    files = tuple(_outcome(file) for result in results[:1] for file in result.get("files").items())
    outcomes = tuple(outcome for outcome in files if outcome is not None)
    token = next(filter(None, (_token(result) for result in results)), "")
    names = (result.get("filename").text() for result in results)
    status = trm.get("status").text(60)
    return OperationReading(
        state=_state(status, token, outcomes),
        status=status,
        status_text=trm.get("statusText").text(_TEXT_LIMIT),
        status_info=trm.get("statusInfo").text(_TEXT_LIMIT),
        request_id=trm.get("requestid").count() or 0,
        file_token=token,
        file_name=next(filter(None, names), ""),
        files=outcomes,
        counts=_counts(results),
        project_id=answer.get("custom").get("request").get("projectId").integer(),
    )


def _results(answer: JsonNode) -> list[JsonNode]:
    """Return the places of results: `custom`, then the values of `result` or `results`."""
    results = [answer.get("custom")]
    for name in ("result", "results"):
        node = answer.get(name)
        items = node.get("items") if node.is_object else node
        results += [item.get("v") if item.get("v").is_object else item for item in items.items()]
    return results


def _state(status: str, token: str, files: tuple[FileOutcome, ...]) -> State:
    state = _STATES.get(status.strip().lower(), State.UNKNOWN)
    if state is not State.DONE:
        return state
    if not all(file.success for file in files):
        return State.PARTIAL
    return State.READY if token else State.DONE


def _token(result: JsonNode) -> str:
    """Return the file token. One that cannot be shown is not a token that the server issued."""
    token = result.get("filetoken").raw() or result.get("fileref").raw()
    return token if token == sanitize(token, _TOKEN_LIMIT) and not token.isspace() else ""


def _outcome(file: JsonNode) -> FileOutcome | None:
    if not file.is_object:
        return None
    success, error = file.get("success").boolean(), file.get("error").text(_TEXT_LIMIT)
    return FileOutcome(
        name=file.get("name").text(),
        success=not error if success is None else success,
        error=error,
        segments=file.get("segments").count(),
        document_id=file.get("did").count(),
        exists=file.get("exists").boolean(),
        format=_format(file.get("format")),
    )


def _format(node: JsonNode) -> FileFormat | None:
    found = FileFormat(
        node.get("formatId").integer(), node.get("formatName").text(120), node.get("formatDomain").text(120)
    )
    return None if found == FileFormat() else found


def _counts(results: list[JsonNode]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, node in (member for result in results for member in result.members()):
        number = node.value
        if len(counts) < _COUNTS_KEPT and isinstance(number, int) and node.count() == number:
            counts.setdefault(sanitize(name, 60), int(number))
    return counts
