"""The lines round the table: header, tabs, status, message, keys, and the one-line summary."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.tui import scenes
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Calls, Health, HealthWord, Level
from wbtui.tui import chrome
from wbtui.tui.actions import on_key_line
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.row import Count, unread
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.lines import Role, text_of, width_of

BANNER = chrome.Banner("acme-prod", demo=False, read_only=False)
SNAPSHOT = scenes.snapshot()
COUNTS = {tab: scenes.count(scenes.rows_of(SNAPSHOT, tab), tab) for tab in TABS}
COUNTS |= {ACTIVITY: unread(SNAPSHOT.events, 2)}
STANDING = chrome.TableStatus(17, "State", False)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (170, " acme-prod [RW]  acme.eu.wordbee-translator.com"),
        (120, "operations ok  beebox ok  instant OLD since 14:28  flex ok · calls 312/1000 "),
        (80, "ops ok  beebox ok  inst OLD since 14:28  flex ok "),
        (60, " acme-prod [RW] "),
        (40, "inst OLD since 14:28"),
    ],
)
def test_the_header_loses_the_less_important_first(width: int, shown: str) -> None:
    header = chrome.header(BANNER, SNAPSHOT, scenes.ZONE, width, "·")
    assert shown in text_of(header)
    assert width_of(header) <= width


def test_where_all_is_well_a_narrow_header_says_one_ok() -> None:
    health = {Service.OPERATIONS: Health(HealthWord.OK), Service.BEEBOX: Health(HealthWord.OFF)}
    header = chrome.header(BANNER, replace(SNAPSHOT, health=health), scenes.ZONE, 24, "-")
    assert text_of(header).split() == ["acme-prod", "[RW]", "ok"]


@pytest.mark.parametrize(
    ("demo", "read_only", "shown"),
    [(False, False, "[RW]"), (False, True, "[READ-ONLY]"), (True, False, "[DEMO] [RW]")],
)
def test_badges_are_words(demo: bool, read_only: bool, shown: str) -> None:
    assert text_of(chrome.Banner("p", demo, read_only).badges) == shown


def test_before_the_first_snapshot_the_header_says_opening() -> None:
    assert "opening" in text_of(chrome.header(BANNER, None, scenes.ZONE, 80, "-"))


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (HealthWord.OK, "ok"),
        (HealthWord.CONNECTING, "connecting"),
        (HealthWord.BUSY, "BUSY"),
        (HealthWord.OLD, "OLD since 14:31"),
        (HealthWord.DOWN, "DOWN next 14:31"),
        (HealthWord.LIMIT, "LIMIT until 14:31"),
        (HealthWord.LOGIN, "LOGIN"),
        (HealthWord.PAUSED, "PAUSED since 14:31"),
        (HealthWord.OFF, "off"),
    ],
)
def test_health_is_a_word_with_a_clock_time(word: HealthWord, shown: str) -> None:
    assert chrome.health_word(Health(word, at=scenes.AT), scenes.ZONE).text == shown
    assert chrome.health_word(Health(word), scenes.ZONE).text == str(word)


@pytest.mark.parametrize(
    ("calls", "shown", "role"),
    [
        (Calls(10, 500), "10/500", Role.PLAIN),
        (Calls(450, 500), "450/500", Role.WARN),
        (Calls(3, 0), "3", Role.PLAIN),
    ],
)
def test_the_allowance_warns_before_it_is_used_up(calls: Calls, shown: str, role: Role) -> None:
    spans = chrome.calls_used(replace(SNAPSHOT, calls=calls))
    assert (spans[-1].text, spans[-1].role) == (shown, role)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (120, " [1 OPERATIONS 17 2!] 2 Beebox 40 4!  3 Instant 12 3!  4 Flex 14  5 Activity 3 2! "),
        (70, " [1 OPS 17 2!] 2 Bee 40 4!  3 Inst 12 3!  4 Flex 14  5 Act 3 2! "),
        (56, " [1 OPS 2!] 2 Bee 4!  3 Inst 3!  4 Flex  5 Act 2! "),
        (40, " [1 OPS 2!] 2 4!  3 3!  4  5 2! "),
    ],
)
def test_the_tab_bar_shortens_names_first_then_counts(width: int, shown: str) -> None:
    assert text_of(chrome.tabs(OPERATIONS, COUNTS, width)) == shown


@pytest.mark.parametrize("active", TABS)
@pytest.mark.parametrize("width", [40, 56, 70, 120])
def test_a_click_on_a_label_means_its_tab(active: TabSpec, width: int) -> None:
    text = text_of(chrome.tabs(active, COUNTS, width))
    for number, tab in enumerate(TABS, 1):
        found = re.search(rf"[ \[]{number}(?![!\d])", text)
        assert found
        place = found.end() - 1
        assert chrome.tab_at(active, COUNTS, width, place) is tab
    assert chrome.tab_at(active, COUNTS, width, 0) is None
    assert chrome.tab_at(active, COUNTS, width, 200) is None


@pytest.mark.parametrize(
    ("tab", "width", "shown"),
    [
        (OPERATIONS, 100, "updated 14:31 "),
        (OPERATIONS, 60, "at 14:31 "),
        (BEEBOX, 100, "updated 14:31, next 14:32 "),
        (FLEX, 100, "updated 14:31, next 14:35 "),
        (ACTIVITY, 100, ""),
    ],
)
def test_the_status_line_says_how_fresh_the_data_are(tab: TabSpec, width: int, shown: str) -> None:
    text = text_of(chrome.status(STANDING, SNAPSHOT, tab, scenes.ZONE, width))
    assert text.startswith(" 17 items   sort State v")
    assert text.endswith(shown)
    assert shown or "updated" not in text


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (chrome.TableStatus(1, "State", False), " 1 item   sort"),
        (chrome.TableStatus(1, "State", False, noun="files"), " 1 file   sort"),
        (chrome.TableStatus(1, "State", False, filter="intro", total=17), " 1 of 17 items "),
        (chrome.TableStatus(0, "State", False), " 0 items   sort"),
        (chrome.TableStatus(1, "State", False, noun="so far, sorting"), " 1 so far, sorting "),
    ],
)
def test_one_of_a_kind_is_no_plural(standing: chrome.TableStatus, said: str) -> None:
    assert said in text_of(chrome.status(standing, SNAPSHOT, BEEBOX, scenes.ZONE, 100))


def test_marks_and_direction_are_counted_and_shown() -> None:
    standing = chrome.TableStatus(17, "Words", True, marked=2)
    text = text_of(chrome.status(standing, SNAPSHOT, BEEBOX, scenes.ZONE, 100))
    assert "sort Words ^" in text
    assert "2 marked" in text


def test_while_paused_the_whole_line_is_a_banner() -> None:
    paused = replace(SNAPSHOT, paused_at=scenes.ago(minutes=11))
    for tab in TABS:
        (span,) = chrome.status(STANDING, paused, tab, scenes.ZONE, 90)
        assert span.text.startswith(" PAUSED since 14:20")
        assert len(span.text) == 90
        assert span.role is Role.PAUSED


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (Count(), ""),
        (Count(3, 0), ""),
        (Count(3, 1), "1 new problem: press 5"),
        (Count(9, 2), "2 new problems: press 5"),
    ],
)
def test_the_message_line_calls_to_unread_problems(count: Count, shown: str) -> None:
    text = text_of(chrome.footer_message("Saved.", count, 60, "…"))
    assert text.startswith(" Saved.")
    assert text.rstrip().endswith(shown)


def test_a_long_message_never_wraps() -> None:
    assert width_of(chrome.footer_message("long " * 60, Count(3, 1), 60, "…")) == 60


@pytest.mark.parametrize(
    ("length", "right"),
    [(50, "2 new problems: press 5"), (60, "2 new: 5"), (70, "xxx"), (78, "xxx"), (90, "xx…")],
)
def test_a_long_message_takes_the_room_of_the_call_to_activity(length: int, right: str) -> None:
    line = chrome.footer_message("x" * length, Count(9, 2), 80, "…")
    assert text_of(line).rstrip().endswith(right)
    assert width_of(line) == 80
    assert ("x" * length in text_of(line)) is (length < 79)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("tab", TABS)
def test_the_key_line_is_cut_at_whole_entries_and_keeps_help_and_quit(tab: TabSpec, width: int) -> None:
    offered = on_key_line(tab)
    text = text_of(chrome.footer_keys(offered, width))
    assert len(text) <= width
    assert text.rstrip().endswith("? help  q quit")
    entries = {f"{each.key} {each.label}" for each in offered} | {"? help", "q quit"}
    assert {entry for entry in text.strip().split("  ") if entry} <= entries


def test_a_tiny_terminal_gets_one_line_with_counts() -> None:
    well = replace(SNAPSHOT, health={Service.BEEBOX: Health(HealthWord.OK)})
    line = chrome.summary(BANNER, well, COUNTS, scenes.ZONE)
    assert text_of(line) == "acme-prod ok  9 failed  33 ready  14:31"
    paused = chrome.summary(BANNER, replace(well, paused_at=scenes.AT), COUNTS, scenes.ZONE)
    assert "PAUSED" in text_of(paused)
    assert text_of(chrome.summary(BANNER, None, {}, scenes.ZONE)) == "acme-prod opening"


def test_the_activity_strip_has_the_newest_first() -> None:
    lines = chrome.news(SNAPSHOT.events, 2, scenes.ZONE, 60, "…")
    assert [text_of(line)[:22].split() for line in lines] == [["14:27:55", "instant"], ["14:23:55", "beebox"]]
    assert all(width_of(line) <= 60 for line in lines)
    assert chrome.news(SNAPSHOT.events, 0, scenes.ZONE, 60, "…") == []


def test_only_what_came_after_the_last_look_is_unread() -> None:
    assert unread(SNAPSHOT.events, 0) == Count(5, 2)
    assert unread(SNAPSHOT.events, 3) == Count(2, 1)
    assert unread(SNAPSHOT.events, 5) == Count()
    assert [event.level for event in SNAPSHOT.events].count(Level.INFO) == 3


@pytest.mark.parametrize("width", [170, 120, 80, 60, 40])
def test_the_header_says_that_nothing_is_kept_whatever_its_width(width: int) -> None:
    unkept = replace(SNAPSHOT, not_kept="Nothing is kept: the disk is full.")
    for snapshot, said in ((unkept, True), (SNAPSHOT, False)):
        header = chrome.header(BANNER, snapshot, scenes.ZONE, width, "·")
        assert ("[NOT KEPT]" in text_of(header)) is said
        assert width_of(header) <= width
        assert ("[NOT KEPT]" in text_of(chrome.summary(BANNER, snapshot, COUNTS, scenes.ZONE))) is said
