from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.caller import START, Caller, read
from wbtui.simulator.flex import BadParameter, SimulatedMetric, string_filter
from wbtui.simulator.http_messages import Reply, iso

DAY = iso(START - timedelta(days=1))
WEEK = iso(START - timedelta(days=6, hours=23))


def submit(caller: Caller, headers: dict[str, str], body: Any, document: str = "1000") -> Reply:
    return caller.translator(
        "POST", f"/api/apps/wbflex/documents/{document}/components/status", body, headers
    )


def ask(caller: Caller, body: dict[str, Any], document: str = "1000") -> list[dict[str, Any]]:
    """Submit a question, let its operation finish, and fetch the list."""
    headers = caller.login()
    number = read(submit(caller, headers, body, document))["trm"]["requestid"]
    caller.wait(600)
    answer = read(caller.translator("GET", "/api/trm/status", headers=headers, requestid=str(number)))
    assert answer["trm"]["status"] in {"Finished", "Success"}
    token = answer["custom"]["filetoken"]
    if token is None:
        assert answer["custom"]["components"] == 0
        return []
    found: list[dict[str, Any]] = read(caller.translator("GET", f"/api/media/get/{token}", headers=headers))
    assert len(found) == answer["custom"]["components"]
    return found


def quiet(**plan: Any) -> Caller:
    return Caller(edit_seconds=0.0, operations=0, **plan)


def pairs(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(one["k"], locale) for one in found for locale in one["l"]}


def true_pairs(
    caller: Caller, metric: str, since: timedelta, *, complete: bool = True
) -> set[tuple[str, str]]:
    items = caller.world.truth(START).items()
    return {
        (key.split(":", 3)[3], key.split(":", 3)[2])
        for key, item in items
        if key.startswith("fx:1000:") and item[metric] == complete and item["changed"] >= START - since
    }


@pytest.mark.parametrize("metric", [metric.value for metric in SimulatedMetric])
@pytest.mark.parametrize("invert", [False, True])
def test_a_query_answers_with_what_is_true(metric: str, invert: bool) -> None:
    caller = quiet(components=90)
    found = ask(caller, {"changed": DAY, "metric": metric, "invert": invert})
    expected = true_pairs(caller, metric, timedelta(days=1), complete=not invert)
    assert expected
    assert pairs(found) == expected


def test_numbers_equal_the_segments_where_the_metric_holds() -> None:
    found = ask(quiet(), {"changed": WEEK, "metric": "StatusOk"})
    assert found
    assert all(number == one["s"] for one in found for number in one["l"].values())


def test_inverted_numbers_count_the_segments_that_are_open() -> None:
    found = ask(quiet(), {"changed": WEEK, "metric": "StatusNoneOk", "invert": True})
    assert found
    assert all(0 < number <= one["s"] for one in found for number in one["l"].values())


def test_the_older_dialect_lists_locales_as_the_prose_has_it() -> None:
    found = ask(quiet(dialect="older"), {"changed": WEEK, "metric": "StatusNoneOk"})
    assert found
    assert all(isinstance(one["l"], list) for one in found)


def test_the_default_metric_is_the_one_that_is_no_option() -> None:
    caller = quiet()
    found = ask(caller, {"changed": DAY})
    assert pairs(found) == true_pairs(caller, "StatusOk", timedelta(days=1), complete=False)
    assert pairs(ask(quiet(), {"changed": DAY, "invert": True})) == true_pairs(
        caller, "StatusOk", timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"locales": ["fr"]}, lambda _name, locale: locale == "fr"),
        ({"components": ["app.login", "no such"]}, lambda name, _locale: name == "app.login"),
        ({"components": []}, lambda _name, _locale: False),
        ({"component": {"value": "App.", "mode": "Prefix"}}, lambda name, _l: name.startswith("app.")),
        ({"component": {"value": "x*y", "mode": "Empty"}}, lambda _name, _locale: False),
    ],
)
def test_filters_narrow_the_answer(filters: dict[str, Any], fits: Any) -> None:
    caller = quiet(components=90)
    found = ask(caller, {"changed": WEEK, "metric": "StatusNoneOk"} | filters)
    everything = true_pairs(caller, "StatusNoneOk", timedelta(days=6, hours=23))
    assert pairs(found) == {pair for pair in everything if fits(*pair)}


