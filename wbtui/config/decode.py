"""Tables of the file to settings values and back, field by field as `config/values.py` declares them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import inspect

from wbtui.config.forms import Form, FormError
from wbtui.config.table import KINDS, Table, kind_of, quoted
from wbtui.config.values import NOT_IN_FILE

_Kind = TypeVar("_Kind")
_EXPECTED: Final[Mapping[type, str]] = {
    inspect.BoolType: KINDS[bool],
    inspect.IntType: KINDS[int],
    inspect.StrType: KINDS[str],
    inspect.EnumType: KINDS[str],
    inspect.LiteralType: KINDS[str],
    inspect.VarTupleType: KINDS[list],
}


class Field(NamedTuple):
    """One key of a table, as it is declared."""

    name: str
    wire: Any
    """The type of what stands in the file, with its limits."""
    form: Form | None = None
    table: type | None = None
    """The class of settings that a table within the table becomes."""
    bare: bool = False
    """Whether it has no default."""

    @property
    def needed(self) -> bool:
        """Return whether it must be there, and not be blank."""
        return self.bare and (self.form is None or self.form.absent is None)


def fields_of(kind: type) -> tuple[Field, ...]:
    """Return the keys that a table may have: its own, then inherited ones, then the tables within it."""
    found = []
    for each in fields(kind):
        hint: Any = each.type
        more = getattr(hint, "__metadata__", ())
        if NOT_IN_FILE in more:
            continue
        form = next((extra for extra in more if isinstance(extra, Form)), None)
        table = next(
            (one for one in (hint, *get_args(hint)) if isinstance(one, type) and is_dataclass(one)), None
        )
        bare = each.default is MISSING and each.default_factory is MISSING
        found.append(Field(each.name, form.wire if form else hint, form, table, bare))
    own = kind.__annotations__
    return tuple(sorted(found, key=lambda each: (each.table is not None, each.name not in own)))


def decode(kind: type[_Kind], table: Table | None, **more: object) -> _Kind | None:
    """Return the settings that a table stands for; `more` are the fields that do not stand in the file.

    What is wrong is noted with the table, and the default taken. None if there is no table, or if a field
    without a default is wrong.
    """
    if table is None:
        return None
    make: Any = kind
    declared = fields_of(kind)
    table.refuse_unknown(each.name for each in declared)
    values = {each.name: value for each in declared if (value := _value(each, table)) is not None}
    complete = all(each.name in values for each in declared if each.bare)
    made: _Kind | None = make(**values, **more) if complete else None
    return made


def _value(field: Field, table: Table) -> Any:
    """Return the value of a field; None for its default, also where it is wrong, which is noted."""
    name, form = field.name, field.form
    raw = table.data.get(name, form.absent if form else None)
    if field.needed and (raw is None or (isinstance(raw, str) and not raw.strip())):
        table.note(name, f"{name} is {'missing' if raw is None else 'empty'}")
        return None
    if raw is None:
        return None
    if get_origin(field.wire) is Mapping:
        return _entries(get_args(field.wire)[1], table.table(name))
    if field.table is not None:
        return decode(field.table, table.table(name))
    try:
        value = _checked(raw, field.wire)
        return form.read(value, table) if form else value
    except FormError as error:
        table.fail(name, error.problem, error.advice.replace("{key}", name))
        return None


def _entries(kind: type, table: Table | None) -> Mapping[str, Any]:
    """Return a table whose keys are free: texts that are not blank, or tables with a name."""

    def entry(key: str, table: Table) -> Any:
        text = Field(key, str, bare=True)
        return _value(text, table) if kind is str else decode(kind, table.table(key), name=key)

    found = {key: entry(key, table) for key in table.data} if table else {}
    return MappingProxyType({key: value for key, value in found.items() if value is not None})


def _checked(raw: object, wire: Any) -> Any:
    """Return a value of the type that is declared for what stands in the file; raises `FormError`."""
    try:
        value = msgspec.convert(raw, wire)
    except msgspec.ValidationError:
        raise FormError(_problem(raw, wire)) from None
    if isinstance(value, tuple) and not all(each and each.isprintable() for each in value):
        raise FormError("contains an empty text or characters that cannot be printed")
    if isinstance(value, str) and not value.isprintable():
        raise FormError("contains characters that cannot be printed")
    return value


def _problem(raw: object, wire: Any) -> str:
    """Return in words why what stands in the file is not of the declared type."""
    declared = inspect.type_info(wire)
    match declared, raw:
        case inspect.IntType(), int() if not isinstance(raw, bool):
            return f"must be between {declared.ge} and {declared.le}, not {_number(raw)}"
        case inspect.EnumType(), str():
            return _no_option(raw, [option.value for option in declared.cls])
        case inspect.LiteralType(), str():
            return _no_option(raw, get_args(wire))
        case inspect.VarTupleType(), list():
            return _problem_of_items(raw, declared)
    return f"expected {_EXPECTED[type(declared)]}, found {kind_of(raw)}"


def _number(raw: int) -> str:
    """Return a number that may be one of those that Python refuses to write."""
    return str(raw) if raw.bit_length() <= 128 else "such a long number"


def _no_option(raw: str, options: Iterable[object]) -> str:
    return f"{quoted(raw)} is not one of {', '.join(str(option) for option in options if option)}"


def _problem_of_items(items: list[object], declared: inspect.VarTupleType) -> str:
    """Return why a list is refused; the type of its items has an example, and a title if it has a pattern."""
    item, most = declared.item_type, declared.max_length
    assert isinstance(item, inspect.Metadata)
    assert isinstance(item.type, inspect.StrType)
    words = item.extra_json_schema or {}
    example = " or ".join(words["examples"])
    if other := [each for each in items if not isinstance(each, str)]:
        return f"expected texts such as {example}, found {kind_of(other[0])}"
    if most is not None and len(items) > most:
        return f"has {len(items)} entries, at most {most} are possible"
    pattern = re.compile(item.type.pattern or "")
    wrong = next(each for each in items if isinstance(each, str) and not pattern.search(each))
    return f"{quoted(wrong)} is no {words['title']}; one looks like {example}"


def written(settings: Any) -> Any:
    """Return settings as they could stand in the file, tables within tables, with nothing secret in them."""
    if isinstance(settings, Mapping):
        return {name: written(value) for name, value in settings.items()}
    if not is_dataclass(settings):
        return list(settings) if isinstance(settings, tuple) else settings
    found = {}
    for each in fields_of(type(settings)):
        if (value := getattr(settings, each.name)) is not None or each.form:
            found[each.name] = each.form.show(value) if each.form else written(value)
    return found
