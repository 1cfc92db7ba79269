"""A column of header tables follows nearly all of its values, and one odd value is not that."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from builders.header_reading import compare, read_stored
from builders.made_headers import encode, store
from hstql_resources.header_tables.copy_lines import EncodedHeaders
from hstql_resources.header_tables.kinds import BOOLEAN, DOUBLE, TEXT
from hstql_resources.header_tables.names import ODD
from hstql_resources.postgres.database import Database

TABLE = "acs_wfc_odd_primary"


def names(numbers: range) -> list[str]:
    return [f"jodd{number:03}aq"[:9] for number in numbers]


def write(
    rootname: str, value: object, keyword: str = "A", filetype: str = "odd"
) -> EncodedHeaders:
    return encode({keyword: value}, filename=f"{rootname}_{filetype}.fits", rootname=rootname)


def kind_of(database: Database, keyword: str = "A") -> str:
    header = next(iter(read_stored(database).values()))
    return header.table.by_keyword[keyword].kind


def assert_kept(database: Database, values: dict[str, object]) -> None:
    stored = read_stored(database)
    for rootname, value in values.items():
        assert compare(stored[f"{rootname}_odd.fits", 0], [("A", value)]) == []


@pytest.mark.parametrize("odd", ["INDEF", "N/A", "", True])
def test_queries_of_numbers_go_on_whatever_one_value_is(database: Database, odd: object) -> None:
    values = dict.fromkeys(names(range(30)), 100.5) | {"joddzzzaq": odd}
    for rootname, value in values.items():
        store(database, write(rootname, value))
    assert kind_of(database) == DOUBLE
    assert_kept(database, values)
    query = text(f"SELECT rootname FROM {TABLE} WHERE a > 100 ORDER BY 1")
    assert [row.rootname for row in database.read(query)] == names(range(30))
    extras = database.read(text("SELECT keyword, rootname, reason FROM header_extras"))
    assert [tuple(row) for row in extras] == [("A", "joddzzzaq", ODD)]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_column_follows_99_percent_of_20_or_more_values(
    database: Database, in_one_batch: bool
) -> None:
    values: dict[str, object] = {"joddzzzaq": "INDEF"}
    values |= {rootname: 0.5 if i else 5 for i, rootname in enumerate(names(range(99)))}
    encoded = [write(rootname, value) for rootname, value in values.items()]
    store(database, *encoded[:-1])
    assert kind_of(database) == TEXT  # 98 of 99
    for batch in [encoded[-1:]] if not in_one_batch else [encoded]:
        store(database, *batch)
    assert kind_of(database) == DOUBLE
    assert_kept(database, values)
    (row,) = database.read(text("SELECT rootname, kind, value, reason FROM header_extras"))
    assert tuple(row) == ("joddzzzaq", "text", "INDEF", ODD)
    store(database, *[write(rootname, "INDEF") for rootname in names(range(98))])
    assert kind_of(database) == TEXT
    assert_kept(database, dict.fromkeys(names(range(98)), "INDEF"))


def test_below_20_the_kind_seen_first_stays_until_its_file_is_gone(database: Database) -> None:
    values: dict[str, object] = {"joddzzzaq": "INDEF", "joddzyzaq": True}
    values |= dict.fromkeys(names(range(10)), 5)
    for rootname, value in values.items():
        store(database, write(rootname, value))
    assert kind_of(database) == TEXT
    assert_kept(database, values)
    store(database, rootnames=["joddzzzaq"])
    assert kind_of(database) == "bigint"
    assert_kept(database, {rootname: values[rootname] for rootname in list(values)[1:]})
    store(database, rootnames=names(range(10)))
    assert kind_of(database) == "bigint"  # numbers stay numbers


def test_a_long_integer_among_doubles_loses_no_digit(database: Database) -> None:
    values: dict[str, object] = {"joddzzzaq": "x", "joddzyzaq": 2**60 + 1}
    values |= dict.fromkeys(names(range(150)), 0.1)
    store(database, *[write(rootname, value) for rootname, value in values.items()])
    assert kind_of(database) == "numeric"
    assert_kept(database, values)


@pytest.mark.parametrize(("keyword", "value", "kind"), [
    ("TARGNAME", 5, TEXT), ("EXPTIME", "INDEF", DOUBLE), ("SUBARRAY", 1, BOOLEAN),
])  # fmt: skip
def test_what_old_queries_expect_is_not_changed_by_the_first_file(
    database: Database, keyword: str, value: object, kind: str
) -> None:
    store(database, write("jodd001aq", value, keyword, "flt"))
    assert kind_of(database, keyword) == kind
    name = keyword.lower()
    (row,) = database.read(text(f"SELECT {name} AS value FROM acsql.wfc_flt_0"))
    assert row.value is None


def read(database: Database, query: str) -> Sequence[object]:
    return [tuple(row) for row in database.read(text(query))]


def test_views_of_users_go_along_or_keep_the_column_as_it_is(database: Database) -> None:
    numbers = [write(rootname, 0.5) for rootname in names(range(99))]
    store(database, write("joddzzzaq", "INDEF"))
    store(database, write("joddzzzaq", "INDEF", "B"), write("joddzyzaq", "INDEF"))
    with database.write() as writer:
        writer.execute(text(f"CREATE VIEW mine AS SELECT rootname, a FROM {TABLE}"))
    store(database, write("joddzyzaq", 1.5), *numbers)
    assert read(database, "SELECT a FROM mine WHERE rootname = 'joddzyzaq'") == [(1.5,)]
    with database.write() as writer:
        writer.execute(text(f"CREATE VIEW half AS SELECT a / 2 AS half FROM {TABLE}"))
    store(database, *[write(rootname, "INDEF") for rootname in names(range(99))])
    assert kind_of(database) == DOUBLE
    assert read(database, "SELECT half FROM half WHERE half IS NOT NULL") == [(0.75,)]
