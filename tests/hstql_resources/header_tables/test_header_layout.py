"""Room in a row: the budget never lets a row come about that Postgres refuses."""

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from builders.header_reading import compare, read_stored
from builders.made_headers import encode, store
from hstql_resources.header_tables.kinds import BIGINT, BOOLEAN, DOUBLE, NUMERIC, TEXT, UNDEFINED
from hstql_resources.header_tables.layout import (
    MAX_COLUMNS,
    MAX_ROW_BYTES,
    Column,
    HeaderTable,
    longest_row_bytes,
    plan_change,
)
from hstql_resources.postgres.database import Database

TABLE = HeaderTable("acs_wfc_flt_primary")


def names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns]


def plan_many(kind: str, count: int) -> int:
    """How many of so many new keywords of a kind get a column."""
    change = plan_change(TABLE, {f"K{i}": kind for i in range(count)})
    assert len(change.added) == len(change.after.columns)
    return len(change.added)


def test_as_many_columns_are_made_as_fit_a_row() -> None:
    assert plan_many(DOUBLE, 3000) == (MAX_ROW_BYTES - 224 - 64) // 8
    assert plan_many(TEXT, 3000) == (MAX_ROW_BYTES - 224 - 64) // 24
    assert plan_many(BOOLEAN, 3000) == MAX_COLUMNS - 4


def test_dropped_columns_count_for_the_limit_of_columns() -> None:
    table = HeaderTable("acs_wfc_flt_primary", slots=MAX_COLUMNS - 1)
    change = plan_change(table, {"A": BOOLEAN, "B": BOOLEAN})
    assert names(change.added) == ["a"]


def test_a_column_is_not_widened_beyond_the_row() -> None:
    full = plan_change(TABLE, {f"K{i}": DOUBLE for i in range(3000)}).after
    change = plan_change(full, {"K1": TEXT, "K2": BIGINT, "NEW": BOOLEAN})
    assert change.is_empty
    assert change.after == full


def test_room_that_is_left_is_given_out_once() -> None:
    wanted = {f"K{i}": DOUBLE for i in range(981)}
    table = plan_change(TABLE, wanted).after
    left = MAX_ROW_BYTES - longest_row_bytes(column.kind for column in table.columns)
    assert left == 24
    change = plan_change(table, {"NEW": TEXT, "NEWER": BOOLEAN})
    assert names(change.added) == ["new"]


def test_two_keywords_never_share_a_column() -> None:
    change = plan_change(TABLE, {"A-B": TEXT, "A_B": TEXT, "A B": TEXT})
    assert [column.keyword for column in change.added] == ["A-B"]
    assert plan_change(change.after, {"A_B": TEXT}).is_empty


def test_a_column_of_somebody_else_is_left_alone() -> None:
    table = HeaderTable("acs_wfc_flt_primary", (Column("quality", None, "jsonb"),), 5)
    change = plan_change(table, {"QUALITY": TEXT})
    assert change.is_empty


# In each the first fills the table, in an order that wastes most.
@pytest.mark.parametrize(
    "kinds",
    [
        (TEXT, DOUBLE), (BOOLEAN, TEXT, DOUBLE), (NUMERIC, BOOLEAN, DOUBLE, DOUBLE),
        *(pytest.param(kinds, marks=pytest.mark.full) for kinds in (
            (DOUBLE,), (TEXT,), (NUMERIC,), (BOOLEAN,), (BOOLEAN, BIGINT), (UNDEFINED, DOUBLE),
        )),
    ],
)  # fmt: skip
def test_the_longest_rows_of_a_full_table_can_be_written(
    database: Database, kinds: tuple[str, ...]
) -> None:
    rng = random.Random(len(kinds))
    for lengths in ((23,), (15, 17, 22, 24, 25)):
        cards = {f"K{i}": make_value(rng, kinds[i % len(kinds)], lengths) for i in range(1700)}
        store(database, encode(cards))
        (stored,) = read_stored(database).values()
        assert compare(stored, list(cards.items())) == []
        assert len(stored.table.columns) > 300


def make_value(rng: random.Random, kind: str, lengths: Sequence[int]) -> object:
    digits = "".join(rng.choices("123456789", k=rng.choice(lengths)))
    values = {BOOLEAN: True, DOUBLE: 1.25e-7, BIGINT: 2**53, UNDEFINED: None, TEXT: digits}
    return values.get(kind, int(digits + digits[:17]))


def test_a_row_that_is_longer_than_the_budget_is_refused_by_postgres(database: Database) -> None:
    """The limit is real: a row of 8,168 bytes has no place."""
    columns = ", ".join(f"c{i} double precision DEFAULT 1.5" for i in range(1018))
    with database.write() as writer:
        writer.execute(text(f"CREATE TABLE wide ({columns})"))
    with pytest.raises(Exception, match="row is too big"), database.write() as writer:
        writer.execute(text("INSERT INTO wide DEFAULT VALUES"))
