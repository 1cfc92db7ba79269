"""Read conditions as people write them, such as `> 100`, `1..2, 5` or `NGC*`, and put them in SQL.

What was written becomes values that are bound, never a part of a statement.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, DateTime, Double, Text, and_, literal, not_, or_

from hstql_web.queries.keys import OBSERVATIONS, Key, name_table

MOST_PARTS = 500
_WRITTEN = re.compile(r"\s*([\w.]+)\s*((?:!=|<|>|=|≤|≥|≠).*)", re.DOTALL)
_SIGNS = re.compile(r"\s*(!=|<=|>=|<|>|=|≤|≥|≠)?\s*(.*?)\s*", re.DOTALL)
_SAME = {None: "=", "≤": "<=", "≥": ">=", "≠": "!="}
_TRUTHS = {"yes": True, "true": True, "t": True, "no": False, "false": False, "f": False}
_TYPES: dict[type, Any] = {
    int: BigInteger(), float: Double(), str: Text(), datetime: DateTime(timezone=True)
}  # fmt: skip
_WHAT = {
    "truth": "yes or no", "integer": "a number", "number": "a number", "text": "a text",
    "time": "a time such as 2026-01-31 or 2026-01-31T12:00",
}  # fmt: skip


class Part(NamedTuple):
    """One of several values, or a range of them; an end that is None is open."""

    low: Any
    high: Any
    is_range: bool


class TermError(ValueError):
    """A condition cannot be meant; the message is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Term:
    """A condition on one column.

    Attributes
    ----------
    key : Key
        The column.
    sign : str
        One of = != < <= > >=.
    parts : tuple of Part
        Of which one has to hold, or with != none.
    values : str
        The parts as they were written.
    """

    key: Key
    sign: str
    parts: tuple[Part, ...]
    values: str

    @property
    def written(self) -> str:
        """The condition without the column, as a field of the form has it."""
        return self.values if self.sign == "=" else f"{self.sign} {self.values}"

    @property
    def text(self) -> str:
        """The whole condition."""
        return f"{self.key.text} {self.sign} {self.values}"


