"""Writing batches: COPY into a temporary table, then insert or update."""

import math
import random
import string
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pickle import dumps

import numpy as np
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, select, text, update

from hstql_resources.postgres.copy_text import ValueRefusedError
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.tables import BadData, Lightcurve, Observation, OsmShift, Outcome

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
SEED = 20260301


def bad_file(filename: str, **values: object) -> dict[str, object]:
    return {"filename": filename, "reason": "Unreadable", "ingest_date": NOW, **values}


def test_a_row_that_is_written_is_read_back_unchanged(database: Database) -> None:
    row = {
        "rootname": "ld9m10ujq",
        "target_name": "LDS\t749B\nwith \\N and 'quotes' \"and\" \\backslash\r",
        "target": "",
        "proposal_id": 13_974,
        "exp_start_mjd": 57_000.123_456_789_012_3,
        "ra_deg": 5e-324,
        "dec_deg": -math.inf,
        "fppos": None,
        "path": "/données/ä 漢字 🛰",
        "first_ingest_date": NOW,
    }
    with database.write() as writer:
        assert writer.upsert(Observation, [row]) == 1

    columns = [Observation.__table__.c[name] for name in row]
    assert database.read(select(*columns))[0]._mapping == row


def test_not_a_number_and_both_infinities_survive(database: Database) -> None:
    values = {"a": math.nan, "b": math.inf, "c": -math.inf}
    with database.write() as writer:
        writer.upsert(Observation, [{"rootname": k, "ra_deg": v} for k, v in values.items()])

    found = dict(database.read(select(Observation.rootname, Observation.ra_deg)))
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (math.inf, -math.inf)


def test_columns_are_what_rows_are(database: Database) -> None:
    texts = ("a\tb\nc\\N", r"\N", "", None, "漢字")
    numbers = (1 / 3, math.inf, None, 5e-324, -0.0)
    founds = (True, False, None, True, False)
    fixed = {"rootname": "a", "filetype": "lampflash", "detector": "FUV", "segment": "FUVA"}
    rows = [
        {"filename": f"a{flash}", "flash": flash, "ingest_date": NOW, **fixed,
         "opt_elem": text, "shift_disp": value, "is_found": is_found}
        for flash, (text, value, is_found) in enumerate(zip(texts, numbers, founds, strict=True))
    ]  # fmt: skip
    with database.write() as writer:
        writer.upsert(OsmShift, rows)
    flash, sent = OsmShift.flash, database.statements
    chosen = flash.in_((0, 1, 3, 4)) | OsmShift.filename.like("a%2")  # as all that is asked with
    statement = select(
        OsmShift.opt_elem, OsmShift.shift_disp, OsmShift.is_found, (2 * flash).label("twice")
    ).where(chosen)
    found = database.read_columns(statement.order_by(flash.desc()))
    assert database.statements == sent + 1
    assert found["opt_elem"].tolist() == list(reversed(texts))
    assert found["is_found"].tolist() == [False, True, None, False, True]
    assert found["twice"].tolist() == [8.0, 6.0, 4.0, 2.0, 0.0]
    np.testing.assert_array_equal(found["shift_disp"], [-0.0, 5e-324, np.nan, math.inf, 1 / 3])
    with pytest.raises(DatabaseError, match="refused the work"):
        database.read_columns(select((1 / (flash - 1)).label("infinite")))


def test_numpy_scalars_and_paths_are_taken_as_what_they_hold(database: Database) -> None:
    row = {
        "rootname": np.str_("abc"),
        "proposal_id": np.int32(7),
        "ra_deg": np.float32(0.5),
        "dec_deg": np.float64(1 / 3),
        "path": Path("/archive/abc"),
    }
    with database.write() as writer:
        writer.upsert(Observation, [row])

    found = database.read(select(Observation))[0]
    assert (found.rootname, found.proposal_id, found.path) == ("abc", 7, "/archive/abc")
    assert (found.ra_deg, found.dec_deg) == (0.5, 1 / 3)