def test_the_source_language_can_be_asked_for() -> None:
    caller = quiet()
    cells = caller.world.flex.documents[0].components["app.login"]
    cells["en"].changed = START
    found = ask(caller, {"changed": DAY, "metric": "StatusNoneOk", "locales": ["en"]})
    assert pairs(found) == {("app.login", "en")}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"changed": None}, "changed"),
        ({"changed": "2026-03-01T00:00:00"}, "changed"),
        ({"changed": "yesterday"}, "changed"),
        ({"changed": 5}, "changed"),
        ({"changed": iso(START - timedelta(days=7, seconds=1))}, "7 days"),
        ({"metric": "StatusNotOk"}, "metric"),
        ({"metric": ["StatusOk"]}, "metric"),
        ({"invert": "yes"}, "invert"),
        ({"locales": ["xx"]}, "locales"),
        ({"locales": "fr"}, "locales"),
        ({"components": [5]}, "components"),
        ({"components": ["a"] * 501}, "500"),
        ({"component": "app"}, "component"),
        ({"component": {"value": 5, "mode": "Plain"}}, "component"),
        ({"component": {"value": "a", "mode": "Wildcard"}}, "component"),
        ({"component": {"value": "(", "mode": "Regex"}}, "component"),
    ],
)
def test_a_bad_question_is_refused_at_once(change: dict[str, Any], word: str) -> None:
    caller = quiet()
    reply = submit(caller, caller.login(), {"changed": DAY, "metric": "StatusOk"} | change)
    assert reply.status == 400
    assert word in read(reply)["reason"]
    assert caller.world.operation_ids() == []


def test_the_window_of_seven_days_is_counted_from_the_call() -> None:
    caller = quiet()
    headers = caller.login()
    body = {"changed": iso(START - timedelta(days=7)), "metric": "StatusOk"}
    assert submit(caller, headers, body).status == 200
    caller.wait(1)
    assert submit(caller, headers, body).status == 400


@pytest.mark.parametrize(
    ("value", "mode", "text", "expected"),
    [
        ("app.login", "Plain", "APP.login", True),
        ("app", "Plain", "app.login", False),
        ("app.", "Prefix", "App.login", True),
        ("gin", "Suffix", "app.login", True),
        ("p.l", "Infix", "app.login", True),
        ("app.*", "Wildcards", "app.login", True),
        ("app?login", "Wildcards", "applogin", True),
        ("app?login", "Wildcards", "app..login", False),
        ("a+p", "Wildcards", "aap", False),
        ("app", "Regex", "app.login", False),
        ("app\\..+", "Regex", "app.login", True),
        ("", "Empty", "", True),
        (None, "Empty", "x", False),
    ],
)
def test_string_filters(value: str | None, mode: str, text: str, expected: bool) -> None:
    assert string_filter({"value": value, "mode": mode})(text) is expected


def test_a_filter_without_a_known_mode_is_a_bad_parameter() -> None:
    with pytest.raises(BadParameter, match="component"):
        string_filter({"value": "a"})


def test_an_empty_answer_comes_with_a_token_or_without() -> None:
    caller = quiet()
    headers = caller.login()
    body = {"changed": iso(START + timedelta(hours=1)), "metric": "StatusOk"}
    numbers = [read(submit(caller, headers, body))["trm"]["requestid"] for _ in range(2)]
    caller.wait(600)
    tokens = []
    for number in numbers:
        custom = read(caller.translator("GET", "/api/trm/status", headers=headers, requestid=str(number)))[
            "custom"
        ]
        assert custom["components"] == 0
        tokens.append(custom["filetoken"])
    assert None in tokens
    (token,) = [token for token in tokens if token]
    assert read(caller.translator("GET", f"/api/media/get/{token}", headers=headers)) == []


def test_a_query_waits_in_the_same_queue_as_everything_else() -> None:
    caller = Caller(operations=20)
    answer = read(submit(caller, caller.login(), {"changed": DAY, "metric": "StatusOk"}))
    assert answer["trm"]["status"] == "Waiting"
    number = answer["trm"]["requestid"]
    assert caller.world.truth(START)[f"op:{number}"]["position"] == 12


