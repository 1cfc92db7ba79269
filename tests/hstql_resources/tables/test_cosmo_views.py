"""The schema cosmo: the queries of the first COSMO, and the numbers that link its tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from astropy.time import Time
from sqlalchemy import inspect, text

from builders.cosmo_rows import FILES, MJD, NOW, ROWS, dark, shift
from builders.header_rows import add_header, ask
from builders.made_headers import encode, store
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.tables.old_systems.making import make_views
from hstql_resources.tables.views import VIEWS as ALL_VIEWS

VIEWS = {name: shown for name, shown in ALL_VIEWS.items() if name.startswith("cosmo.")}
# The columns of COSMO's tables in their order, and those of `headers` below.
SHAPE = {
    "files": "id path name rootname",
    "data": "id flux_mean flux_max flux_std wl_min wl_max file_id",
    "lampflash": "id date rootname proposid detector segment opt_elem cenwave fppos lamptab flash "
    "x_shift y_shift filetype cal_date found file_id",
    "stims": "id time rootname abs_time stim1_x stim1_y stim2_x stim2_y counts segment file_id",
    "darks": "id obsname rootname detector date dark ta_dark latitude longitude sun_lat sun_lon "
    "temp file_id",
    "phd": f"id {' '.join(f'pha_{n}' for n in range(32))} file_id",
    "gain": "id x y gain counts std segment dethv expstart file_id",
    "spt": "id rootname proc_typ prop_typ lomfstp lapxlvdt lapdlvdt lom1posc lom2posc lom1posf "
    "lom2posf ldcampat ldcampbt lmmcetmp dominant_gs secondary_gs start_time search_dimensions "
    "search_step_size search_type search_floor lqtadpos lqtaxpos lqitime file_id",
    "acqs": "id rootname obset_id linenum exptype target file_id",
    "flagged": "id mjd segment dethv x y",
    "gain_trends": "id mjd segment dethv x y slope intercept",
}
HEADERS = """
id filetype instrume rootname imagetyp targname ra_targ dec_targ proposid qualcom1 qualcom2 qualcom3
quality opus_ver postarg1 postarg2 cal_ver proctime obstype obsmode exptype detector segment
detecthv life_adj fppos exp_num cenwave propaper apmpos aperxpos aperypos aperture opt_elem shutter
extended obset_id asn_id asn_tab randseed asn_mtyp overflow nevents neventsa neventsb dethvla
dethvlb deventa deventb feventa feventb hvlevela hvlevelb dpixel1a dpixel1b date_obs time_obs
expstart expend exptime numflash ra_aper dec_aper shift1a shift2a shift1b shift2b shift1c shift2c
sp_loc_a sp_loc_b sp_loc_c sp_nom_a sp_nom_b sp_nom_c sp_off_a sp_off_b sp_off_c sp_err_a sp_err_b
sp_err_c dethvl cycle file_id
"""


@pytest.fixture(scope="module")
def filled(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A row or two of everything that the views of fixed tables show; nobody changes it."""
    database = Database(postgres.url("cosmo_filled"))
    database.migrate()
    with database.write() as writer:
        for model, rows in ROWS.items():
            writer.upsert(model, rows)
    add_header(database, "cos_fuv_corrtag_a_primary", "lstim001q_corrtag_a.fits", 0,
               {"SEGMENT": "FUVA"})  # fmt: skip
    yield database
    database.dispose()


def test_there_are_the_twelve_tables_with_their_columns(filled: Database) -> None:
    assert {*inspect(filled.engine).get_view_names("cosmo")} == {*SHAPE, "headers"}
    for view, columns in {**SHAPE, "headers": HEADERS}.items():
        answer = filled.query_read_only(f"SELECT * FROM cosmo.{view}")
        assert answer.columns == tuple(columns.split()), view
        assert bool(answer.rows) is (view != "spt"), view


