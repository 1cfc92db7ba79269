"""Header tables as they are written again: the same rows, and none that are no longer there."""

import pytest
from sqlalchemy import inspect, text

from builders.header_reading import compare, read_everything, read_stored
from builders.made_headers import FILENAME, ROOTNAME, encode, store
from builders.schema_listing import list_header_tables
from hstql_resources.header_tables.column_layout import NO_ROOM
from hstql_resources.header_tables.copy_lines import EncodedHeaders
from hstql_resources.header_tables.layout import INDEXED
from hstql_resources.header_tables.names import ODD
from hstql_resources.postgres.database import Database

OTHER = "jtest02aq"
PRIMARY = {"TELESCOP": "HST", "TARGNAME": "NGC 104", "EXPTIME": 339.0, "DATE-OBS": "2015-01-02"}
SCIENCE = {"EXTNAME": "SCI", "EXTVER": 1, "BUNIT": "ELECTRONS"}
CARDS = ["TARGNAME= 'M 31'", "TARGNAME= 'M 32'", "HISTORY done", "COMMENT x"]


def encode_file(rootname: str, filetype: str = "flt", *more: dict[str, object]) -> EncodedHeaders:
    filename = f"{rootname}_{filetype}.fits"
    return encode(PRIMARY, SCIENCE, *more, filename=filename, rootname=rootname)


def test_the_same_headers_again_are_the_same_rows(database: Database) -> None:
    drizzled = {"D001DATA": "x", "D001ODD": 1}
    files = [
        encode_file(ROOTNAME),
        encode(CARDS, filename=f"{OTHER}_raw.fits", rootname=OTHER),
        encode(drizzled, filename=f"{OTHER}_drz.fits", rootname=OTHER),
    ]
    store(database, *files)
    before = read_everything(database)
    assert len(before) == 7
    store(database, *files)
    assert read_everything(database) == before


def test_what_a_rootname_has_no_longer_goes_from_every_table(database: Database) -> None:
    store(database, encode_file(OTHER))
    alone = read_everything(database)
    store(
        database,
        encode_file(ROOTNAME, "flt", {"EXTNAME": "ERR"}),
        encode(CARDS, filename=f"{ROOTNAME}_raw.fits"),
        encode({"D001DATA": "x"}, filename=f"{ROOTNAME}_drz.fits"),
    )
    assert len(read_everything(database)) > len(alone)
    store(database, encode_file(ROOTNAME))
    assert [place for place in read_stored(database) if place[0].startswith(ROOTNAME)] == [
        (FILENAME, 0), (FILENAME, 1),
    ]  # fmt: skip
    store(database, rootnames=[ROOTNAME])
    assert read_everything(database) == alone


def test_a_file_that_changes_its_rootname_is_there_once(database: Database) -> None:
    """A jitter file whose exposure was retrieved later, or a file that lies in two folders."""
    name = "jtest01aj_jit.fits"
    store(database, encode(CARDS, SCIENCE, filename=name, rootname="jtest01aj"))
    store(
        database,
        encode(CARDS, SCIENCE, filename=name, rootname=ROOTNAME),
        encode_file(OTHER),
    )
    assert {str(header.row["rootname"]) for header in read_stored(database).values()} == {
        ROOTNAME, OTHER,
    }  # fmt: skip
    assert {row["rootname"] for row in read_everything(database)["header_extras"]} == {ROOTNAME}


def test_headers_with_other_keywords_in_another_order_share_a_table(database: Database) -> None:
    headers = {
        f"jtest0{i}aq": dict(zip(order, range(len(order)), strict=True))
        for i, order in enumerate(("ABC", "CBA", "AB", "", "ABCD", "DXA", "ABC"))
    }
    store(
        database,
        *(
            encode(values, filename=f"{name}_flt.fits", rootname=name)
            for name, values in headers.items()
        ),
    )
    stored = read_stored(database)
    for name, values in headers.items():
        assert compare(stored[f"{name}_flt.fits", 0], list(values.items()), exact=True) == []


def test_a_kind_that_finds_no_room_is_put_aside_and_the_others_stay(database: Database) -> None:
    full = {f"K{i}": 0.5 for i in range(984)}
    store(database, encode(full))
    mixed = {"K0": 1, "K1": "C:\\new", "K2": None, "K3": True, "NEW": "x"}
    store(database, encode(mixed, filename=f"{OTHER}_flt.fits", rootname=OTHER))
    header = read_stored(database)[f"{OTHER}_flt.fits", 0]
    assert compare(header, list(mixed.items())) == []
    aside = {str(row["keyword"]): (row["kind"], row["value"]) for row in header.extras}
    assert aside == {
        "K1": ("text", "C:\\new"), "K3": ("boolean", "T"), "NEW": ("text", "x"),
    }  # fmt: skip
    reasons = {str(row["keyword"]): row["reason"] for row in header.extras}
    assert reasons == {"K1": ODD, "K3": ODD, "NEW": NO_ROOM}
    assert {row["table_name"] for row in header.extras} == {"acs_wfc_flt_primary"}