def test_the_first_answer_lacks_isbatch_for_some() -> None:
    caller = quiet()
    headers = caller.login()
    body = {"changed": DAY, "metric": "StatusOk"}
    first = [read(submit(caller, headers, body))["trm"] for _ in range(3)]
    assert sorted("isbatch" in one for one in first) == [False, True, True]


def test_a_query_can_fail() -> None:
    caller = quiet(flex_failed_share=1.0)
    headers = caller.login()
    number = read(submit(caller, headers, {"changed": DAY, "metric": "StatusOk"}))["trm"]["requestid"]
    caller.wait(600)
    reply = caller.translator("GET", "/api/trm/status", headers=headers, requestid=str(number))
    assert read(reply)["trm"]["status"] == "Failed"


def test_the_list_has_documents_by_number_and_by_job() -> None:
    caller = quiet()
    answer = read(caller.translator("POST", "/api/apps/wbflex/list", headers=caller.login()))
    assert (answer["total"], answer["count"]) == (3, 3)
    assert [(row["id"], row["did"], row["jid"]) for row in answer["rows"]] == [
        ("1000", 1000, None),
        ("1001", 1001, None),
        ("c300", 1007, 300),
    ]
    assert all("\\" in row["name"] and row["segments"] >= row["paragraphs"] for row in answer["rows"])


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"take": 2}, 2),
        ({"take": 2, "skip": 2}, 1),
        ({"take": 9999}, 3),
        ({"query": ""}, 3),
        ({"query": '{dtchange}.Matches("2026-03-01T00:00:00Z", ">=")'}, 3),
        ({"query": '{dtchange}.Matches("2026-03-03", ">=")'}, 0),
    ],
)
def test_the_list_is_sliced_and_filtered(body: dict[str, Any], count: int) -> None:
    caller = quiet(components=60)
    for document in caller.world.flex.documents:
        document.dtchange = START
    assert read(caller.translator("POST", "/api/apps/wbflex/list", body, caller.login()))["count"] == count


@pytest.mark.parametrize(
    "body", [{"take": "many"}, {"skip": -1}, {"query": "{name} = 1"}, {"query": 5}, {"take": []}]
)
def test_a_bad_list_call_is_refused(body: dict[str, Any]) -> None:
    caller = quiet()
    assert caller.translator("POST", "/api/apps/wbflex/list", body, caller.login()).status == 400


@pytest.mark.parametrize(("name", "number"), [("1000", 1000), ("c300", 1007), ("1007", 1007)])
def test_a_document_is_known_by_number_and_by_job(name: str, number: int) -> None:
    caller = quiet(locales=2)
    detail = read(caller.translator("GET", f"/api/apps/wbflex/documents/{name}", headers=caller.login()))
    assert detail["id"] == number
    assert detail["trgs"] == [{"v": "fr", "t": "French"}, {"v": "de", "t": "German"}]
    assert detail["src"] == {"v": "en", "t": "English"}


def test_an_unknown_document_is_a_400() -> None:
    caller = quiet()
    headers = caller.login()
    assert caller.translator("GET", "/api/apps/wbflex/documents/7", headers=headers).status == 400
    assert submit(caller, headers, {"changed": DAY}, "7").status == 400


def test_edits_move_dtchange_and_completion_both_ways() -> None:
    caller = Caller(operations=0, edit_seconds=5.0)
    before = caller.world.truth(START)
    changes = [document.dtchange for document in caller.world.flex.documents]
    after = caller.world.truth(START + timedelta(hours=1))
    assert [document.dtchange for document in caller.world.flex.documents] > changes
    for metric in SimulatedMetric:
        turned = {(before[key][metric], after[key][metric]) for key in before if key.startswith("fx:")}
        assert {(True, False), (False, True)} <= turned


@pytest.mark.parametrize("silent", [True, False])
def test_bookmarks_may_leave_dtchange_alone(silent: bool) -> None:
    caller = Caller(components=1, locales=1, operations=0, silent_bookmarks=silent)
    (document,) = caller.world.flex.documents
    cell = next(iter(document.components.values()))["fr"]
    seen = set()
    for minute in range(1, 120):
        blue, before = cell.blue, document.dtchange
        cell.red, cell.green, cell.blue = 0, cell.segments, 0
        caller.world.flex.step(START + timedelta(minutes=minute))
        if cell.blue > blue and cell.blue:
            seen.add(document.dtchange == before)
    assert seen == {silent}
