from __future__ import annotations

import ast
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import wbtui.simulator
from tests.simulator.caller import START
from wbtui.simulator.http_messages import beebox_form, iso, parse_zoned
from wbtui.simulator.plan import Plan
from wbtui.simulator.sample_names import LANGUAGES, component_names, file_names, targets, title
from wbtui.simulator.sessions import SimulatedAccounts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("files", -1),
        ("locales", 0),
        ("locales", len(LANGUAGES)),
        ("slots", 0),
        ("speed", 0.0),
        ("speed", 1e9),
        ("autorun_seconds", 0.0),
        ("operation_seconds", -3.0),
        ("failed_share", 1.5),
        ("zero_id_share", -0.1),
        ("pipeline_seconds", -1.0),
        ("dialect", "klingon"),
        ("project_kind", "files"),
        ("connect_answer", "xml"),
        ("instant_login_error", "NO_SUCH_ID"),
        ("deleted_records", "kept"),
        ("repeated_hash", "new"),
        ("upload_tokens", "never"),
        ("large_bytes", -1),
        ("quick_calls_share", 1.1),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_the_name_of_its_field(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        Plan(**{field: value})


def test_a_negative_seed_and_an_empty_platform_are_fine() -> None:
    plan = Plan(seed=-5, files=0, operations=0, requests=0, components=0)
    assert plan.chance("x").random() == Plan(seed=-5).chance("x").random()


def test_speed_divides_work() -> None:
    assert Plan(speed=20).work(30) == timedelta(seconds=1.5)


@pytest.mark.parametrize("count", [0, 1, 2, 40, 700])
def test_file_names_are_as_many_as_asked_and_all_different(count: int) -> None:
    names = file_names(count, Plan().chance("names"))
    assert len(names) == len(set(names)) == count


def test_file_names_are_as_people_write_them() -> None:
    names = file_names(300, Plan().chance("names"))
    assert "batch-7\\intro.docx" in names
    assert any(len(name) > 150 for name in names)
    for signs in (" ", "ü", "产", "&", "#", "%", "+"):
        assert any(signs in name for name in names), signs


@pytest.mark.parametrize("count", [0, 3, 60, 900])
def test_component_names_are_all_different(count: int) -> None:
    names = component_names(count, Plan().chance("names"))
    assert len(names) == len(set(names)) == count


def test_the_source_language_is_no_target_and_titles_follow_the_ui() -> None:
    assert "en" not in targets(len(LANGUAGES) - 1)
    assert (title("fr"), title("fr", "de"), title("fr", "ja")) == ("French", "Französisch", "French")


def test_log_ins_depend_on_the_seed_alone_and_are_long_enough_to_be_searched_for() -> None:
    one = SimulatedAccounts.of(Plan(files=3))
    assert one == SimulatedAccounts.of(Plan())
    other = SimulatedAccounts.of(Plan(seed=2))
    for name in ("translator_key", "beebox_password", "instant_password"):
        assert len(getattr(one, name)) >= 20
        assert getattr(one, name) != getattr(other, name)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [(0, "2026-03-02T09:00:00Z"), (2, "2026-03-02T09:00:00.12Z"), (7, "2026-03-02T09:00:00.1234561Z")],
)
def test_dates_have_any_number_of_digits(digits: int, expected: str) -> None:
    assert iso(START.replace(microsecond=123456), digits) == expected


def test_the_beebox_writes_dates_in_five_forms() -> None:
    assert [beebox_form(START, form) for form in range(5)] == [
        "2026-03-02T09:00:00.0000001Z",
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:00:00.000",
        "2026-03-02T09:00:00.0000001+00:00",
        "2026-03-02T09:00Z",
    ]


@pytest.mark.parametrize(
    ("text", "known"),
    [("2026-03-01T00:00:00Z", True), ("2026-03-01T00:00:00", False), ("2018-10-1T...", False), ("", False)],
)
def test_a_date_counts_only_with_its_zone(text: str, known: bool) -> None:
    assert (parse_zoned(text) is not None) is known


def test_the_simulation_imports_the_standard_library_and_itself_alone() -> None:
    for file in Path(wbtui.simulator.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("wbtui.simulator") or name.split(".")[0] in sys.stdlib_module_names, (
                    name
                )
                assert name != "time"
