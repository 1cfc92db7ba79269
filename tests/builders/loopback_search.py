"""What a loopback MAST answers to searches: the conditions of the search API, and its rows.

Pure: rows in, rows out. The server is in `loopback_mast`.
"""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

Row = Mapping[str, object]

TYPES = {
    "sci_pep_id": "INTEGER",
    "sci_ra": "FLOAT",
    "sci_release_date": "DATETIME",
    "sci_archive_date": "DATETIME",
    "sci_start_time": "DATETIME",
}
_COMPARISON = re.compile(r"(<=|>=|<|>)\s*(.+)")


def search_rows(rows: Sequence[Row], question: Mapping[str, object], limit: int) -> dict:
    """Answer one search: a page of rows and the number of all.

    Parameters
    ----------
    rows : sequence of mapping
        All data sets.
    question : mapping
        `conditions`, `select_cols`, `sort_by`, `limit`, `offset`, as the client sends them.
    limit : int
        No page is longer.
    """
    found = list(rows)
    for condition in question.get("conditions") or []:
        for column, text in condition.items():
            test = read_condition(str(text))
            found = [row for row in found if test(row.get(column))]
    for column in reversed(question.get("sort_by") or []):
        found.sort(key=lambda row: str(row.get(column) or ""))
    start = int(question.get("offset", 0))
    columns = list(dict.fromkeys(question.get("select_cols") or ["sci_data_set_name"]))
    page = found[start : start + min(int(question.get("limit", 5000)), limit)]
    return {
        "messages": [],
        "info": [{"name": column, "type": TYPES.get(column, "VARCHAR")} for column in columns],
        "search_params": dict(question),
        "totalResults": len(found),
        "results": [{column: row.get(column) for column in columns} for row in page],
    }


def read_condition(text: str) -> Callable[[object], bool]:
    """Read `a,b` (either), `!a` (not), `a*`, `<a`, `>=a` and `a..b`."""
    parts = [part.strip() for part in text.split(",")]
    excluded = [_read_part(part[1:]) for part in parts if part.startswith("!")]
    wanted = [part for part in parts if not part.startswith("!")]
    # A condition that names a thousand values would else be a thousand tests of each row.
    plain = {part.upper() for part in wanted if not re.search(r"[*<>]|\.\.", part)}
    special = [_read_part(part) for part in wanted if part.upper() not in plain]

    def test(value: object) -> bool:
        if any(exclude(value) for exclude in excluded):
            return False
        if not wanted:
            return True
        return _upper(value) in plain or any(want(value) for want in special)

    return test


def _read_part(part: str) -> Callable[[object], bool]:
    if match := _COMPARISON.fullmatch(part):
        operator, bound = match.groups()
        return lambda value: value is not None and _compare(value, operator, bound)
    if ".." in part:
        low, high = part.split("..")
        return lambda value: (
            value is not None and _compare(value, ">=", low) and _compare(value, "<=", high)
        )
    pattern = re.compile(re.escape(part.upper()).replace(r"\*", ".*"))
    return lambda value: pattern.fullmatch(_upper(value)) is not None


def _compare(value: object, operator: str, bound: str) -> bool:
    one, other = _key(value), _key(bound)
    if type(one) is not type(other):
        one, other = _upper(value), bound.upper()
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]


def _key(value: object) -> float | datetime | str:
    """Return what a value is compared by: a day without a time is its midnight."""
    text = _upper(value)
    for read in (float, datetime.fromisoformat):
        with contextlib.suppress(ValueError):
            return read(text)
    return text


def _upper(value: object) -> str:
    return "" if value is None else str(value).strip().upper()