def test_dark_rates_come_in_decimal_years_and_nothing_is_rounded(filled: Database) -> None:
    rows = ask(
        filled,
        "SELECT date, dark, temp, latitude, longitude FROM cosmo.darks WHERE detector = 'FUVA' "
        "AND concat(temp, latitude, longitude) IS NOT NULL ORDER BY date",
    )
    years = [Time(mjd, format="mjd", scale="utc").decimalyear for mjd in (MJD, 57_387.75)]
    assert [row[0] for row in rows] == pytest.approx(years, rel=1e-14)
    assert [row[1:] for row in rows] == [
        (7.67441302e-7, 24.9, -12.5, 200.25),
        (0.0, None, -12.5, 200.25),
    ]
    (orbit,) = set(ask(filled, "SELECT ta_dark, sun_lat, sun_lon FROM cosmo.darks"))
    assert orbit == (9.59301628e-7, 23.0, 181.0)


def test_new_year_is_a_whole_number_also_after_a_leap_year(database: Database) -> None:
    mjds = [57_388.0, 57_753.999, 57_754.0]  # 2016-01-01, just before 2017-01-01, and that
    with database.write() as writer:
        writer.upsert(tables.DarkRate, [dark(n, mid_mjd=mjd) for n, mjd in enumerate(mjds)])
    dates = [row[0] for row in ask(database, "SELECT date FROM cosmo.darks ORDER BY date")]
    assert dates == pytest.approx([2016.0, 2017.0 - 0.001 / 366.0, 2017.0], rel=1e-13)


def test_lamp_shifts_are_without_fppos_or_null(filled: Database) -> None:
    rows = ask(
        filled,
        "SELECT segment, flash, fppos, x_shift, y_shift, lamptab, found FROM cosmo.lampflash "
        "WHERE x_shift IS NOT NULL AND y_shift IS NOT NULL ORDER BY 1, 2",
    )
    lamp = "23n1744jl_lamp.fits"
    assert rows == [
        ("FUVA", 1, 3, -35.0, 0.25, lamp, True),
        ("FUVB", 1, 3, -35.0, 0.25, lamp, True),
        ("N/A", 1, -1, 313.0, 813.0, None, False),
    ]
    assert ask(filled, "SELECT count(*) FROM cosmo.lampflash WHERE x_shift IS NULL") == [(1,)]


def test_the_date_of_a_lamp_is_that_of_astropy(database: Database) -> None:
    mjds = [50000.0, 55692.66989162, 59214.99999999999, 60310.0000000001]
    rows = [shift("lampflash", "FUVA", n, exp_start_mjd=mjd) for n, mjd in enumerate(mjds)]
    with database.write() as writer:
        writer.upsert(tables.OsmShift, rows)
    dates = [row[0] for row in ask(database, "SELECT cal_date FROM cosmo.lampflash ORDER BY date")]
    assert dates == Time(mjds, format="mjd", scale="utc").iso.tolist()


def test_missing_stims_are_found_as_before(filled: Database) -> None:
    missing = ask(
        filled,
        "SELECT headers.rootname, stims.abs_time FROM cosmo.stims "
        "JOIN cosmo.headers ON stims.rootname = headers.rootname WHERE stims.stim1_x = -999 "
        "OR stims.stim1_y = -999 OR stims.stim2_x = -999 OR stims.stim2_y = -999 ORDER BY 2",
    )
    assert missing == [("lstim001q", pytest.approx(MJD + 120.0 / 86400.0, abs=1e-9))]
    positions = ask(
        filled,
        "SELECT stim1_x, stim2_y, counts, time FROM cosmo.stims "
        "JOIN cosmo.headers ON stims.rootname = headers.rootname WHERE headers.segment = 'FUVA' "
        "AND stims.stim1_x != -999 AND stims.stim1_y != -999",
    )
    assert positions == [(100.25, 200.5, 700.0, 0.0)]
    problems = ask(
        filled,
        "SELECT headers.rootname, stddev_pop(stims.stim1_x) FROM cosmo.stims "
        "JOIN cosmo.headers ON stims.rootname = headers.rootname "
        "GROUP BY stims.file_id, headers.rootname HAVING stddev_pop(stims.stim1_x) > 2",
    )
    assert problems == [("lstim001q", pytest.approx(549.625))]