def test_a_masked_value_is_null_and_not_zero(database: Database) -> None:
    column = np.ma.masked_array([1.5, 0.0], mask=[False, True])
    with database.write() as writer:
        writer.upsert(
            Observation, [{"rootname": str(i), "ra_deg": column[i]} for i in range(len(column))]
        )

    assert dict(database.read(select(Observation.rootname, Observation.ra_deg))) == {
        "0": 1.5,
        "1": None,
    }


def test_a_table_without_a_model_and_with_awkward_names_is_written_too(database: Database) -> None:
    table = Table(
        "Odd Table",
        MetaData(),
        Column("order", Integer, primary_key=True),
        Column("100% ; x", Text),
    )
    for value in ("old", "new"):
        with database.write() as writer:
            table.create(writer.connection, checkfirst=True)
            writer.upsert(table, [{"order": 1, "100% ; x": value}])

    assert database.read(select(table)) == [(1, "new")]


def test_thousands_of_random_doubles_survive_to_the_last_bit(database: Database) -> None:
    bits = np.random.default_rng(SEED).integers(0, 2**64, 3000, dtype=np.uint64)
    numbers = [float(number) for number in bits.view(float) if not math.isnan(number)]
    with database.write() as writer:
        writer.upsert(
            Observation, [{"rootname": str(i), "ra_deg": x} for i, x in enumerate(numbers)]
        )

    found = dict(database.read(select(Observation.rootname, Observation.ra_deg)))
    assert [found[str(i)] for i in range(len(numbers))] == numbers


def test_a_second_write_changes_the_columns_given_and_no_others(database: Database) -> None:
    with database.write() as writer:
        writer.upsert(BadData, [bad_file("a", detail="first", step="raw_files")])
    with database.write() as writer:
        writer.upsert(BadData, [bad_file("a", detail=None), bad_file("b", detail="other")])

    query = select(BadData.filename, BadData.detail, BadData.step).order_by(BadData.filename)
    assert database.read(query) == [("a", None, "raw_files"), ("b", "other", None)]


def test_a_kept_column_keeps_its_first_value(database: Database) -> None:
    later = NOW + timedelta(days=1)
    for date in (NOW, later):
        row = {"rootname": "a", "first_ingest_date": date, "last_ingest_date": date}
        with database.write() as writer:
            writer.upsert(Observation, [row], keep=["first_ingest_date"])

    query = select(Observation.first_ingest_date, Observation.last_ingest_date)
    assert database.read(query) == [(NOW, later)]


def test_of_a_key_that_comes_twice_in_a_batch_the_last_row_counts(database: Database) -> None:
    with database.write() as writer:
        assert writer.upsert(BadData, [bad_file("a", detail=d) for d in "xyz"]) == 1

    assert database.read(select(BadData.detail)) == [("z",)]


def test_rows_that_are_only_a_key_are_inserted_once(database: Database) -> None:
    for _ in range(2):
        with database.write() as writer:
            writer.upsert(Observation, [{"rootname": "a"}])

    assert database.read(select(func.count()).select_from(Observation)) == [(1,)]


def test_the_number_of_statements_does_not_grow_with_the_rows(database: Database) -> None:
    counts = []
    for size in (1, 5000):
        before = database.statements
        with database.write() as writer:
            writer.upsert(BadData, (bad_file(str(i)) for i in range(size)))
        counts.append(database.statements - before)

    assert counts == [4, 4]  # lock, temporary table, COPY, INSERT
    assert database.read(select(func.count()).select_from(BadData)) == [(5000,)]


def test_several_tables_are_written_in_one_transaction_or_not_at_all(database: Database) -> None:
    def write_half() -> None:
        with database.write() as writer:
            writer.upsert(Observation, [{"rootname": "a"}])
            writer.upsert(BadData, [bad_file("a")])
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        write_half()

    assert database.read(select(Observation.rootname)) == []
    assert database.read(select(BadData.filename)) == []