def test_all_header_tables_are_known_and_emptied_by_their_parent(database: Database) -> None:
    with database.engine.connect() as connection:
        before = list_header_tables(connection)
    store(database, encode_file(ROOTNAME, "odd"))
    with database.engine.connect() as connection:
        tables = list_header_tables(connection)
    assert set(tables) - set(before) == {"acs_wfc_odd_primary", "acs_wfc_odd_sci"}
    rows = database.read(text("SELECT tableoid::regclass::text AS name FROM headers ORDER BY 1"))
    assert [row.name for row in rows] == ["acs_wfc_odd_primary", "acs_wfc_odd_sci"]
    with database.write() as writer:
        writer.execute(text("DELETE FROM headers"))
    assert read_everything(database) == {}


def test_every_table_and_column_says_what_it_holds(database: Database) -> None:
    store(database, encode({**PRIMARY, "BLANK": None}, filename=f"{ROOTNAME}_odd.fits"))
    found = inspect(database.engine)
    assert found.get_table_comment("acs_wfc_odd_primary")["text"].startswith("One row per header")
    comments = {c["name"]: c["comment"] for c in found.get_columns("acs_wfc_odd_primary")}
    assert comments.pop("extver").startswith("EXTVER")
    assert all(comments.pop(name) for name in ("filename", "ext", "rootname"))
    assert comments == {
        "telescop": "TELESCOP", "targname": "TARGNAME", "exptime": "EXPTIME",
        "date_obs": "DATE-OBS", "blank": "BLANK, undefined in all headers so far",
    }  # fmt: skip
    assert found.get_pk_constraint("acs_wfc_odd_primary")["constrained_columns"] == [
        "filename", "ext",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "condition",
    [
        "targname LIKE 'NGC%'", "targname = 'NGC 104'", "date_obs LIKE '2015-01-%'",
        "date_obs BETWEEN '2015-01-01' AND '2015-01-31'", "filter1 = 'F606W'", "aperture = 'WFC'",
        "proposid = 12345", "expstart > 56000", "rootname = 'jtest01aq'",
        "filename = 'jtest01aq_odd.fits' AND ext = 0",
    ],
)  # fmt: skip
def test_what_people_filter_by_has_an_index(database: Database, condition: str) -> None:
    more = {"FILTER1": "F606W", "APERTURE": "WFC", "PROPOSID": 12345, "EXPSTART": 56000.5}
    store(database, encode({**PRIMARY, **more}, filename=f"{ROOTNAME}_odd.fits"))
    with database.write() as writer:
        writer.execute(text("SET LOCAL enable_seqscan = off"))
        query = f"EXPLAIN SELECT * FROM acs_wfc_odd_primary WHERE {condition}"
        plan = "\n".join(writer.connection.scalars(text(query)))
    assert "Index Scan" in plan
    assert "Index Cond" in plan


def test_an_index_follows_its_column_when_that_is_widened(database: Database) -> None:
    def indexes() -> dict[str, str]:
        rows = database.read(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'acs_wfc_odd_primary'"
            )
        )
        return {row.indexname: row.indexdef for row in rows}

    name = f"{ROOTNAME}_odd.fits"
    store(database, encode({"EXPSTART": 56000, "TARGNAME": None}, filename=name))
    assert indexes()["acs_wfc_odd_primary_expstart_idx"].endswith("(expstart)")
    store(database, encode({"EXPSTART": 56000.5, "TARGNAME": "X"}, filename=name))
    assert indexes()["acs_wfc_odd_primary_expstart_idx"].endswith("(expstart)")
    others = [f"jtest{number}aq" for number in range(10, 30)]
    values = {"EXPSTART": "never", "TARGNAME": 5}
    store(database, *(encode(values, filename=f"{o}_odd.fits", rootname=o) for o in others))
    found = indexes()
    assert found["acs_wfc_odd_primary_expstart_idx"].endswith("(expstart)")
    definition = found["acs_wfc_odd_primary_targname_like_idx"]
    assert definition.endswith("(targname text_pattern_ops)")
    store(database, rootnames=[ROOTNAME, *others[10:]])  # what is left are strangers
    found = indexes()
    assert found["acs_wfc_odd_primary_expstart_idx"].endswith("(expstart)")
    assert found["acs_wfc_odd_primary_targname_idx"].endswith("(targname)")
    assert "acs_wfc_odd_primary_targname_like_idx" not in found
    assert {"expstart", "targname"} <= INDEXED


def test_a_batch_costs_as_many_statements_with_a_hundred_keys_as_with_one(
    database: Database,
) -> None:
    def count(rootnames: list[str]) -> int:
        files = [encode_file(name) for name in rootnames]
        before = database.statements
        store(database, *files)
        return database.statements - before

    count([ROOTNAME])
    assert count([f"jtest{i:03}q" for i in range(100)]) == count([ROOTNAME]) < 20
