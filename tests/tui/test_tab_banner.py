"""What stands above the table, and in its place where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui import scenes
from wbtui.domain.model import FlexQuestion, Metric, Service, State
from wbtui.domain.snapshot import Health, HealthWord
from wbtui.tui import tab_banner
from wbtui.tui.matrix import LocaleTotal, group_counts
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.flex import FLEX, question_lines
from wbtui.tui.tabs.glyphs import ASCII
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.lines import text_of, width_of
from wbtui.tui.toolkit.steps import at_once

SNAPSHOT = scenes.snapshot()
CONTEXT = Context(scenes.AT, scenes.ZONE, drawing=ASCII)


def test_totals_count_files_and_words_by_locale() -> None:
    files = [
        replace(scenes.beebox_file("a", "fr", 1), state=State.READY, words=30),
        replace(scenes.beebox_file("b", "fr", 1), state=State.RUNNING, words=70),
        replace(scenes.beebox_file("c", "fr", 1), state=State.CANCELLED, words=999),
        replace(scenes.beebox_file("d", "fr", 1), state=State.REMOVED, words=999),
        replace(scenes.beebox_file("a", "de", 1), state=State.READY, words=None),
        replace(scenes.beebox_file("b", "de", 1), state=State.FAILED, words=None),
    ]
    german, french = at_once(group_counts(files, BEEBOX)).totals
    assert (german.locale, german.ready, german.files, german.share) == ("de", 1, 2, 0.5)
    assert (french.locale, french.ready, french.files, french.share) == ("fr", 1, 2, 0.3)


def test_totals_of_nothing_are_nothing() -> None:
    assert at_once(group_counts([], BEEBOX)).totals == ()
    assert LocaleTotal("fr").share == 0.0


@pytest.mark.parametrize(
    ("ready", "words", "bar"),
    [(0, 100, "----------"), (1, 1000, "#---------"), (999, 1000, "#########-"), (10, 10, "##########")],
)
def test_a_bar_is_full_only_when_all_is_ready(ready: int, words: int, bar: str) -> None:
    total = LocaleTotal("fr", 1, 2, ready, words)
    assert bar in text_of(tab_banner.totals_lines([total], CONTEXT, 40, 1)[0])


@pytest.mark.parametrize(
    ("width", "most", "lines", "last"),
    [
        (120, 4, 2, "l5"),
        (40, 4, 4, "and 3 more locales"),
        (75, 2, 2, "and 3 more locales"),
        (40, 1, 1, "6 loc."),
    ],
)
def test_totals_that_do_not_fit_are_counted(width: int, most: int, lines: int, last: str) -> None:
    sums = [LocaleTotal(f"l{number}", 1, 2, 10, 20) for number in range(6)]
    drawn = tab_banner.totals_lines(sums, CONTEXT, width, most)
    assert len(drawn) == lines
    assert last in text_of(drawn[-1])
    assert all(width_of(line) <= width for line in drawn)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (FlexQuestion(), ["no errors", "showing complete", "24 h"]),
        (FlexQuestion(Metric.ALL_GREEN, 3600, True), ["all green", "not complete (inverted)", "1 h"]),
        (FlexQuestion(Metric.BOOKMARKED, 7 * 86400), ["bookmarked blue", "7 d"]),
    ],
)
def test_the_flex_question_is_always_in_sight(question: FlexQuestion, words: list[str]) -> None:
    text = text_of(question_lines(replace(SNAPSHOT, question=question), CONTEXT, 120, 1)[0])
    assert all(word in text for word in words)


def test_each_document_says_how_far_its_query_has_come() -> None:
    lines = [text_of(line) for line in question_lines(SNAPSHOT, CONTEXT, 100, 4)]
    assert "1000 Shop texts" in lines[1]
    assert "answered 14:27:55" in lines[1]
    assert "asked 14:31:05, waiting" in lines[2]
    short = [text_of(line) for line in question_lines(SNAPSHOT, CONTEXT, 100, 2)]
    assert short[1] == " 2 documents: 1 answered, 1 not yet"


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (None, []),
        (Health(HealthWord.OK), []),
        (Health(HealthWord.BUSY), []),
        (
            Health(
                HealthWord.LOGIN,
                message="The key was refused",
                advice="`wbtui login translator` stores a new one",
            ),
            ["Log-in needed: press L.", "The key was refused.", "`wbtui login translator` stores a new one."],
        ),
        (
            Health(HealthWord.DOWN, at=scenes.AT, read_at=scenes.ago(minutes=5), message="Name not found."),
            ["No connection.", "Name not found.", "Next try 14:31:55.", "Showing data of 14:26:55."],
        ),
        (Health(HealthWord.LIMIT, at=scenes.AT), ["allowance holds looks back"]),
    ],
)
def test_trouble_is_said_in_words_at_its_tab(health: Health | None, words: list[str]) -> None:
    text = " ".join(text_of(line).strip() for line in tab_banner.notice(health, CONTEXT, 200, 2))
    assert bool(text) == bool(words)
    assert all(word in text for word in words)


def test_a_long_notice_is_cut_to_its_lines() -> None:
    health = Health(HealthWord.DOWN, message="much to say " * 40)
    lines = tab_banner.notice(health, CONTEXT, 60, 2)
    assert len(lines) == 2
    assert all(width_of(line) <= 60 for line in lines)
    assert text_of(lines[1]).endswith("...")


def words_for(tab: TabSpec, **more: object) -> str:
    nothing: dict[str, object] = {"operations": (), "beebox": (), "instant": (), "flex": (), "events": ()}
    return " ".join(tab_banner.empty(scenes.snapshot(**(nothing | more)), tab, CONTEXT))


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        (OPERATIONS, "No operation is watched."),
        (OPERATIONS, "wbtui track ID"),
        (BEEBOX, "The Beebox lists no files in this project. Asked 14:31:51."),
        (INSTANT, "purged after 30 days"),
        (FLEX, "c300 Mail templates: asked 14:31:05, waiting"),
        (ACTIVITY, "Nothing yet."),
    ],
)
def test_an_empty_tab_says_why(tab: TabSpec, words: str) -> None:
    assert words in words_for(tab)


@pytest.mark.parametrize(("invert", "words"), [(False, "satisfies 'no errors'"), (True, "fails 'no errors'")])
def test_an_answered_flex_query_without_components_says_how_to_widen(invert: bool, words: str) -> None:
    answered = tuple(replace(each, answered_at=scenes.AT, note="") for each in scenes.documents())
    text = words_for(FLEX, flex_documents=answered, question=FlexQuestion(invert=invert))
    assert words in text
    assert "> looks further back" in text
    assert "No Flex document" in words_for(FLEX, flex_documents=())


@pytest.mark.parametrize(
    ("tab", "name"),
    [
        (OPERATIONS, "translator"),
        (FLEX, "translator"),
        (BEEBOX, "beebox"),
        (INSTANT, "instant"),
    ],
)
def test_a_service_that_is_not_set_up_says_how_to_add_it(tab: TabSpec, name: str) -> None:
    assert tab.service is not None
    text = words_for(tab, health={tab.service: Health(HealthWord.OFF)})
    assert f"[profiles.acme-prod.{name}]" in text
    assert f"wbtui login {name}" in text


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (HealthWord.CONNECTING, "Reading."),
        (HealthWord.LOGIN, "Nothing has been read yet."),
        (HealthWord.PAUSED, "p goes on"),
    ],
)
def test_before_the_first_reading_emptiness_proves_nothing(word: HealthWord, words: str) -> None:
    assert words in words_for(BEEBOX, health={Service.BEEBOX: Health(word)})


def test_before_the_first_snapshot_it_says_opening() -> None:
    assert tab_banner.empty(None, BEEBOX, None) == ["Opening."]


def test_an_empty_instant_tab_names_the_days_of_the_profile() -> None:
    assert "purged after 14 days" in words_for(INSTANT, purge_days=14)
    assert "purged after 1 day (" in words_for(INSTANT, purge_days=1)


def test_rows_of_another_choice_are_marked_old_with_what_they_answer() -> None:
    before = FlexQuestion(Metric.ALL_GREEN, 3600)
    document = replace(scenes.snapshot().flex_documents[0], read_at=scenes.AT, question=before)
    now = replace(SNAPSHOT, question=FlexQuestion(Metric.BOOKMARKED), flex_documents=(document,))
    told = " ".join(map(text_of, question_lines(now, CONTEXT, 120, 4)))
    assert "OLD: all green within 1 h, as of 14:31:55  asked next" in told
    again = replace(now, question=before)
    assert "OLD" not in " ".join(map(text_of, question_lines(again, CONTEXT, 120, 4)))