def test_the_search_for_lost_gain_finds_its_superpixels(filled: Database) -> None:
    assert ask(filled, "SELECT DISTINCT segment, dethv FROM cosmo.gain") == [("FUVA", 163)]
    where = "segment = 'FUVA' AND dethv = '163'"
    found = ask(
        filled,
        f"SELECT DISTINCT x, y FROM cosmo.gain WHERE {where} AND gain <= 3 AND counts >= 30",
    )
    assert found == [(400, 250)]
    history = ask(
        filled,
        f"SELECT gain, counts, std, expstart FROM cosmo.gain WHERE {where} AND x = '400' "
        "AND y = '250' AND expstart > 55197 ORDER BY expstart",
    )
    assert history == [(7.5, 100.0, 2.0, 57100.5), (2.75, 100.0, 2.0, 57300.5)]
    assert ask(filled, f"SELECT mjd, x, y FROM cosmo.flagged WHERE {where}") == [
        (57300.5, 400, 250)
    ]
    (line,) = ask(filled, "SELECT mjd, slope, intercept FROM cosmo.gain_trends")
    assert line == (57500.0, -0.01, 578.0)
    assert line[1] * line[0] + line[2] == pytest.approx(3.0)


def test_only_archived_images_of_the_gain_have_a_file(filled: Database) -> None:
    rows = ask(filled, "SELECT file_id IS NULL, gain FROM cosmo.gain ORDER BY gain")
    assert rows == [(False, 2.75), (True, 7.5), (True, 8.0)]


def test_files_that_a_table_lacks_are_found_by_their_id(filled: Database) -> None:
    query = (
        "SELECT files.path, files.name FROM cosmo.files LEFT JOIN cosmo.{0} "
        "ON files.id = {0}.file_id WHERE {0}.file_id IS NULL AND files.name LIKE '%{1}%'"
    )
    assert {name for _, name in ask(filled, query.format("darks", "_corrtag_a.fits"))} == {
        "lstim001q_corrtag_a.fits", "ld9m10ujq_corrtag_a.fits", "lnone001q_corrtag_a.fits",
    }  # fmt: skip
    for view, ending in (("acqs", "_rawacq.fits"), ("data", "_x1d.fits")):
        assert ask(filled, query.format(view, ending)) == []
    assert ask(
        filled, "SELECT rootname, path, name FROM cosmo.files WHERE name LIKE '%flash%'"
    ) == [("llamp001q", "/archive/llamp001q", "llamp001q_lampflash.fits")]
    assert ask(filled, "SELECT count(*) FROM cosmo.files") == [(len(FILES),)]  # none of STIS


def test_ids_differ_and_join_tables_that_know_the_same_file(filled: Database) -> None:
    for view in ("darks", "lampflash", "stims", "gain"):
        ((rows, ids),) = ask(filled, f"SELECT count(*), count(DISTINCT id) FROM cosmo.{view}")
        assert rows == ids >= 2
    joined = ask(
        filled,
        "SELECT files.name, flux_max, pha_31 FROM cosmo.files "
        "JOIN cosmo.data ON data.file_id = files.id "
        "CROSS JOIN cosmo.phd WHERE phd.file_id <> files.id",
    )
    assert joined == [("ld9m10ujq_x1d.fits", 8e-13, 31)]


def test_acquisitions_keep_their_names(filled: Database) -> None:
    assert ask(filled, "SELECT rootname, obset_id, linenum, exptype, target FROM cosmo.acqs") == [
        ("lacq0001q", "01", "01.003", "ACQ/PEAKD", "GJ-436")
    ]


def add_pair(
    database: Database, prefix: str, filename: str, extname: str, **second: object
) -> None:
    """Write the two headers of a file that an exposure is described from."""
    filetype = filename.split("_", 1)[1]
    add_header(database, f"{prefix}_primary", filename, 0, {"APERTURE": filetype, "CENWAVE": 1291})
    add_header(database, f"{prefix}_{extname}", filename, 1, second)


