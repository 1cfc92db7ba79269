"""The schema acsql: its 112 tables as views over the tables of hstql."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, inspect, text

from builders.databases import USUAL_RIGHTS, open_for
from builders.header_rows import NEXT_DAY, add_exposure, add_header, ask, change, oid
from hstql_resources import tables
from hstql_resources.header_tables.names import column_name, table_name
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.tables.old_systems.making import make_views
from hstql_resources.tables.old_systems.usual_keywords import usual_tables
from hstql_resources.tables.views import HEADER_VIEWS, VIEWS

# By detector and file type, the number of HDUs that acsql had tables of.
HDUS = {
    "wfc": {"raw": 7, "flt": 7, "flc": 7, "crj": 7, "crc": 7, "drz": 4, "drc": 4, "spt": 2,
            "asn": 2, "jif": 7, "jit": 7},
    "hrc": {"raw": 4, "flt": 4, "crj": 4, "drz": 4, "spt": 2, "asn": 2, "jif": 3, "jit": 3},
    "sbc": {"raw": 4, "flt": 4, "drz": 4, "spt": 2, "asn": 2, "jif": 3, "jit": 3},
}  # fmt: skip
OTHERS = ("datasets", "drizzle_data", "master")
FLT = "jbz504ejq_flt.fits"


def test_the_109_header_tables_are_there_before_any_file_was_seen(database: Database) -> None:
    names = {
        f"{detector}_{filetype}_{ext}"
        for detector, filetypes in HDUS.items()
        for filetype, count in filetypes.items()
        for ext in range(count)
    }
    assert len(names) == 109
    assert {*inspect(database.engine).get_view_names("acsql")} == names | {*OTHERS}
    counts = " + ".join(f"(SELECT count(*) FROM acsql.{name})" for name in sorted(names))
    assert ask(database, f"SELECT {counts}") == [(0,)]


def test_a_query_of_what_was_never_seen_gives_no_rows(database: Database) -> None:
    shown = {view.name: view for view in HEADER_VIEWS if view.schema == "acsql"}
    usual = usual_tables()
    for name, view in shown.items():
        keywords = sorted({word for table in view.tables for word in usual.get(table, ())})
        assert keywords, name
        columns = ", ".join(f"{column_name(keyword)}" for keyword in keywords)
        assert ask(database, f"SELECT {columns} FROM acsql.{name}") == []
    assert sum(len(usual[view.tables[-1]]) for view in shown.values()) > 9000


def test_a_blank_keyword_is_null_as_a_missing_one_and_stands_in_the_header_table(
    database: Database,
) -> None:
    values = {"FLASHSTA": "", "SHUTRPOS": "A", "EXPTIME": 5.5}
    add_header(database, "acs_wfc_flt_primary", FLT, 0, values)
    shown = "flashsta, shutrpos, shadfile, exptime"
    assert ask(database, f"SELECT {shown} FROM acsql.wfc_flt_0") == [(None, "A", None, 5.5)]
    assert ask(database, f"SELECT {shown} FROM acs_wfc_flt_primary") == [("", "A", None, 5.5)]


def test_every_view_begins_with_the_names(database: Database) -> None:
    for view in HEADER_VIEWS:
        answer = database.query_read_only(f"SELECT * FROM {view.schema}.{view.name}")
        assert answer.columns[:4] == ("rootname", "rootname8", "filename", "extver"), view
        assert "ext" not in answer.columns


def test_the_views_show_the_tables_that_headers_go_to() -> None:
    for view in HEADER_VIEWS:
        for table in view.tables:
            instrument, detector, filetype, extname = table.split("_")
            assert table_name(instrument, detector, filetype, extname, view.ext) == table


def test_a_view_has_the_rows_of_one_hdu_number(database: Database) -> None:
    for ext, mean in ((1, 14.5), (4, 15.5)):
        add_header(database, "acs_wfc_flt_sci", FLT, ext, {"GOODMEAN": mean, "NEWKEY": "x"})
    columns = "rootname, rootname8, filename, goodmean, newkey"
    names = ("jbz504ejq", "jbz504ej", FLT)
    assert ask(database, f"SELECT {columns} FROM acsql.wfc_flt_1") == [(*names, 14.5, "x")]
    assert ask(database, f"SELECT {columns} FROM acsql.wfc_flt_4") == [(*names, 15.5, "x")]
    assert ask(database, "SELECT * FROM acsql.wfc_flt_2") == []


def test_a_table_that_is_new_fills_its_view(database: Database) -> None:
    before = oid(database, "acsql.wfc_crc_6")
    add_header(database, "acs_wfc_crc_dq", "jbz504ejq_crc.fits", 6, {"BUNIT": "UNITLESS"})
    assert ask(database, "SELECT rootname8, bunit FROM acsql.wfc_crc_6") == [
        ("jbz504ej", "UNITLESS")
    ]
    assert oid(database, "acsql.wfc_crc_6") == before


def test_jif_extensions_are_found_under_either_name(database: Database) -> None:
    table = "acs_sbc_jif_{}"
    add_header(database, table.format("jit"), "jbz504ejj_jif.fits", 1, {"V2_RMS": 3.5, "GSA": 1})
    assert ask(database, "SELECT v2_rms, gsa FROM acsql.sbc_jif_1") == [(3.5, 1)]
    add_header(database, table.format("jif"), "jbz504ekj_jif.fits", 1, {"GSA": "x", "V3_RMS": 4.5})
    assert ask(database, "SELECT v2_rms, gsa, v3_rms FROM acsql.sbc_jif_1 ORDER BY 1") == [
        (3.5, "1", None),
        (None, "x", 4.5),
    ]


def test_values_of_two_kinds_read_in_a_view_as_they_do_in_a_widened_column(
    database: Database,
) -> None:
    values = {"GSFLAG": True, "V2_RMS": 2.0, "WIDE": 1e15}
    add_header(database, "acs_sbc_jif_jit", "jbz504ejj_jif.fits", 1, values)
    others = {"GSFLAG": "x", "V2_RMS": "x", "WIDE": "x"}
    add_header(database, "acs_sbc_jif_jif", "jbz504ekj_jif.fits", 1, others)
    query = "SELECT gsflag, v2_rms, wide FROM acsql.sbc_jif_1 ORDER BY rootname"
    assert ask(database, query) == [("T", "2.0", repr(1e15)), ("x", "x", "x")]


def test_master_and_datasets_say_what_there_is(database: Database) -> None:
    add_exposure(database, "jbz504ejq", "SBC", "raw", "flt", "spt", "jit")
    add_exposure(database, "jbz504010", "SBC", "asn")
    add_exposure(database, "icnk27m2q", "UVIS", "flt")
    change(
        database,
        "INSERT INTO proposals (proposal_id, proposal_type, source, ingest_date) "
        "VALUES (13012, 'SNAP', 'archive', now())",
    )
    master = ask(database, "SELECT * FROM acsql.master ORDER BY rootname")
    path = "/archive/jbz5/jbz504"
    assert master == [
        ("jbz504010", "jbz50401", f"{path}010", NEXT_DAY, NEXT_DAY, "SBC", "SNAP"),
        ("jbz504ejq", "jbz504ej", f"{path}ejq", NEXT_DAY, NEXT_DAY, "SBC", "SNAP"),
    ]
    rows = ask(
        database,
        "SELECT raw, flt, flc, spt, jit, asn FROM acsql.master JOIN acsql.datasets USING (rootname)"
        " ORDER BY rootname",
    )
    names = [f"jbz504ejq_{kind}.fits" for kind in ("raw", "flt", "spt", "jit")]
    assert rows == [
        (None, None, None, None, None, "jbz504010_asn.fits"),
        (names[0], names[1], None, names[2], names[3], None),
    ]


def test_drizzle_data_has_a_row_for_each_input(database: Database) -> None:
    row = {"filename": "jbz504010_drz.fits", "ext": 0, "rootname": "jbz504010", "pixf": 1.0}
    inputs = {1: "jbz504ejq_flt.fits[sci,1]", 2: "jbz504elq_flt.fits[sci,1]"}
    with database.write() as writer:
        for index, data in inputs.items():
            writer.upsert(tables.DrizzleData, [{**row, "drizzle_index": index, "data": data}])
    query = "SELECT rootname8, drizzle_index, data, pixf FROM {}.drizzle_data ORDER BY 2"
    assert ask(database, query.format("acsql")) == [
        ("jbz50401", index, data, 1.0) for index, data in inputs.items()
    ]
    assert ask(database, query.format("quicklook")) == []


def test_every_view_and_every_column_of_fixed_shape_says_what_it_is(database: Database) -> None:
    inspector = inspect(database.engine)
    silent = []
    for view in VIEWS:
        schema, name = view.split(".")
        assert inspector.get_table_comment(name, schema)["text"].startswith("One row per ")
        columns = inspector.get_columns(name, schema)
        silent += [(view, column["name"]) for column in columns if not column["comment"]]
    absent = {table for view in HEADER_VIEWS for table in view.tables} - {
        *inspector.get_table_names()
    }
    placeholders = {f"{v.schema}.{v.name}" for v in HEADER_VIEWS if absent.issuperset(v.tables)}
    assert [(view, column) for view, column in silent if view not in placeholders] == []


def test_a_new_column_says_which_keyword_it_holds(database: Database) -> None:
    add_header(database, "acs_wfc_flt_sci", FLT, 1, {"D2IM1.AXIS.1": 1.5})
    columns = inspect(database.engine).get_columns("wfc_flt_4", "acsql")
    comments = {column["name"]: column["comment"] for column in columns}
    assert comments["d2im1_axis_1"] == "D2IM1.AXIS.1"
    assert comments["rootname8"] == "First eight characters of the rootname"


def test_the_list_of_views_knows_the_tables_that_they_show(database: Database) -> None:
    usage = (
        "SELECT view_schema || '.' || view_name, table_name "
        "FROM information_schema.view_table_usage WHERE view_schema IN ('acsql', 'quicklook')"
    )
    shown = {tuple(row) for row in database.read(text(usage))}
    present = {*inspect(database.engine).get_table_names()}
    assert shown == {
        (view, table)
        for view, names in VIEWS.items()
        for table in names
        if table in present and view.startswith(("acsql.", "quicklook."))
    }


def test_the_views_can_be_dropped_and_made_again_around_a_change(database: Database) -> None:
    add_header(database, "acs_wfc_flt_sci", FLT, 4, {"GOODMEAN": 15.5})
    with database.write() as writer:
        writer.execute(text("DROP SCHEMA acsql, quicklook, cosmo CASCADE"))
        schemas = inspect(writer.connection).get_schema_names()
        assert schemas == ["hstlc", "information_schema", "ivoa", "public"]
        make_views(writer.connection)
    assert ask(database, "SELECT goodmean FROM acsql.wfc_flt_4") == [(15.5,)]


@pytest.fixture
def make_user(superuser_url: str) -> Iterator[Callable[..., str]]:
    """Return a function that makes a user of an empty database and returns the address for it."""
    superuser = create_engine(superuser_url)
    names = []

    def make(name: str, *rights: str) -> str:
        names.append(name)
        with superuser.begin() as connection:
            connection.execute(text(f"CREATE ROLE {name} LOGIN"))
            for right in (*USUAL_RIGHTS, *rights):
                connection.execute(text(right.format(name)))
        return f"{superuser_url}&options=-crole%3D{name}"

    yield make
    with superuser.begin() as connection:
        for name in names:
            connection.execute(text(f"DROP OWNED BY {name} CASCADE"))
            connection.execute(text(f"DROP ROLE {name}"))
    superuser.dispose()


OWN_SCHEMAS = [f"CREATE SCHEMA {name} AUTHORIZATION {{}}" for name in ("hstlc", "acsql")]


def test_without_the_right_to_make_a_schema_the_user_learns_what_to_ask_for(
    make_user: Callable[..., str],
) -> None:
    database = Database(make_user("frugal", *OWN_SCHEMAS))
    with pytest.raises(DatabaseError, match="CREATE SCHEMA quicklook AUTHORIZATION") as refusal:
        database.migrate()
    database.dispose()
    assert str(refusal.value).startswith("The database user frugal may not make the schema")


@pytest.mark.full
def test_schemas_that_somebody_else_made_are_enough(make_user: Callable[..., str]) -> None:
    others = [f"CREATE SCHEMA {name} AUTHORIZATION {{}}" for name in ("quicklook", "cosmo", "ivoa")]
    database = open_for(make_user("lowly", *OWN_SCHEMAS, *others))
    database.migrate()
    add_header(database, "acs_wfc_flt_sci", FLT, 1, {"NCOMBINE": 1.5})
    assert ask(database, "SELECT ncombine FROM acsql.wfc_flt_1") == [(1.5,)]
    database.dispose()