def test_no_rows_at_all_are_written_without_complaint(database: Database) -> None:
    with database.write() as writer:
        assert writer.upsert(BadData, []) == 0


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\0b", r"Column detail cannot hold 'a\\x00b': it holds a NUL character\."),
        ("\ud800", r"Column detail cannot hold .*: it is not Unicode\."),
        (b"bytes", "Column detail cannot hold .*: the type bytes has no place in a table"),
        (datetime(2026, 1, 1), "Column detail .* needs a time zone"),  # noqa: DTZ001
    ],
)
def test_a_value_that_cannot_be_held_is_refused_with_its_column(
    database: Database, value: object, reason: str
) -> None:
    with pytest.raises(ValueRefusedError, match=reason), database.write() as writer:
        writer.upsert(BadData, [bad_file("good", detail="x"), bad_file("bad", detail=value)])

    assert database.read(select(BadData.filename)) == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"rootname": "a", "colour": "red"}], "observations has no column colour"),
        ([{"target": "m31"}], "observations needs rootname"),
        (
            [{"rootname": "a"}, {"rootname": "b", "target": "m"}],
            "do not all have the column target",
        ),
    ],
)
def test_rows_with_the_wrong_columns_are_refused(
    database: Database, rows: list[dict[str, object]], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason), database.write() as writer:
        writer.upsert(Observation, rows)


def test_a_value_of_the_wrong_type_is_refused_in_one_sentence(database: Database) -> None:
    with pytest.raises(DatabaseError) as refusal, database.write() as writer:
        writer.upsert(Observation, [{"rootname": "a", "cenwave": 1291.5}])

    assert str(refusal.value) == (
        'The database refused the work: invalid input syntax for type integer: "1291.5" '
        '(COPY upload_0, line 1, column cenwave: "1291.5").'
    )


def test_a_status_that_is_not_one_of_the_four_is_refused(database: Database) -> None:
    row = {"asset": "cos/raw_files", "key": "a", "status": "lost", "decided_at": NOW,
           "changed_at": NOW}  # fmt: skip
    with pytest.raises(DatabaseError, match="outcomes_status_check"), database.write() as writer:
        writer.upsert(Outcome, [row])


def test_rows_are_deleted_by_any_list_of_values_in_one_statement(database: Database) -> None:
    with database.write() as writer:
        writer.upsert(BadData, [bad_file(str(i), rootname=str(i % 3)) for i in range(9)])
    before = database.statements
    with database.write() as writer:
        assert writer.delete(BadData, "rootname", ["0", "1", "not there"]) == 6
        assert writer.delete(BadData, "rootname", []) == 0

    assert database.statements - before == 3
    assert {row[0] for row in database.read(select(BadData.rootname))} == {"2"}


def test_any_other_statement_tells_how_many_rows_it_touched(database: Database) -> None:
    with database.write() as writer:
        writer.upsert(BadData, [bad_file("a"), bad_file("b")])
        assert writer.execute(update(BadData).values(detail="seen")) == 2


def test_batches_with_the_same_keys_in_opposite_order_do_not_block_each_other(
    database: Database,
) -> None:
    keys = [str(i) for i in range(200)]

    def write(number: int) -> None:
        order = keys if number % 2 else keys[::-1]
        own = Database(database.engine.url)
        for _ in range(5):
            with own.write() as writer:
                writer.upsert(BadData, [bad_file(key, detail=str(number)) for key in order])
                writer.delete(BadData, "filename", order[:5])
        own.dispose()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert len(database.read(select(BadData.filename))) == 195


def test_required_columns_that_are_missing_are_named(database: Database) -> None:
    with pytest.raises(DatabaseError, match='"target"'), database.write() as writer:
        writer.upsert(Lightcurve, [{"rootname": "a"}])


def test_a_server_that_is_not_there_gives_one_sentence() -> None:
    database = Database("postgresql+psycopg2://postgres@/hstql?host=/nonexistent")
    with pytest.raises(DatabaseError, match=r"The database does not answer: .*nonexistent"):
        database.read(select(text("1")))


def test_a_database_does_not_travel_to_worker_processes(database: Database) -> None:
    with pytest.raises(TypeError, match="let workers return their rows"):
        dumps(database)


def test_a_value_that_is_too_long_for_an_index_is_not_taken_for_a_lost_server(
    database: Database,
) -> None:
    name = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))  # does not compress
    with (
        pytest.raises(DatabaseError, match="The database refused the work: index row"),
        database.write() as writer,
    ):
        writer.upsert(Observation, [{"rootname": "lsim01aaq", "target_name": name}])
