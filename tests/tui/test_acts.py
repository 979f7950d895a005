"""From marked items and a key to a proposal, or to why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, flex_component, instant_request, operation
from wbtui.domain.model import Action, BeeboxFile, Item, RequestRecord, Service, State
from wbtui.domain.snapshot import Download, DownloadState, ReadOnly
from wbtui.tui.download_lines import row, size_words, strip, title
from wbtui.tui.offered_actions import ActionTargets, choose, confirm_text, dry_run, news, refusal
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.glyphs import ASCII, UNICODE
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.lines import text_of, width_of

FR = beebox_file(state=State.READY, status=1)
DE = beebox_file(locale="de", state=State.FAILED, status=8)
OTHER = beebox_file("batch-7\\faq.docx")
EXPORT = RequestRecord("POST", "/resources/segments/view/export", "{}")


def cancelling(files: list[BeeboxFile]) -> ActionTargets:
    return choose(BEEBOX, files, Action.CANCEL, read_only=ReadOnly.NO)


@pytest.mark.parametrize(
    ("tab", "items", "act", "words"),
    [
        (BEEBOX, [], Action.CANCEL, "X: there is no row here"),
        (
            OPERATIONS,
            [operation()],
            Action.CANCEL,
            "X: the API has no cancel for operations; x stops watching it here",
        ),
        (INSTANT, [instant_request()], Action.CANCEL, "no cancel for IT requests"),
        (FLEX, [flex_component()], Action.RETRY, "T: only a failed query or pull"),
        (BEEBOX, [beebox_file(state=State.DONE), DE], Action.DOWNLOAD, "(1 other reasons)"),
        (BEEBOX, [FR], Action.OTHER, "P: the Beebox has no preliminary"),
    ],
)
def test_a_key_that_cannot_act_says_why_and_what_instead(
    tab: TabSpec, items: list[Item], act: Action, words: str
) -> None:
    assert words in refusal(choose(tab, items, act, read_only=ReadOnly.NO))


def test_read_only_says_so() -> None:
    assert "read-only" in refusal(choose(BEEBOX, [FR], Action.CANCEL, read_only=ReadOnly.WRITTEN))
    assert refusal(choose(BEEBOX, [FR], Action.DOWNLOAD, read_only=ReadOnly.WRITTEN)) == ""


def test_how_many_of_the_marked_can_be_acted_on() -> None:
    choice = choose(BEEBOX, [FR, DE, OTHER], Action.DOWNLOAD, read_only=ReadOnly.NO)
    assert dry_run(choice) == "1 of 3 can be downloaded"


def test_cancelling_a_beebox_file_names_every_language_once() -> None:
    choice = cancelling([FR, DE])
    shown = confirm_text(choice, [FR, DE, OTHER], "acme-prod", danger=False)
    assert shown.effect == "Delete the source of 1 file in the Beebox. ALL languages stop."
    assert [(item.name, item.state) for item in shown.items] == [
        ("batch-7\\intro.docx", "fr Ready, de Error")
    ]
    assert shown.yes == "Yes, delete 1"
    assert shown.badge == "acme-prod [RW]"
    assert "Cannot be undone" in shown.caution
    assert shown.word == ""


def test_many_languages_are_told_by_their_states() -> None:
    files = [beebox_file(locale=locale) for locale in ("it", "de", "es", "ja", "nl", "pl", "zh")]
    files[2] = replace(files[2], state=State.FAILED, status=8)
    shown = confirm_text(cancelling([FR]), [FR, *files], "acme", danger=False)
    assert shown.items[0].state == "Ready fr; In progress de, it, ja, nl, pl, zh; Error es"


def test_it_is_said_whether_the_marked_items_are_meant() -> None:
    choice = cancelling([FR, OTHER])
    assert confirm_text(choice, [FR, OTHER], "a", danger=False).whose == "Those under the cursor:"
    marked = replace(choice, marked=True)
    assert confirm_text(marked, [FR, OTHER], "a", danger=False).whose == "What is marked:"


def test_a_language_that_changed_meanwhile_is_flagged_though_another_one_was_chosen() -> None:
    choice = cancelling([FR])
    shown = confirm_text(choice, [FR, DE], "acme", danger=False)
    now = {FR.key: FR, DE.key: replace(DE, state=State.READY, status=1)}
    found = news(shown, {FR.key: FR, DE.key: DE}, now, choice, read_only=ReadOnly.NO)
    assert found.changed == {FR.key: "de Ready"}


def test_trying_again_shows_method_path_and_what_else_it_touches() -> None:
    failed = [operation(5001, State.FAILED, request=EXPORT), operation(5002, State.FAILED)]
    shown = confirm_text(
        choose(OPERATIONS, failed, Action.RETRY, read_only=ReadOnly.NO, hidden=1),
        failed,
        "acme",
        danger=False,
    )
    assert shown.effect == "Send 1 operation again, as a new one."
    assert "POST /resources/segments/view/export" in shown.items[0].state
    assert shown.left_out[0].startswith("1 left out: wbtui does not know its request")
    assert shown.left_out[1] == "1 marked item is hidden by the filter: left out"


def test_ten_or_a_dangerous_profile_have_to_be_typed() -> None:
    many = [beebox_file(f"f{n}.docx") for n in range(10)]
    assert confirm_text(cancelling(many), many, "acme", danger=False).word == "10"
    assert confirm_text(cancelling([FR]), [FR], "acme", danger=True).word == "acme"


def test_items_that_changed_or_became_unfit_meanwhile() -> None:
    choice = cancelling([FR, OTHER])
    shown = confirm_text(choice, [FR, OTHER], "acme", danger=False)
    before: dict[object, Item] = {FR.key: FR, OTHER.key: OTHER}
    now = {
        FR.key: replace(FR, state=State.CANCELLED, status=10),
        OTHER.key: replace(OTHER, state=State.REMOVED),
    }
    found = news(shown, before, now, choice, read_only=ReadOnly.NO)  # type: ignore[arg-type]
    assert found.changed == {FR.key: "fr Cancelled"}
    assert "no longer lists" in found.unfit[OTHER.key]
    gone = news(shown, before, {}, choice, read_only=ReadOnly.NO)  # type: ignore[arg-type]
    assert set(gone.unfit) == {FR.key, OTHER.key}


def transfer(state: DownloadState, **change: object) -> Download:
    made = Download(FR.key, Service.BEEBOX, "batch-7\\intro.docx  fr", state)
    return replace(made, **change)  # type: ignore[arg-type]


RUNNING = transfer(DownloadState.RUNNING, received=1_900_000, size=3_100_000, rate=420_000.0)
UNSIZED = transfer(DownloadState.RUNNING, received=212_000, rate=180_000.0)
FAILED = transfer(DownloadState.FAILED, note="no connection to beebox.example", ended_at=NOON)
DONE = transfer(DownloadState.DONE, received=82_000, path="beebox/fr/batch-7/intro.docx", ended_at=NOON)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (RUNNING, ["61%", "1.9 MB of 3.1 MB", "420 KB/s"]),
        (UNSIZED, ["? %", "212 KB so far", "180 KB/s"]),
        (FAILED, ["failed", "no connection to beebox.example"]),
        (DONE, ["saved", "beebox/fr/batch-7/intro.docx", "82 KB"]),
        (transfer(DownloadState.WAITING), ["waiting"]),
        (transfer(DownloadState.KEPT, note="a newer file lies there"), ["kept", "a newer file lies there"]),
    ],
)
@pytest.mark.parametrize("width", [120, 80, 60, 40])
def test_a_transfer_on_its_line(shown: Download, words: list[str], width: int) -> None:
    drawn = row(shown, width, UNICODE)
    assert width_of(drawn) <= max(width, 60)
    if width == 120:
        assert all(word in text_of(drawn) for word in words)


def test_the_strip_shows_what_runs_first_and_counts_the_rest() -> None:
    all_of_them = [DONE, FAILED, RUNNING, UNSIZED, transfer(DownloadState.WAITING)]
    lines = strip(all_of_them, 120, ASCII)
    assert text_of(title(all_of_them)) == "Downloads  2 running, 1 waiting, 1 failed, 1 done"
    assert text_of(title(all_of_them, 7000)).endswith("1 done, 7000 before these")
    assert len(lines) == 3
    assert "61%" in text_of(lines[0])
    assert "failed" in text_of(lines[2])
    assert strip([], 120, ASCII) == []


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1.5 KB"),
        (82_000, "82 KB"),
        (3_100_000, "3.1 MB"),
        (5e12, "5000 GB"),
    ],
)
def test_sizes_in_words(count: float, words: str) -> None:
    assert size_words(count) == words
