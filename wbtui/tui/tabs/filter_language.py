r"""The filter language: a text becomes a predicate on rows. Pure; the same on the screen and elsewhere.

Terms stand apart by blanks, and all must hold. `intro`: any column contains it; `"two words"`: literally;
`~ ^batch-\d+`: a regular expression; `state:part,ready`: the column contains one of these; `locale=fr`: it
is that, `locale!=ja`: it is not; `words>1000`, `age<2h`: figures and times; `!` before a term: it must not
hold.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.endless_regex import endless
from wbtui.tui.toolkit.folding import folded

Predicate = Callable[[Any, Context], bool]
"""(row, context) -> whether the row is to be shown."""

_UNITS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_COMPARED: Final = re.compile(r"([A-Za-z][\w-]*)(!=|<=|>=|=|:|<|>)")


MOST_SUGGESTED: Final = 9
MATCHED: Final = 250
"""Characters of a value that a regular expression looks at: tries grow with a power of them."""


class BadFilter(ValueError):
    """A filter that cannot be understood: `problem` in words, `place` the character it begins at, from 0."""

    def __init__(self, problem: str, place: int) -> None:
        super().__init__(f"character {place + 1}: {problem}")
        self.problem = problem
        self.place = place


class ValueKind(Enum):
    """What a column holds, and so what its values are compared as."""

    ID = auto()
    """An id: compared as a whole."""
    WORD = auto()
    """One of few words: `:` asks whether it contains the value, `=` whether it is the value."""
    TEXT = auto()
    """A name or a sentence: `:` asks whether it contains the value."""
    NUMBER = auto()
    AGE = auto()
    """Seconds since something."""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A column as the filter sees it."""

    id: str
    kind: ValueKind
    words: Callable[[Any], Sequence[str]] = lambda _: ()
    """All names of the row's value, in any case."""
    figure: Callable[[Any, Context], float | None] = lambda _, __: None
    """The value as a number or as seconds; None where it is not known."""
    others: tuple[str, ...] = ()
    """Further names of the column."""
    known: tuple[str, ...] = ()
    """All values that there can be, folded, the ones to suggest first; empty: not known beforehand."""


def id_field(id: str, get: Callable[[Any], str]) -> FilterField:
    """Return the field of a column that holds ids."""
    return FilterField(id, ValueKind.ID, lambda row: (get(row),))


def word_field(id: str, get: Callable[[Any], str], *others: str) -> FilterField:
    """Return the field of a column that holds one of few words."""
    return FilterField(id, ValueKind.WORD, lambda row: (get(row),), others=others)


def text_field(id: str, get: Callable[[Any], str], *others: str) -> FilterField:
    """Return the field of a column that holds a name or a sentence."""
    return FilterField(id, ValueKind.TEXT, lambda row: (get(row),), others=others)


def number_field(id: str, get: Callable[[Any], float | None]) -> FilterField:
    """Return the field of a column that holds a number."""

    def shown(row: Any) -> tuple[str, ...]:
        found = get(row)
        return () if found is None else (f"{found:g}",)

    return FilterField(id, ValueKind.NUMBER, shown, lambda row, _: get(row))


def age_field(id: str, get: Callable[[Any, Context], float | None]) -> FilterField:
    """Return the field of a column that holds a moment, which is compared as an age in seconds."""
    return FilterField(id, ValueKind.AGE, figure=get, others=("age",))


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was understood."""

    text: str
    terms: tuple[Predicate, ...]
    timed: bool = False
    """Whether it looks at an age, so that rows can leave or come as time goes by."""
    strange: str = ""
    """What may be a slip in it: a value that none of the known ones holds; to be said where no row passes."""

    def holds(self, row: Any, context: Context) -> bool:
        """Return whether the row satisfies every term."""
        return all(term(row, context) for term in self.terms)


EVERYTHING: Final = Filter("", ())


class Token(NamedTuple):
    """A piece of the text: where it begins, what it says, and whether it is to be taken literally."""

    place: int
    text: str
    quoted: bool


class Term(NamedTuple):
    """A piece that was understood: its predicate, whether it looks at an age, and a slip it may hold."""

    holds: Predicate
    timed: bool = False
    strange: str = ""


def parse(text: str, fields: Sequence[FilterField]) -> Filter:
    """Return the filter of a text; raises `BadFilter` for what cannot be understood."""
    named = {name: field for field in fields for name in (field.id, *field.others)}
    terms: list[Term] = []
    tokens = list(_tokens(text))
    while tokens:
        token = tokens.pop(0)
        negated = not token.quoted and token.text.startswith("!")
        if negated:
            token = _after(token, 1, tokens, "! needs something to leave out")
        if not token.quoted and token.text.startswith("~"):
            token = _after(token, 1, tokens, "~ needs a regular expression")
            term = Term(_matching(token, fields))
        else:
            term = _term(token, fields, named)
        terms.append(term._replace(holds=_not(term.holds)) if negated else term)
    timed, strange = any(term.timed for term in terms), next(filter(None, (t.strange for t in terms)), "")
    return Filter(text, tuple(term.holds for term in terms), timed, strange)


def _after(token: Token, length: int, tokens: list[Token], problem: str) -> Token:
    """Return what follows a sign: the rest of its token, or the next one."""
    if len(token.text) > length:
        quoted = token.text[length] == '"'
        rest = token.text[length:]
        return Token(token.place + length, _unquoted(rest) if quoted else rest, quoted)
    if not tokens:
        raise BadFilter(problem, token.place)
    return tokens.pop(0)


def _tokens(text: str) -> Iterable[Token]:
    """Yield the pieces between blanks; blanks between quotes belong to the piece."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        start, inside = place, False
        while place < len(text) and (inside or not text[place].isspace()):
            inside ^= text[place] == '"'
            place += 1
        if inside:
            raise BadFilter("a quote is not closed", text.rindex('"', start))
        piece = text[start:place]
        quoted = piece.startswith('"')
        yield Token(start, _unquoted(piece) if quoted else piece, quoted)


