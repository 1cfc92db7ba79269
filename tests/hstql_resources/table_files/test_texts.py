"""Answers as CSV and JSON: every value there can be, read back by strict parsers."""

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hstql_resources.table_files.texts import list_objects, to_csv, to_json


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def parse(text: str) -> Any:
    """Read JSON as RFC 8259 has it: no NaN, no infinity, no name twice."""

    def take(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=take, parse_float=Decimal)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        (2**70, 2**70),
        (float("nan"), None),
        (float("inf"), None),
        (-float("inf"), None),
        (-0.1, Decimal("-0.1")),
        (1e300, Decimal("1e300")),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), None),
        (Decimal("1.50"), Decimal("1.50")),
        (Decimal("1E+5"), 100000),
        (Decimal("0.1234567890123456789012345"), Decimal("0.1234567890123456789012345")),
        (Decimal("9" * 5000 + ".5"), Decimal("9" * 5000 + ".5")),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(1, 2, 3), "01:02:03"),
        (timedelta(days=1, milliseconds=500), Decimal("86400.5")),
        (b"\x00\xff", "\\x00ff"),
        (memoryview(b"hi"), "\\x6869"),
        ('a"b\\\n\x1b\u2028\ud800', 'a"b\\\n\x1b\u2028\ud800'),
        ([1, None, [float("nan")]], [1, None, [None]]),
        ({"a": {"b": [Decimal("1.0")]}, "": None}, {"a": {"b": [Decimal("1.0")]}, "": None}),
    ],
)
def test_each_value_has_one_way_to_be_written_in_json(value: object, written: object) -> None:
    text = to_json([value])
    assert text.isascii()
    assert parse(text) == [written]


def test_columns_of_one_name_are_told_apart() -> None:
    (row,) = list_objects(("a", "a", "a_2", "a", ""), [(1, 2, 3, 4, 5)])
    assert row == {"a": 1, "a_3": 2, "a_2": 3, "a_4": 4, "": 5}
    assert parse(to_json([row])) == [row]


def test_no_rows_are_an_empty_list() -> None:
    assert to_json(list_objects(("a",), [])) == "[]"


HOSTILE = (
    "",
    None,
    " x ",
    'say "hi"',
    "a,b",
    "a\nb",
    "a\rb",
    "-1",
    "=1+1",
    "\\.",
    "NULL",
    "ü,日本",
)


def test_csv_is_read_back_as_it_was() -> None:
    columns = [f"c,{number}" for number in range(len(HOSTILE))]
    text = "\n".join(to_csv(columns, [HOSTILE]))
    names, values = csv.reader(io.StringIO(text + "\n", newline=""), strict=True)
    assert names == columns
    assert values == [value or "" for value in HOSTILE]


def test_csv_tells_null_from_an_empty_text() -> None:
    assert list(to_csv(("a", "b", "c"), [("", None, "x")])) == ["a,b,c", '"",,x']


def test_csv_has_bytes_and_lists_as_text() -> None:
    assert list(to_csv(("a",), [(b"\x01",), ([1, None],)]))[1:] == ["\\x01", '"[1, null]"']
