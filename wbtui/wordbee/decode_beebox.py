"""The Beebox: files by target locale, and what a project says of itself.

Source: beebox/api-get-translation-status (bb/pages/365262), api-get-project-information.
"""

from __future__ import annotations

from datetime import datetime

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import BeeboxFile, State, beebox_key
from wbtui.domain.ports import BeeboxDetails, BeeboxPage
from wbtui.domain.sanitize import safe
from wbtui.domain.states import BEEBOX_STATUSES
from wbtui.wordbee.wire import Node, load
from wbtui.wordbee.wiredates import read_date

UPTODATE = 1
_NUMBERS = {status.name.lower(): number for number, status in BEEBOX_STATUSES.items()}
_TEXT_LIMIT = 2000


def decode_files(body: bytes, skip: int, seen_at: datetime, asked: int | None = None) -> BeeboxPage:
    """Return the records of one answer that was asked for from `skip` on, at most `asked` of them.

    A record without file or locale is left out. Without a total, a full page is taken to have another one
    after it. Raises `BadAnswer` if there is no list of files, or nothing in it can be read.
    """
    answer = load(body)
    records = answer.get("files", "items")
    total = answer.get("total").count()
    if not records.is_array and total != 0:
        raise BadAnswer("the answer holds no list of files")
    received = records.items()
    found = (_file(record, seen_at) for record in received)
    files = tuple(file for file in found if file is not None)
    if received and not files:
        raise BadAnswer("the answer holds files, but none that can be read")
    full = asked is not None and len(received) >= asked
    return BeeboxPage(
        files=files,
        skip=skip,
        total=skip + len(received) + full if total is None else total,
        received=len(received),
    )


def decode_details(body: bytes) -> BeeboxDetails:
    """Return the project's languages; nothing else of this answer is kept, since it may hold passwords.

    Raises `BadAnswer` if it tells nothing of the project.
    """
    answer = load(body)
    if not answer.is_object:
        raise BadAnswer("the answer tells nothing of the project")
    titled = [
        (item.get("v").text(60), item.get("t").text(120)) for item in answer.get("targetLocaleItems").items()
    ]
    if not titled:
        codes = [code.text(60) for code in answer.get("targetLocales").items()]
        titles = [title.text(120) for title in answer.get("targetLocaleNames").items()]
        titled = list(zip(codes, titles + [""] * len(codes), strict=False))
    return BeeboxDetails(
        source_locale=answer.get("sourceLocale").text(60),
        locales=tuple((code, title) for code, title in titled if code),
    )


def _file(record: Node, seen_at: datetime) -> BeeboxFile | None:
    wire, locale = record.get("file").raw(), record.get("locale").text(60)
    if not wire or not locale:
        return None
    path = safe(wire)
    kept = "" if path == wire else wire
    number, tms = _number(record), record.get("tms")
    made, made_age = _made(record)
    return BeeboxFile(
        key=beebox_key(locale, path, kept),
        path=path,
        locale=locale,
        state=_state(record, number),
        status=number,
        status_name=_name(record, number),
        locale_name=record.get("localename").text(120),
        words=record.get("words").count(),
        segments=record.get("segments").count(),
        source_at=read_date(record.get("sfdate").value),
        source_age=record.get("sfdatemin").number(),
        made_at=made,
        made_age=made_age,
        error=tms.get("error").text(_TEXT_LIMIT),
        info=tms.get("info").text(_TEXT_LIMIT),
        preliminary_at=read_date(tms.get("pfdt").value),
        wire_path=kept,
        seen_at=seen_at,
    )


def _number(record: Node) -> int | None:
    """Return the status number, else that of a known status name."""
    number = record.get("status").integer()
    if number is not None:
        return number
    return _NUMBERS.get(record.get("statusc", "statust", "status").raw().strip().lower())


def _name(record: Node, number: int | None) -> str:
    """Return the status name as it came (`statust` in older manuals), else the documented or a made one."""
    given = record.get("statusc", "statust").text(60)
    if given or number is None:
        return given or record.get("status").text(60)
    known = BEEBOX_STATUSES.get(number)
    return f"status {number}" if known is None else known.name


def _state(record: Node, number: int | None) -> State:
    """Let `uptodate` decide what can be downloaded, then the status, then the two booleans."""
    uptodate = record.get("uptodate").boolean()
    if uptodate:
        return State.READY
    if number == UPTODATE and uptodate is False:
        return State.DONE
    if number is not None:
        known = BEEBOX_STATUSES.get(number)
        return State.UNKNOWN if known is None else known.state
    if record.get("readyToBuild").boolean():
        return State.DONE
    return State.RUNNING if record.get("notReadyToBuild").boolean() else State.UNKNOWN


def _made(record: Node) -> tuple[datetime | str | None, float | None]:
    """Return date and age of the deliverable; `tdate` is documented as minutes and named like a date."""
    made = read_date(record.get("tfdate").value)
    age = record.get("tfdatemin").number()
    other = record.get("tdate")
    if age is None:
        age = other.number()
    if made is None and other.number() is None:
        made = read_date(other.value)
    return made, age