def test_an_exposure_is_described_from_its_best_file(database: Database) -> None:
    root = "ld9m10ujq"
    add_pair(database, "cos_fuv_rawacq", "lb4l02m2q_rawacq.fits", "acq", EXPTIME=4.8)
    add_pair(database, "cos_nuv_rawacq", "lbhx1epiq_rawacq.fits", "sci", EXPTIME=100.0)
    add_header(database, "cos_nuv_rawacq_sci", "lbhx1epiq_rawacq.fits", 4, {"EXPTIME": 1.0})
    add_pair(database, "cos_fuv_rawtag_a", f"{root}_rawtag_a.fits", "events", EXPTIME=2.0)
    add_pair(database, "cos_fuv_corrtag_b", f"{root}_corrtag_b.fits", "events", EXPTIME=2.5)
    query = "SELECT rootname, aperture, exptime FROM cosmo.headers ORDER BY rootname"
    acquisitions = [("lb4l02m2q", "rawacq.fits", 4.8), ("lbhx1epiq", "rawacq.fits", 100.0)]
    assert ask(database, query) == [*acquisitions, (root, "corrtag_b.fits", 2.5)]
    add_pair(database, "cos_fuv_corrtag_a", f"{root}_corrtag_a.fits", "events", EXPTIME=2.5)
    add_pair(database, "cos_fuv_x1d", f"{root}_x1d.fits", "sci", EXPTIME=3.0)
    assert ask(database, query) == [*acquisitions, (root, "x1d.fits", 3.0)]
    ((identity,),) = ask(database, f"SELECT file_id FROM cosmo.headers WHERE rootname = '{root}'")
    with database.write() as writer:
        writer.upsert(tables.File, [_file_row(f"{root}_x1d.fits")])
    assert ask(database, f"SELECT name FROM cosmo.files WHERE id = {identity}") == [
        (f"{root}_x1d.fits",)
    ]


def _file_row(filename: str) -> dict[str, object]:
    rootname, filetype = filename.removesuffix(".fits").split("_", 1)
    return {
        "filename": filename, "rootname": rootname, "filetype": filetype, "kind": "calibrated",
        "path": str(Path("/archive") / filename), "size_bytes": 1,
        "ingest_date": NOW,
    }  # fmt: skip


def test_the_cycle_is_that_of_the_proposal(database: Database) -> None:
    for name, proposal in (("ld9m10ujq", 14767), ("lnone001q", 1)):
        add_header(database, "cos_fuv_x1d_primary", f"{name}_x1d.fits", 0, {"PROPOSID": proposal})
    known = {"proposal_id": 14767, "cycle": 24, "source": "archive", "ingest_date": NOW}
    with database.write() as writer:
        writer.upsert(tables.Proposal, [known])
    query = "SELECT proposid, cycle FROM cosmo.headers ORDER BY rootname"
    assert ask(database, query) == [(14767, 24), (1, None)]


def test_a_file_without_its_extension_still_describes_its_exposure(database: Database) -> None:
    add_header(database, "cos_fuv_x1d_primary", "ld9m10ujq_x1d.fits", 0, {"FPPOS": 3})
    assert ask(database, "SELECT fppos, exptime FROM cosmo.headers") == [(3, None)]


def test_values_are_exact_to_the_last_bit(database: Database) -> None:
    numbers = [55349.5744981, 0.1 + 0.2, 1e-300, -5187.36, 123456789012345.67]
    for number, value in enumerate(numbers):
        name = f"lbit0{number}01q_x1d.fits"
        add_pair(database, "cos_fuv_x1d", name, "sci", EXPSTART=value, DETHVLA=value)
    rows = ask(database, "SELECT expstart, dethvla FROM cosmo.headers ORDER BY rootname")
    assert rows == [(value, value) for value in numbers]


