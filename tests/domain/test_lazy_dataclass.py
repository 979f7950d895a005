"""The lazy `dataclass` makes what that of the standard library makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from wbtui.domain.lazy_dataclass import dataclass as lazy

Maker = Callable[..., Any]


def frozen(maker: Maker) -> Any:
    @maker(frozen=True, slots=True)
    class Value:
        """A value."""

        first: int
        second: str = "two"
        third: list[int] = dataclasses.field(default_factory=list)
        hidden: str = dataclasses.field(default="", repr=False, compare=False)

        @property
        def double(self) -> int:
            return 2 * self.first

    return Value


def mutable(maker: Maker) -> Any:
    @maker(slots=True)
    class Held:
        first: int
        second: str = "two"

    return Held


def named(maker: Maker) -> Any:
    @maker(frozen=True, slots=True, kw_only=True)
    class Named:
        second: str = "two"
        first: int

        def __post_init__(self) -> None:
            if self.first < 0:
                raise ValueError("negative")

    return Named


def by_identity(maker: Maker) -> Any:
    @maker(frozen=True, slots=True, eq=False, repr=False)
    class Identity:
        first: int = 1

    return Identity


@pytest.fixture(params=[lazy, dataclasses.dataclass], ids=["lazy", "standard"])
def maker(request: pytest.FixtureRequest) -> Maker:
    found: Maker = request.param
    return found


def test_a_frozen_value(maker: Maker) -> None:
    kind = frozen(maker)
    one, same, other = kind(1), kind(1, "two"), kind(first=2, hidden="x")
    assert (one.first, one.second, one.third, one.double) == (1, "two", [], 2)
    assert one.third is not same.third
    assert one == same == kind(1, hidden="unseen")
    assert one != other
    assert one != (1, "two", [], "")
    assert repr(one).endswith("Value(first=1, second='two', third=[])")
    assert dataclasses.replace(one, second="2").second == "2"
    assert dataclasses.asdict(other) == {"first": 2, "second": "two", "third": [], "hidden": "x"}
    assert not hasattr(one, "__dict__")
    assert kind.__match_args__ == ("first", "second", "third", "hidden")
    changes = [
        lambda: setattr(one, "first", 3),
        lambda: delattr(one, "first"),
        lambda: setattr(one, "new", 3),
    ]
    for act in changes:
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            act()  # type: ignore[no-untyped-call]
    assert one.first == 1


@pytest.mark.parametrize(("values", "more"), [((), {}), ((1, "a", [], "", 5), {}), ((1,), {"none": 1})])
def test_wrong_arguments_are_refused_each_time(maker: Maker, values: Any, more: Any) -> None:
    kind = frozen(maker)
    for _ in range(2):
        with pytest.raises(TypeError, match="__init__"):
            kind(*values, **more)


def test_a_value_without_lists_is_hashable(maker: Maker) -> None:
    kind = named(maker)
    assert len({kind(first=1), kind(first=1, second="two"), kind(first=2)}) == 2
    with pytest.raises(TypeError):
        kind(1)
    with pytest.raises(ValueError, match="negative"):
        kind(first=-1)


def test_one_that_may_change(maker: Maker) -> None:
    kind = mutable(maker)
    one = kind(1)
    one.first = 5
    assert one == kind(5)
    assert kind.__hash__ is None
    assert repr(one).endswith("Held(first=5, second='two')")


def test_one_that_is_equal_to_itself_alone(maker: Maker) -> None:
    kind = by_identity(maker)
    assert kind() != kind()
    assert len({kind(), kind()}) == 2
    assert "object at" in repr(kind())


@lazy(frozen=True, slots=True)
class Copied:
    first: int = 1


@lazy(frozen=True, slots=True)
class Derived(Copied):
    second: int = 2


def test_a_value_can_be_copied_and_derived_from() -> None:
    one = Derived(5, 6)
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert again == one
        assert again.second == 6
    assert Derived(1, 2) != Copied(1)
    assert isinstance(one, Copied)
