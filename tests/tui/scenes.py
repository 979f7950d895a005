"""Hand-made snapshots: the same small world in every test of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from wbtui.domain.item_keys import beebox_key, flex_key, instant_key, operation_key
from wbtui.domain.model import (
    BeeboxFile,
    FileOutcome,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    InstantRequest,
    ItemKey,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
    State,
)
from wbtui.domain.snapshot import Calls, Event, Health, HealthWord, Level, Snapshot
from wbtui.tui.matrix import group_counts
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.row import Count, Row
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.steps import at_once

AT = datetime(2026, 3, 1, 13, 31, 55, tzinfo=UTC)
ZONE = timezone(timedelta(hours=1))


def ago(**span: float) -> datetime:
    return AT - timedelta(**span)


def operation(number: int, state: State, **more: object) -> Operation:
    words = {
        State.WAITING: "Waiting",
        State.RUNNING: "Executing",
        State.FAILED: "Failed",
        State.UNKNOWN: "Paused",
    }
    reading = OperationReading(state=state, status=words.get(state, "Finished"), request_id=number)
    base = Operation(
        key=operation_key(number),
        request_id=number,
        reading=reading,
        kind="Export",
        label=f"catalogue {number}",
        tracked_at=ago(minutes=40),
        changed_at=ago(minutes=number % 50),
        seen_at=ago(seconds=4),
        looks=3,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def operations() -> tuple[Operation, ...]:
    partial = OperationReading(
        state=State.PARTIAL,
        status="Finished",
        files=(
            FileOutcome("intro.docx", True, segments=12),
            FileOutcome("preise 2026.xlsx", False, "The file is password protected."),
            FileOutcome("目录 第一章.docx", True, segments=240),
        ),
        project_id=1200,
    )
    failed = OperationReading(
        state=State.FAILED,
        status="Failed",
        status_text="Operation failed",
        status_info="The document is locked by another operation. Try again later.",
    )
    ready = OperationReading(
        state=State.READY, status="Finished", file_token="f", file_name="Handbuch Größentabelle de-fr.xlsx"
    )
    running = OperationReading(state=State.RUNNING, status="Executing", status_text="Exporting segments")
    return (
        operation(
            5001, State.READY, reading=ready, label="Handbuch Größentabelle", finished_at=ago(minutes=12)
        ),
        operation(5002, State.PARTIAL, reading=partial, kind="Upload", label="spring campaign, batch 7"),
        operation(
            5003,
            State.FAILED,
            reading=failed,
            label="price list",
            finished_at=ago(hours=3),
            request=RequestRecord("POST", "/workflows/new", "{}"),
        ),
        operation(
            5004, State.RUNNING, reading=running, label="product texts EN-DE", started_at=ago(minutes=2)
        ),
        operation(5005, State.RUNNING, reading=running, kind="Flex query", label="document 1000"),
        *(operation(number, State.WAITING) for number in range(5006, 5016)),
        operation(5016, State.DONE, kind="Upload", label="pages 1-40", finished_at=ago(hours=5)),
        operation(5017, State.UNKNOWN, kind="Export", label="legal review"),
    )


FILES = (
    r"batch-7\intro.docx",
    r"batch-7\legal\terms-2026.docx",
    r"batch-6\old-terms.docx",
    r"batch-7\faq.docx",
    r"batch-6\brochure.indd",
    r"batch-8\release-notes.docx",
    r"batch-7\pricing.xlsx",
    r"batch-6\long-name-that-has-to-be-cut-in-the-middle-because-it-is-long.docx",
    r"batch-5\マニュアル 日本語版.docx",
    r"Über uns\Größe & Gewicht.pptx",
)
STATUSES = (
    (8, "Error", State.FAILED),
    (1, "Uptodate", State.READY),
    (5, "Submitting", State.WAITING),
    (6, "In progress", State.RUNNING),
    (1, "Uptodate", State.READY),
    (4, "New", State.WAITING),
    (7, "Translated", State.DONE),
    (1, "Uptodate", State.READY),
    (3, "status 3", State.UNKNOWN),
    (10, "Cancelled", State.CANCELLED),
)


def beebox_file(path: str, locale: str, number: int) -> BeeboxFile:
    status, name, state = STATUSES[number % len(STATUSES)]
    return BeeboxFile(
        key=beebox_key(locale, path),
        path=path,
        locale=locale,
        state=state,
        status=status,
        status_name=name,
        locale_name={"de": "German", "fr": "French", "ja": "Japanese", "zh-Hans": "Chinese"}[locale],
        words=(number * 379) % 5000,
        segments=(number * 37) % 400,
        source_age=30.0 + number * 31,
        made_age=12.0 + number * 7 if state is State.READY else None,
        error="No text found." if state is State.FAILED else "",
        seen_at=ago(seconds=30),
    )


def beebox() -> tuple[BeeboxFile, ...]:
    return tuple(
        beebox_file(path, locale, row * 3 + column)
        for row, path in enumerate(FILES)
        for column, locale in enumerate(("de", "fr", "ja", "zh-Hans"))
    )


def instant() -> tuple[InstantRequest, ...]:
    states = (
        (State.READY, "Translated"),
        (State.RUNNING, "Translating"),
        (State.FAILED, "Failed"),
        (State.READY, "Translated"),
    )
    made = []
    for number in range(12):
        state, status = states[number % 4]
        words = 300 + number * 211
        made.append(
            InstantRequest(
                key=instant_key(39 + number),
                request_id=39 + number,
                name=("letter to customer.docx", "Angebot 2026-03.pdf", "見積書.xlsx")[number % 3],
                state=state,
                status=status,
                ready=state is State.READY,
                source="en",
                target=("fr", "de", "ja")[number % 3],
                sent_at=ago(days=number * 2.4, minutes=7),
                words=words,
                words_machine=None if state is State.RUNNING else words * (number % 5) // 5,
                words_memory=None if state is State.RUNNING else words - words * (number % 5) // 5,
                post_edit="In progress" if number % 4 == 3 else None,
                post_edit_ready=number == 7,
            )
        )
    return tuple(made)


def flex() -> tuple[FlexComponent, ...]:
    names = (
        "app.login",
        "app.logout",
        "cart.total",
        "cart.empty",
        "mail.subject",
        "mail.body",
        "help.search",
    )
    return tuple(
        FlexComponent(
            key=flex_key("1000", locale, name),
            document="1000",
            component=name,
            locale=locale,
            state=State.READY if (row + column) % 3 else State.RUNNING,
            segments=4 + row * 3,
            matching=4 + row * 3 if (row + column) % 3 else row,
        )
        for row, name in enumerate(names)
        for column, locale in enumerate(("de", "fr", "ja"))
    )


def documents() -> tuple[FlexDocument, ...]:
    return (
        FlexDocument("1000", "Shop texts", answered_at=ago(minutes=4)),
        FlexDocument("c300", "Mail templates", asked_at=ago(seconds=50), note="asked 14:31:05, waiting"),
    )


def events() -> tuple[Event, ...]:
    texts = (
        (Level.INFO, "wbtui", "started", None),
        (Level.INFO, "operations", "Handbuch Größentabelle is Ready", operation_key(5001)),
        (Level.ERROR, "operations", "price list failed: the document is locked", operation_key(5003)),
        (Level.INFO, "beebox", r"batch-7\intro.docx fr is Ready", beebox_key("fr", FILES[0])),
        (
            Level.WARNING,
            "instant",
            "did not answer (timeout 30 s); next try 14:32:40; showing data of 14:28:07",
            None,
        ),
    )
    return tuple(
        Event(ago(minutes=20 - 4 * number), level, source, text, key=key, id=number + 1)
        for number, (level, source, text, key) in enumerate(texts)
    )


def health() -> dict[Service, Health]:
    def well(seconds: int) -> Health:
        return Health(
            HealthWord.OK, read_at=AT - timedelta(seconds=4), next_at=AT + timedelta(seconds=seconds)
        )

    return {
        Service.OPERATIONS: well(5),
        Service.BEEBOX: well(56),
        Service.INSTANT: Health(
            HealthWord.OLD, at=ago(minutes=3, seconds=48), message="It did not answer within 30 s.",
            read_at=ago(minutes=3, seconds=48), next_at=AT + timedelta(seconds=45),
        ),
        Service.FLEX: well(240),
    }  # fmt: skip


def places() -> dict[ItemKey, int]:
    return {operation_key(number): number - 5005 for number in range(5006, 5016)}


def snapshot(**more: object) -> Snapshot:
    base = Snapshot(
        profile="acme-prod",
        at=AT,
        operations=operations(),
        beebox=beebox(),
        instant=instant(),
        flex=flex(),
        flex_documents=documents(),
        question=FlexQuestion(),
        health=health(),
        calls=Calls(312, 1000),
        events=events(),
        places=places(),
        server="acme.eu.wordbee-translator.com",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def later(old: Snapshot, seconds: float) -> Snapshot:
    """The same items read again: only the times differ."""
    span = timedelta(seconds=seconds)
    moved = {
        service: replace(
            each,
            read_at=each.read_at and each.read_at + span,
            next_at=each.next_at and each.next_at + span,
        )
        for service, each in old.health.items()
    }
    return replace(old, at=old.at + span, health=moved)


def rows_of(held: Snapshot, tab: TabSpec) -> Sequence[Row]:
    """The rows of a tab's list, in the order in which they are held."""
    service = tab.service
    rows: Sequence[Row] = held.events if service is None else held.items(service)
    wanted = None if tab.side is None else tab.side(held.question.invert)
    return rows if wanted is None else [row for row in rows if wanted(row)]


def count(rows: Sequence[Row], tab: TabSpec) -> Count:
    return at_once(group_counts(rows, tab)).count


def tab_of(row: Row) -> TabSpec:
    """The tab that shows a row of that kind."""
    kinds = {Operation: OPERATIONS, BeeboxFile: BEEBOX, InstantRequest: INSTANT, FlexComponent: FLEX}
    return ACTIVITY if isinstance(row, Event) else kinds[type(row)]