def split_term(written: str) -> tuple[str, str]:
    """Return the column and the condition of, such as, `exp_time_s > 100`.

    Raises
    ------
    TermError
        If it is none.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise TermError(
            f"“{written[:80]}” is no condition: write a column, a sign and a value, such as "
            "exp_time_s > 100."
        )
    return found[1], found[2]


def read_term(key: Key, written: str) -> Term:
    """Return the condition on a column that somebody wrote.

    Raises
    ------
    TermError
        If it is none.
    """
    found = _SIGNS.fullmatch(written)
    sign, rest = (found[1], found[2]) if found else (None, "")
    sign = _SAME.get(sign, sign) or "="
    texts = [one for part in rest.split(",") if (one := part.strip())]
    if not texts or len(texts) > MOST_PARTS:
        raise TermError(f"The condition on {key.text} needs a value, and at most {MOST_PARTS}.")
    parts = tuple(dict.fromkeys(_read_part(key, one) for one in texts))
    if sign not in ("=", "!=") and (len(parts) > 1 or parts[0].is_range):
        raise TermError(f"The condition on {key.text} needs one value behind {sign}.")
    return Term(key, sign, parts, ", ".join(texts))


def _read_part(key: Key, text: str) -> Part:
    low, dots, high = text.partition("..")
    if dots and key.kind != "truth":
        ends = (low.strip(), high.strip())
        if not any(ends):
            raise TermError(f"The range of {key.text} has no end: write, such as, 1..2 or 1.. .")
        first, last = (_read_value(key, end) if end else None for end in ends)
        return Part(first, last, is_range=True)
    return Part(_read_value(key, text), None, is_range=False)


def _read_value(key: Key, text: str) -> Any:
    try:
        match key.kind:
            case "truth":
                return _TRUTHS[text.lower()]
            case "integer" | "number":
                return _read_number(text)
            case "time":
                time = datetime.fromisoformat(text)
                return time if time.tzinfo else time.replace(tzinfo=UTC)
            case _:
                return text
    except (ValueError, KeyError, OverflowError):
        raise TermError(
            f"“{text[:80]}” is no value of {key.text}: it is {_WHAT[key.kind]}."
        ) from None


def _read_number(text: str) -> int | float:
    if not text.isascii() or "_" in text:
        raise ValueError
    value = int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def conditions_of(terms: Iterable[Term], rootname: Any) -> list[ColumnElement[bool]]:
    """Return what exposures fulfil; conditions on one table have to hold in one row of it."""
    by_table: dict[str, list[Term]] = {}
    for term in terms:
        by_table.setdefault(term.key.table, []).append(term)
    found: list[ColumnElement[bool]] = []
    for name, those in by_table.items():
        table = name_table(name, [term.key for term in those])
        tests = [test(table.c[term.key.name], term) for term in those]
        if name == OBSERVATIONS:
            found += tests
        else:
            found.append(
                rootname.in_(table.select().with_only_columns(table.c.rootname).where(*tests))
            )
    return found


def test(column: Any, term: Term) -> ColumnElement[bool]:
    """Return whether a column fulfils a condition."""
    values = [part.low for part in term.parts if not part.is_range]
    if term.sign in ("=", "!="):
        tests = [_is_between(column, part) for part in term.parts if part.is_range]
        tests += [any_of(column, values)] if values else []
        return or_(*tests) if term.sign == "=" else not_(or_(*tests))
    (value,) = values
    signs = {"<": column.__lt__, "<=": column.__le__, ">": column.__gt__, ">=": column.__ge__}
    compared: ColumnElement[bool] = signs[term.sign](_bind(value))
    return compared


def any_of(column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return whether a column is one of values; in texts * is any run of characters, ? is one."""
    patterns = [one for one in values if isinstance(one, str) and ("*" in one or "?" in one)]
    others = [one for one in values if one not in patterns]
    tests = [_is_like(column, one) for one in patterns]
    if len(others) == 1 and isinstance(others[0], bool):
        tests.append(column.is_(others[0]))
    elif others:
        tests.append(column.in_([_bind(one) for one in others]))
    return or_(*tests)


def find_patterns(values: Sequence[Any]) -> list[str]:
    """Return patterns for LIKE of texts of which one at least is known by its middle or end only.

    For others an index is asked, see `any_of`: none are returned.
    """
    texts = [one for one in values if isinstance(one, str)]
    is_open = any(one[:1] in ("*", "?") for one in texts)
    return [_to_like(one) for one in texts] if is_open and len(texts) == len(values) else []


def _is_like(column: Any, pattern: str) -> ColumnElement[bool]:
    """Return whether a text fits a pattern.

    Where there are rules about rows no index is used for LIKE, which might tell of rows that are
    closed; it is for what bytes are between, which is asked as well.
    """
    like: ColumnElement[bool] = column.like(_to_like(pattern))
    begin = re.split(r"[*?]", pattern, maxsplit=1)[0]
    if not begin:
        return like
    behind = begin[:-1] + chr(ord(begin[-1]) + 1)
    low, high = (column.op(sign, is_comparison=True) for sign in ("~>=~", "~<~"))
    return and_(low(begin), high(behind), like)


def _to_like(pattern: str) -> str:
    escaped = pattern.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return escaped.replace("*", "%").replace("?", "_")


def _is_between(column: Any, part: Part) -> ColumnElement[bool]:
    ends = []
    if part.low is not None:
        ends.append(column >= _bind(part.low))
    if part.high is not None:
        ends.append(column <= _bind(part.high))
    return and_(*ends)


def _bind(value: Any) -> Any:
    """Return a value of its own type, rather than that of the column it is compared with."""
    return value if isinstance(value, bool) else literal(value, _TYPES[type(value)])