def test_a_keyword_that_is_a_text_for_once_stops_neither_files_nor_view(
    database: Database,
) -> None:
    add_pair(database, "cos_fuv_x1d", "ld9m10ujq_x1d.fits", "sci", EXPSTART=58108.5)
    header = {"CENWAVE": "N/A", "FPPOS": 2.5, "RA_TARG": 175.25}
    names = {"filename": "lodd0001q_x1d.fits", "rootname": "lodd0001q", "detector": "FUV"}
    store(database, encode(header, {"EXTNAME": "SCI", "EXPSTART": "unknown"}, **names))
    rows = ask(
        database, "SELECT cenwave, fppos, ra_targ, expstart FROM cosmo.headers ORDER BY rootname"
    )
    assert rows == [(1291, None, None, 58108.5), (None, None, 175.25, None)]


def test_support_files_show_three_headers_of_each(database: Database) -> None:
    for detector, name in (("fuv", "lb4l02m2q_spt.fits"), ("nuv", "lbhx1epiq_spt.fits")):
        stars = {"DGESTAR": "N4YJ000260F1", "PSTRTIME": "2011.131:15:58:25"}
        add_header(database, f"cos_{detector}_spt_primary", name, 0, stars)
        for ext in (1, 4):
            support = {"LQTASTEP": 2 * ext, "LQITIME": 30.0}
            add_header(database, f"cos_{detector}_spt_support", name, ext, support)
        add_header(database, f"cos_{detector}_spt_snap1", name, 2, {"LOM1POSC": 51413})
    rows = ask(
        database,
        "SELECT rootname, dominant_gs, start_time, search_step_size, lqitime, lom1posc, ldcampat "
        "FROM cosmo.spt ORDER BY rootname",
    )
    values = ("N4YJ000260F1", "2011.131:15:58:25", 2.0, 30.0, 51413, None)
    assert rows == [("lb4l02m2q", *values), ("lbhx1epiq", *values)]


def test_every_view_and_column_says_what_it_is(filled: Database) -> None:
    inspector = inspect(filled.engine)
    for view in VIEWS:
        name = view.removeprefix("cosmo.")
        assert inspector.get_table_comment(name, "cosmo")["text"].startswith("One row per ")
        comments = {c["name"]: c["comment"] for c in inspector.get_columns(name, "cosmo")}
        assert [column for column, comment in comments.items() if not comment] == [], view


def test_the_list_of_views_knows_the_tables_that_they_show(filled: Database) -> None:
    usage = (
        "SELECT view_schema || '.' || view_name, table_name "
        "FROM information_schema.view_table_usage "
        "WHERE view_schema = 'cosmo' AND table_schema = 'public'"
    )
    shown = {tuple(row) for row in filled.read(text(usage))}
    assert shown == {(view, table) for view, names in VIEWS.items() for table in names}
    assert len(VIEWS) == 12


def test_the_views_can_be_made_around_a_change_of_any_kind(database: Database) -> None:
    """A database with files may have columns of another kind when the schema comes."""
    with database.write() as writer:
        writer.upsert(tables.Acquisition, ROWS[tables.Acquisition])
    add_header(database, "cos_fuv_x1d_primary", "ld9m10ujq_x1d.fits", 0, {"FPPOS": 3})
    with database.write() as writer:
        writer.execute(text("DROP SCHEMA cosmo CASCADE"))
        assert "cosmo" not in inspect(writer.connection).get_schema_names()
        writer.execute(text("ALTER TABLE acquisitions ALTER COLUMN obset_id TYPE varchar(7)"))
        writer.execute(text("ALTER TABLE cos_fuv_x1d_primary ALTER COLUMN fppos TYPE text"))
        writer.execute(text("ALTER TABLE cos_fuv_x1d_primary DROP COLUMN cenwave"))
        make_views(writer.connection)
    assert ask(database, "SELECT obset_id FROM cosmo.acqs") == [("01",)]
    add_header(database, "cos_fuv_x1d_primary", "ld9m10ukq_x1d.fits", 0, {"CENWAVE": 1291})
    assert ask(database, "SELECT fppos, cenwave FROM cosmo.headers ORDER BY rootname") == [
        (3, None), (None, 1291)
    ]  # fmt: skip
