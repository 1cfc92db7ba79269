"""The schema quicklook, the query of the poster, and every query of the documentation."""

import re

import pytest
from sqlalchemy import inspect, text

from builders.header_rows import add_exposure, add_header, ask
from builders.places import PROJECT
from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.postgres.database import Database

# As printed on the poster, with the condition of the JOIN that MySQL did without.
POSTER = """
SELECT master.rootname,
       uvisflt_0.targname,
       uvisflt_0.exptime,
       uvisflt_0.ra_targ,
       uvisflt_0.dec_targ,
       uvisflt_0.filter
FROM master
JOIN uvisflt_0 USING (rootname)
WHERE uvisflt_0.targname LIKE 'NGC%'
AND uvisflt_0.date_obs > '2015-01-01'
AND uvisflt_0.date_obs < '2015-01-30';
"""
# Some of its answer.
ANSWER = [
    ("icdh02hsq", "NGC3372-TR14-COPY", 510.0, 161.02499390, -59.46694565, "F656N"),
    ("icml08acq", "NGC-5495", 404.0, 213.09738530, -27.10797691, "F336W"),
    ("icml08bxq", "NGC-5495", 280.0, 213.09738530, -27.10797691, "F438W"),
    ("icnk20awq", "NGC5474", 354.0, 211.25375366, 53.66222382, "F547M"),
    ("icnk22urq", "NGC7793-2", 515.0, 359.46343994, -32.58719254, "F657N"),
    ("icnk27m2q", "NGC4485", 354.0, 187.63299561, 41.69272232, "F547M"),
]
OTHERS = [
    ("icnk30aaq", "M51", "2015-01-10", "flt"),
    ("icnk30abq", "NGC4485", "2015-01-30", "flt"),
    ("icnk30acq", "NGC4485", "2015-01-01", "flt"),
    ("icnk30adq", "NGC4485", "2015-01-10", "raw"),
]
PAGE = PROJECT / "docs" / "queries.md"
BLOCKS = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
# Header tables that the page names and no view: they come with the first file of their kind.
COS_TABLES = {
    "cos_nuv_spt_primary": {
        "PROC_TYP": "text", "PROP_TYP": "text", "DGESTAR": "text", "SGESTAR": "text",
        "PSTRTIME": "text",
    },
    "cos_nuv_spt_support": {
        "LQTASCAN": "bigint", "LQTASTEP": "bigint", "LQTACENT": "text", "LQTAFLOR": "bigint",
        "LQTADPOS": "bigint", "LQTAXPOS": "double precision", "LQITIME": "double precision",
    },
    "cos_nuv_spt_snap1": {
        "LOMFSTP": "double precision", "LAPXLVDT": "bigint", "LAPDLVDT": "bigint",
        "LOM1POSC": "bigint", "LOM2POSC": "bigint", "LDCAMPAT": "double precision",
        "LDCAMPBT": "double precision", "LMMCETMP": "double precision",
    },
}  # fmt: skip


def add_uvis(database: Database, rootname: str, filetype: str, **keywords: object) -> None:
    add_exposure(database, rootname, "UVIS", filetype)
    named = {
        name.upper().replace("DATE_OBS", "DATE-OBS"): value for name, value in keywords.items()
    }
    filename = f"{rootname}_{filetype}.fits"
    add_header(database, f"wfc3_uvis_{filetype}_primary", filename, 0, named)


@pytest.fixture
def filled(database: Database) -> Database:
    for rootname, target, exptime, ra, dec, name in ANSWER:
        add_uvis(
            database, rootname, "flt", targname=target, date_obs="2015-01-10", exptime=exptime,
            ra_targ=ra, dec_targ=dec, filter=name,
        )  # fmt: skip
    for rootname, target, date, filetype in OTHERS:
        add_uvis(database, rootname, filetype, targname=target, date_obs=date, exptime=1.0)
    return database


def test_the_query_of_the_poster_gives_the_answer_of_the_poster(filled: Database) -> None:
    with filled.engine.connect() as connection:
        connection.execute(text("SET search_path TO quicklook"))
        rows = connection.exec_driver_sql(
            POSTER, execution_options={"no_parameters": True}
        ).fetchall()
        connection.execute(text("RESET search_path"))
    assert sorted(tuple(row) for row in rows) == ANSWER


def test_wfc3_has_its_old_names_before_any_file_was_seen(database: Database) -> None:
    names = {*inspect(database.engine).get_view_names("quicklook")}
    assert {
        "master",
        "uvisflt_0",
        "uvisflc_6",
        "uvisdrc_3",
        "irflt_5",
        "irima_5",
        "irspt_1",
    } <= names
    assert len(names) == 107 + 3
    counts = " + ".join(f"(SELECT count(*) FROM quicklook.{name})" for name in sorted(names))
    assert ask(database, f"SELECT {counts}") == [(0,)]


def test_master_has_wfc3_alone(filled: Database) -> None:
    add_exposure(filled, "jbz504ejq", "SBC", "raw")
    assert len(ask(filled, "SELECT * FROM quicklook.master")) == len(ANSWER) + len(OTHERS)
    assert ask(filled, "SELECT flt, ima FROM quicklook.datasets WHERE rootname = 'icml08acq'") == [
        ("icml08acq_flt.fits", None)
    ]


def test_the_reads_of_a_ramp_stand_in_one_table_and_the_last_in_the_views(
    database: Database,
) -> None:
    for ext, number in ((1, 3), (6, 2), (11, 1)):
        keywords = {"SAMPNUM": number}
        add_header(database, "wfc3_ir_ima_sci", "ibxy01z8q_ima.fits", ext, keywords)
    assert ask(database, "SELECT sampnum FROM quicklook.irima_1") == [(3,)]
    assert ask(database, "SELECT sampnum FROM wfc3_ir_ima_sci ORDER BY ext") == [(3,), (2,), (1,)]


@pytest.fixture
def documented(filled: Database) -> Database:
    with filled.write() as writer:
        ensure_tables(writer.connection, COS_TABLES)
    return filled


def test_every_query_of_the_documentation_runs(documented: Database) -> None:
    assert len(BLOCKS) > 30
    for block in BLOCKS:
        assert documented.query_read_only(block).columns, block


def test_the_query_of_the_poster_is_in_the_documentation(documented: Database) -> None:
    (block,) = (block for block in BLOCKS if "quicklook.uvisflt_0" in block)
    unqualified = block.replace("quicklook.", "").split()
    assert unqualified == POSTER.replace(";", "").split()
    assert sorted(documented.query_read_only(block).rows) == ANSWER