def _unquoted(text: str) -> str:
    return text.replace('"', "")


def _not(term: Predicate) -> Predicate:
    return lambda row, context: not term(row, context)


def _searched(fields: Sequence[FilterField]) -> tuple[Callable[[Any], Sequence[str]], ...]:
    """Return what a bare word is looked for in: every column but ages, which change while one reads."""
    return tuple(field.words for field in fields if field.kind is not ValueKind.AGE)


def _matching(token: Token, fields: Sequence[FilterField]) -> Predicate:
    pattern = _unquoted(token.text) if not token.quoted else token.text
    found = _compiled(pattern, token.place).search
    getters = _searched(fields)
    return lambda row, _: any(found(word[:MATCHED]) for get in getters for word in get(row))


def _compiled(pattern: str, place: int) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            # a warning about what an expression may mean one day would be printed over the screen
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern, re.IGNORECASE)
            if endless(pattern):
                raise BadFilter(
                    "a repeated group may hold no repeats or alternatives: it could take for ever", place
                )
            return compiled
    except re.error as error:
        raise BadFilter(f"no regular expression: {error.msg}", place + (error.pos or 0)) from None
    except OverflowError as error:
        raise BadFilter(f"no regular expression: {error}", place) from None
    except RecursionError:
        raise BadFilter("no regular expression: too deeply nested", place) from None


def _term(token: Token, fields: Sequence[FilterField], named: Mapping[str, FilterField]) -> Term:
    compared = None if token.quoted else _COMPARED.match(token.text)
    if compared is None:
        return Term(_containing(_unquoted(token.text), fields))
    name, sign = compared[1].lower(), compared[2]
    field = named.get(name)
    if field is None:
        known = ", ".join(each.id for each in fields)
        raise BadFilter(f"there is no column {name} here; columns: {known}", token.place)
    value = Token(token.place + compared.end(), token.text[compared.end() :], False)
    if not value.text:
        raise BadFilter(f"{name}{sign} needs a value", value.place)
    return _comparison(field, sign, value)


def _containing(needle: str, fields: Sequence[FilterField]) -> Predicate:
    wanted = folded(needle)
    getters = _searched(fields)
    return lambda row, _: any(wanted in folded(word) for get in getters for word in get(row))


def _comparison(field: FilterField, sign: str, value: Token) -> Term:
    if field.kind in {ValueKind.ID, ValueKind.WORD, ValueKind.TEXT}:
        if sign in {"<", ">", "<=", ">="}:
            raise BadFilter(f"{field.id} holds words: only : = and != compare them", value.place)
        whole = sign != ":" or field.kind is ValueKind.ID
        wanted = [folded(_unquoted(each)) for each in _listed(value)]
        term = _one_of(field, whole, wanted)
        return Term(_not(term) if sign == "!=" else term, strange=strange(field, whole, wanted))
    timed = field.kind is ValueKind.AGE
    if sign in {":", "=", "!="}:
        figures = frozenset(_figure(field, each, value.place) for each in _listed(value))
        same: Predicate = lambda row, context: field.figure(row, context) in figures  # noqa: E731 - a closure
        return Term(_not(same) if sign == "!=" else same, timed)
    return Term(_ordered(field, sign, _figure(field, _unquoted(value.text), value.place)), timed)


def _listed(value: Token) -> list[str]:
    """Return the values between commas; a comma between quotes does not part them."""
    found = re.findall(r'(?:"[^"]*"|[^,"])+', value.text)
    if not found:
        raise BadFilter("a value is missing", value.place)
    return found


def strange(field: FilterField, whole: bool, wanted: Sequence[str]) -> str:
    """Return in words that a value is none of the known ones; a server may know more, so that is no fault."""
    for each in wanted if field.known else ():
        if not any(each == word if whole else each in word for word in field.known):
            return f"No {field.id} is named {each}: there are {', '.join(field.known[:MOST_SUGGESTED])}."
    return ""


def _one_of(field: FilterField, whole: bool, wanted: Sequence[str]) -> Predicate:
    """Return the predicate: a value contains one of these, or is one; a number is never part of another."""
    if field.kind is ValueKind.TEXT:
        return lambda row, _: any(each in word for word in map(folded, field.words(row)) for each in wanted)
    few = frozenset(each for each in wanted if whole or each.isdecimal())
    parts = [each for each in wanted if each not in few]

    def holds(row: Any, _: Context) -> bool:
        words = [folded(word) for word in field.words(row)]
        return any(word in few for word in words) or any(part in word for word in words for part in parts)

    return holds


def _ordered(field: FilterField, sign: str, bound: float) -> Predicate:
    tests: dict[str, Callable[[float], bool]] = {
        "<": lambda found: found < bound,
        ">": lambda found: found > bound,
        "<=": lambda found: found <= bound,
        ">=": lambda found: found >= bound,
    }
    test = tests[sign]

    def holds(row: Any, context: Context) -> bool:
        found = field.figure(row, context)
        return found is not None and test(found)

    return holds


def _figure(field: FilterField, text: str, place: int) -> float:
    if field.kind is ValueKind.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise BadFilter(f"{field.id} is compared with a number such as 1000", place)
        return float(text)
    found = _DURATION.fullmatch(text.lower())
    if found is None or found[2] not in _UNITS:
        raise BadFilter(f"{field.id} is compared with a time such as 90s, 5min, 2h, 3d", place)
    return float(found[1]) * _UNITS[found[2]]
