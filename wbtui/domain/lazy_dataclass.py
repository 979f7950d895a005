"""`dataclass` as the standard library has it, but each method is compiled when it is first called.

Compiling all of them was a third of the processor's time to the first frame; most are never called.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported
else:

    def dataclass(
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        repr: bool = True,
        kw_only: bool = False,
    ) -> Any:
        """Return the class with the members of a dataclass; the options are those of the standard library."""

        def whole(made: type) -> type:
            options = {"eq": eq, "repr": repr, "frozen": frozen}
            return _with_methods(_bare(made, slots=slots, kw_only=kw_only), options)

        return whole if cls is None else whole(cls)


def _bare(cls: type, *, slots: bool, kw_only: bool) -> type:
    """Return the class with its fields, and none of the methods that would have to be compiled."""
    cls.__doc__ = cls.__doc__ or cls.__name__  # else its signature would be worked out
    return dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)


def _with_methods(cls: type, options: dict[str, bool]) -> type:
    """Add what compiles each method at its first call."""
    frozen = options["frozen"]
    wanted = {"__init__", *["__repr__"] * options["repr"], *["__eq__", "__hash__"] * options["eq"]}
    added: dict[str, Any] = {}
    if options["eq"] and not frozen:
        wanted.remove("__hash__")
        added["__hash__"] = cls.__dict__.get("__hash__")  # None, as the standard library has it
    for name in wanted:
        if cls.__dict__.get(name) is None:
            added[name] = _compiled_later(cls, name, frozen=frozen)
    if frozen:
        added |= {"__setattr__": _refuse, "__delattr__": _refuse}
        added |= {"__getstate__": _state, "__setstate__": _set_state}
    for name, method in added.items():
        setattr(cls, name, method)
    return cls


def _compiled_later(cls: type, name: str, *, frozen: bool) -> Callable[..., Any]:
    def first(self: Any, *values: Any, **named: Any) -> Any:
        method = _init_of(cls) if name == "__init__" else getattr(_compared(cls, frozen=frozen), name)
        setattr(cls, name, method)
        return method(self, *values, **named)

    first.__name__ = name
    return first


def _compared(cls: type, *, frozen: bool) -> type:
    """Return a class of the same fields with all methods but the one that makes an object."""
    fields = [(each.name, object, copy(each)) for each in dataclasses.fields(cls)]
    namespace = {"__doc__": cls.__doc__}
    return dataclasses.make_dataclass(
        cls.__name__, fields, namespace=namespace, init=False, frozen=frozen, eq=True, repr=True
    )


def _init_of(cls: type) -> Callable[..., None]:
    """Compile what makes an object: a frozen one is filled past its own refusal, so all are."""
    fields = [each for each in dataclasses.fields(cls) if each.init]
    known: dict[str, Any] = {"put": object.__setattr__, "MISSING": dataclasses.MISSING}
    parameters = [_parameter(each, known) for each in sorted(fields, key=lambda each: bool(each.kw_only))]
    first_named = next((place for place, each in enumerate(fields) if each.kw_only), None)
    if first_named is not None:
        parameters.insert(sum(not each.kw_only for each in fields), "*")
    lines = [f" put(self, {each.name!r}, {_value(each)})" for each in fields]
    lines += [" self.__post_init__()"] * hasattr(cls, "__post_init__")
    exec(f"def __init__(self, {', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known)  # noqa: S102 - as the standard library does, of our own names
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _parameter(field: dataclasses.Field[Any], known: dict[str, Any]) -> str:
    """Return a field as a parameter; its default is put among the names that are known."""
    if field.default_factory is not dataclasses.MISSING:
        known[f"make_{field.name}"] = field.default_factory
        return f"{field.name}=MISSING"
    if field.default is dataclasses.MISSING:
        return field.name
    known[f"default_{field.name}"] = field.default
    return f"{field.name}=default_{field.name}"


def _value(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is dataclasses.MISSING:
        return field.name
    return f"make_{field.name}() if {field.name} is MISSING else {field.name}"


def _refuse(_self: object, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in dataclasses.fields(self)]


def _set_state(self: object, state: list[Any]) -> None:
    for each, value in zip(dataclasses.fields(self), state, strict=True):  # type: ignore[arg-type]
        object.__setattr__(self, each.name, value)
