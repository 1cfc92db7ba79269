"""TAP and cone search: what pyvo asks, what ObsCore has to be, and who learns what by it."""

import io
import re
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import pyvo
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse, validate
from astropy.table import Table
from sqlalchemy import text

from builders.served_site import serve
from builders.site_rows import ALL, EXPOSURES, HIDDEN, MEMBER, OPEN, SECRET, Station
from hstql_resources import tables
from hstql_resources.sky_index import index_place
from hstql_resources.tables import obscore
from hstql_web.tap import schema
from hstql_web.tap.adql import AdqlError, translate

# Table 1 of ObsCore 1.1: what each row must have.
NOT_NULL = ("calib_level", "obs_collection", "obs_id", "obs_publisher_did")
PRODUCT_TYPES = {
    "image", "cube", "spectrum", "sed", "timeseries", "visibility", "event", "measurements", "",
}  # fmt: skip
MANDATORY = {
    "dataproduct_type": ("char", None), "calib_level": ("int", None),
    "obs_collection": ("char", None), "obs_id": ("char", None), "obs_publisher_did": ("char", None),
    "access_url": ("char", None), "access_format": ("char", None),
    "access_estsize": ("int", "kbyte"), "target_name": ("char", None), "s_ra": ("double", "deg"),
    "s_dec": ("double", "deg"), "s_fov": ("double", "deg"), "s_region": ("char", None),
    "s_xel1": ("int", None), "s_xel2": ("int", None), "s_resolution": ("double", "arcsec"),
    "t_min": ("double", "d"), "t_max": ("double", "d"), "t_exptime": ("double", "s"),
    "t_resolution": ("double", "s"), "t_xel": ("int", None), "em_min": ("double", "m"),
    "em_max": ("double", "m"), "em_res_power": ("double", None), "em_xel": ("int", None),
    "o_ucd": ("char", None), "pol_states": ("char", None), "pol_xel": ("int", None),
    "facility_name": ("char", None), "instrument_name": ("char", None),
}  # fmt: skip
CLASSES = {"unicodeChar": "char", "long": "int", "double": "double"}
WHERE = {"jpub01a1q": (10.0, 20.0), "jsec01a1q": (10.0, 20.0), "ipub01a1q": (10.02, 20.0),
         "lpub01a1q": (359.999, -89.9), "jpub01a2q": (0.0, 20.0)}  # fmt: skip
ALL_ROWS = "SELECT * FROM ivoa.obscore"


@pytest.fixture(scope="module", autouse=True)
def places(station: Station) -> None:
    """Give exposures places on the sky, and one of them a lightcurve and a spectrum."""
    with station.database.write() as writer:
        for name, (ra, dec) in WHERE.items():
            values = {"ra_deg": ra, "dec_deg": dec, "sky_cell": index_place(ra, dec)}
            writer.update(tables.Observation, [{"rootname": name, **values}])
        for name in ("lpub01a1q", "lsec01a1q"):
            path = station.home / f"{name}_curve.fits"
            path.write_bytes(b"curve")
            statement = text(
                "INSERT INTO lightcurves (rootname, target, path, bin_s, bins, gross_counts, "
                "is_flux_calibrated, exposure_s, wave_min, wave_max, ingest_date) "
                "VALUES (:name, 'x', :path, 2, 50, 9, true, 100, 1150, 1450, now())"
            )
            writer.execute(statement.bindparams(name=name, path=str(path)))


def ask(station: Station, query: str, person: str = "rea", **sent: object) -> Any:
    return station.client(person).post("/tap/sync", data={"QUERY": query, **sent})


def read(answer: Any) -> Table:
    assert answer.status_code == 200, answer.text
    with warnings.catch_warnings(action="ignore"):
        return Table.read(io.BytesIO(answer.content), format="votable")


def names(answer: Any) -> set[str]:
    return set(read(answer)["obs_id"].tolist())


def status(answer: Any) -> tuple[str, str]:
    """Return the last state that a VOTable tells of its question, and the sentence with it."""
    infos = parse(io.BytesIO(answer.content)).resources[0].infos
    info = [one for one in infos if one.name == "QUERY_STATUS"][-1]
    return info.value, info.content or ""


def test_obscore_keeps_its_rules(station: Station) -> None:
    answer = ask(station, ALL_ROWS, ALL)
    assert answer.status_code == 200, answer.text
    said = io.StringIO()
    assert validate(io.BytesIO(answer.content), said), said.getvalue()
    fields = {one.name: one for one in parse(io.BytesIO(answer.content)).get_first_table().fields}
    for name, (kind, unit) in MANDATORY.items():
        assert CLASSES[fields[name].datatype] == kind, name
        assert str(fields[name].unit or "") == (unit or ""), name
        assert fields[name].ucd, name
        assert fields[name].utype.startswith("obscore:"), name
    assert fields["s_ra"].utype.endswith("Position2D.Value2.C1")
    table = read(answer)
    assert len(table) == len(EXPOSURES) + 2
    for name in NOT_NULL:
        assert all(str(one) not in ("", "--") for one in table[name]), name
    assert set(table["dataproduct_type"]) <= PRODUCT_TYPES
    assert set(table["calib_level"]) <= {0, 1, 2, 3, 4}
    assert len(set(table["obs_publisher_did"])) == len(table)
    assert all(one.startswith("ivo://") for one in table["obs_publisher_did"])
    assert all(one.startswith("http://127.0.0.1/") for one in table["access_url"])
    curve = table[table["dataproduct_type"] == "timeseries"][0]
    assert (curve["t_resolution"], curve["t_xel"]) == (2, 50)
    assert curve["em_min"] == pytest.approx(1150e-10)


def test_each_person_finds_what_they_may_see(station: Station) -> None:
    everything, open_ones = set(EXPOSURES), set(OPEN)
    assert names(ask(station, ALL_ROWS)) == open_ones
    assert names(ask(station, ALL_ROWS, MEMBER)) == everything - {"jund01a1q"}
    assert names(ask(station, ALL_ROWS, ALL)) == everything
    assert ask(station, ALL_ROWS, "nobody").status_code == 403
    assert names(station.local().get("/tap/sync", params={"query": ALL_ROWS})) == everything


CLOSED = "obs_id = 'jsec01a1q'"
CIRCLE = "CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 10, 20, 0.01))"
ATTACKS = (
    f"SELECT count(*) AS n, max(target_name) AS m FROM ivoa.obscore WHERE {CLOSED}",
    f"SELECT a.target_name AS n FROM ivoa.obscore AS a JOIN ivoa.obscore AS b ON a.s_ra = b.s_ra "
    f"WHERE a.{CLOSED}",
    "SELECT n FROM (SELECT target_name AS n FROM ivoa.obscore WHERE obs_id IN "
    f"(SELECT obs_id FROM ivoa.obscore WHERE {CLOSED})) AS one",
    "SELECT obs_id AS n FROM ivoa.obscore WHERE EXISTS "
    f"(SELECT * FROM ivoa.obscore WHERE {CLOSED})",
    f"SELECT obs_id AS n FROM ivoa.obscore WHERE 1 / (t_exptime - 105) > 0 AND {CLOSED}",
    f"SELECT obs_id AS n FROM ivoa.obscore WHERE 1 = {CIRCLE} AND {CLOSED} UNION "
    f"SELECT obs_id FROM ivoa.obscore WHERE {CLOSED}",
)  # fmt: skip
REFUSED = (
    "SELECT set_config('hstql.is_local', 'yes', false) FROM ivoa.obscore",
    "SELECT pg_catalog.set_config('hstql.is_local', 'yes', false) FROM ivoa.obscore",
    "SELECT \"set_config\"('hstql.is_local', 'yes', false) FROM ivoa.obscore",
    "SELECT * FROM ivoa.obscore WHERE set_config('hstql.is_local', 'yes', false) = 'yes'",
    "SELECT * FROM observations",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM ivoa.obscore AS a, public.people AS b",
    "SELECT * FROM ivoa.obscore WHERE obs_id IN (SELECT rootname FROM public.files)",
    "SELECT * FROM ivoa.obscore; SET hstql.is_local = 'yes'",
    "SET hstql.is_local = 'yes'",
    "SELECT * FROM ivoa.obscore WHERE obs_id = E'\\'; COMMIT --'",
    "SELECT * INTO x FROM ivoa.obscore",
    "SELECT obs_id::int FROM ivoa.obscore",
    "SELECT * FROM ivoa.obscore -- and more",
    "SELECT * FROM ivoa.obscore WHERE 1 = INTERSECTS(s_region, CIRCLE('ICRS', 1, 2, 3))",
    "SELECT * FROM ivoa.obscore WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), "
    "CIRCLE('ICRS', 1, 200, 3))",
    "",
    "SELECT " + "(" * 500 + "1" + ")" * 500 + " FROM ivoa.obscore",
    "SELECT " + "1" * 200_000,
    "\0",
)  # fmt: skip


@pytest.mark.parametrize("query", ATTACKS)
def test_of_what_is_closed_no_question_tells_anything(station: Station, query: str) -> None:
    """It is answered as if those rows were not there: for an exposure that is none, alike."""
    answer = ask(station, query)
    assert SECRET not in answer.text
    assert not re.search("|".join(HIDDEN), answer.text)
    absent = ask(station, query.replace("jsec01a1q", "jnone1a1q"))
    assert (answer.status_code, answer.text) == (200, absent.text)


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_no_plain_question_is_never_asked(query: str) -> None:
    with pytest.raises(AdqlError) as refusal:
        translate(query)
    assert str(refusal.value).endswith((".", ")."))


def test_a_refusal_is_a_votable(station: Station) -> None:
    for query in (REFUSED[0], "SELECT no_such_column FROM ivoa.obscore", ""):
        answer = ask(station, query, ALL)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/x-votable+xml"
        state, sentence = status(answer)
        assert (state, sentence[-1]) == ("ERROR", ".")
        assert SECRET not in answer.text


def test_texts_are_only_texts(station: Station) -> None:
    for hostile in ("'; COMMIT; --", "ivoa.obscore set_config('a','b',true) 100%s 1e-5"):
        quoted = hostile.replace("'", "''")
        query = f"SELECT obs_id FROM ivoa.obscore WHERE target_name = '{quoted}'"
        assert f"'{quoted}'" in translate(query).sql
        assert len(read(ask(station, query))) == 0


def test_rows_are_limited_and_a_votable_says_so(station: Station) -> None:
    some = ask(station, ALL_ROWS, MAXREC="2")
    assert (len(read(some)), status(some)[0]) == (2, "OVERFLOW")
    none = ask(station, ALL_ROWS, MAXREC="0")
    assert (len(read(none)), status(none)[0]) == (0, "OVERFLOW")
    number = len(read(ask(station, ALL_ROWS)))
    exact = ask(station, ALL_ROWS, MAXREC=str(number))
    assert (len(read(exact)), status(exact)[0]) == (number, "OK")
    assert status(ask(station, ALL_ROWS, MAXREC="-1"))[0] == "ERROR"
    lines = ask(station, ALL_ROWS, FORMAT="csv").text.splitlines()
    assert lines[0].startswith("dataproduct_type,")
    assert len(lines) == number + 1
    for sent in ({"FORMAT": "png"}, {"LANG": "SQL"}, {"REQUEST": "x"}, {"UPLOAD": "a,http://x"}):
        assert status(ask(station, ALL_ROWS, **sent))[0] == "ERROR"


def test_tap_schema_and_vosi_tell_the_same(station: Station) -> None:
    columns = read(ask(station, "SELECT * FROM TAP_SCHEMA.columns"))
    told = station.client().get("/tap/tables").text
    named = re.findall(r"<column><name>(\"?\w+\"?)</name>", told)
    assert columns["column_name"].tolist() == named
    mine = columns[columns["table_name"] == "ivoa.obscore"]
    assert mine["column_name"].tolist() == [one.name for one in obscore.COLUMNS]
    units = dict(zip(mine["column_name"], mine["unit"], strict=True))
    assert (units["t_exptime"], units["em_min"], units["access_estsize"]) == ("s", "m", "kbyte")
    found = read(ask(station, "SELECT table_name FROM tap_schema.tables ORDER BY table_index"))
    assert found["table_name"].tolist() == list(schema.TABLES)
    keys = read(
        ask(station, "SELECT * FROM TAP_SCHEMA.keys JOIN TAP_SCHEMA.key_columns USING (key_id)")
    )
    assert len(keys) == 5
    types = {
        one.name: one.datatype
        for one in parse(
            io.BytesIO(ask(station, 'SELECT "size", indexed FROM TAP_SCHEMA.columns').content)
        )
        .get_first_table()
        .fields
    }
    assert types == {"size": "int", "indexed": "int"}


def test_circles_and_distances_are_exact_wherever_they_are(station: Station) -> None:
    for ra, dec, radius in ((10, 20, 0.01), (360, 20, 1e-5), (120, -90, 0.2), (0, 0, 180)):
        centre = SkyCoord(ra * u.deg, dec * u.deg)
        expected = {
            name for name, (lon, lat) in WHERE.items()
            if name in OPEN and centre.separation(SkyCoord(lon * u.deg, lat * u.deg)).deg <= radius
        }  # fmt: skip
        circle = f"CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', {ra}, {dec}, {radius}))"
        inside = ask(station, f"SELECT obs_id FROM ivoa.obscore WHERE 1 = {circle}")
        assert names(inside) == expected, circle
        outside = ask(station, f"SELECT o.obs_id FROM ivoa.obscore AS o WHERE {circle} = 0")
        assert names(outside) == (set(WHERE) & set(OPEN)) - expected
        cone = station.client("rea").get(f"/tap/cone?RA={ra}&DEC={dec}&SR={radius}")
        assert names(cone) == expected
    query = "SELECT obs_id, DISTANCE(POINT('ICRS', s_ra, s_dec), POINT('ICRS', 10, 21)) AS d " \
            "FROM ivoa.obscore WHERE obs_id = 'jpub01a1q'"  # fmt: skip
    assert read(ask(station, query))["d"][0] == pytest.approx(1, abs=1e-12)
    for bad in ("RA=x&DEC=1&SR=1", "RA=1&DEC=1", "RA=1&DEC=1&SR=-1", "RA=nan&DEC=1&SR=1"):
        assert status(station.client("rea").get(f"/tap/cone?{bad}"))[0] == "ERROR"


def wait_until_over(station: Station, address: str) -> str:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        phase = station.client("rea").get(f"{address}/phase").text
        if phase not in ("PENDING", "QUEUED", "EXECUTING"):
            return phase
    raise TimeoutError(address)


def begin(station: Station, query: str, **sent: str) -> str:
    made = station.client("rea").post(
        "/tap/async", data={"QUERY": query, "LANG": "ADQL", **sent}, follow_redirects=False
    )
    assert made.status_code == 303
    return str(made.headers["location"])


def test_a_job_is_its_persons_alone(station: Station) -> None:
    mine, theirs = station.client("rea"), station.client("tim")
    job = begin(station, ALL_ROWS)
    assert mine.get(f"{job}/phase").text == "PENDING"
    assert mine.get(f"{job}/results/result").status_code == 404
    assert "<uws:phase>PENDING</uws:phase>" in mine.get(job).text
    mine.post(f"{job}/phase", data={"PHASE": "RUN"})
    assert wait_until_over(station, job) == "COMPLETED"
    assert names(mine.get(f"{job}/results/result")) == set(OPEN)
    assert f"{job}/results/result" in mine.get(f"{job}/results").text
    number = job.rpartition("/")[2]
    assert number in mine.get("/tap/async").text
    assert number not in theirs.get("/tap/async").text
    for part in ("", "/phase", "/parameters", "/results", "/results/result", "/error", "/owner"):
        assert theirs.get(job + part).status_code == 404, part
    assert theirs.delete(job, follow_redirects=False).status_code == 404
    assert theirs.post(f"{job}/phase", data={"PHASE": "ABORT"}).status_code == 404
    assert mine.delete(job, follow_redirects=False).status_code == 303
    assert mine.get(job).status_code == 404


def test_a_job_that_cannot_be_says_why(station: Station) -> None:
    mine = station.client("rea")
    job = begin(station, "SELECT * FROM public.people", PHASE="RUN")
    assert wait_until_over(station, job) == "ERROR"
    assert "There is no table public.people" in status(mine.get(f"{job}/error"))[1]
    assert "There is no table public.people" in mine.get(job).text
    other = begin(station, ALL_ROWS)
    mine.post(f"{other}/phase", data={"PHASE": "ABORT"})
    assert mine.get(f"{other}/phase").text == "ABORTED"
    assert mine.get(f"{other}/nothing").status_code == 404


def test_a_page_of_another_site_cannot_send_a_question(station: Station) -> None:
    for path in ("/tap/sync", "/tap/async"):
        answer = station.client("rea").post(
            path, data={"QUERY": ALL_ROWS}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403


@pytest.fixture(scope="module")
def live(station: Station) -> Iterator[str]:
    with serve(station) as address:
        yield address


def test_pyvo_finds_and_downloads(live: str, station: Station) -> None:
    with warnings.catch_warnings(action="ignore"):
        service = pyvo.dal.TAPService(f"{live}/tap")
        assert service.available
        assert service.maxrec == 10_000
        assert set(service.tables.keys()) == set(schema.TABLES)
        query = (
            "SELECT obs_id, access_url FROM ivoa.obscore WHERE instrument_name = 'COS/WFC' AND "
            "t_min BETWEEN 59000 AND 60000 AND dataproduct_type = 'timeseries'"
        )
        found = service.run_sync(query)
        assert set(found["obs_id"]) == {"lpub01a1q", "lsec01a1q"}
        again = service.run_async(query)
        assert set(again["obs_id"]) == {"lpub01a1q", "lsec01a1q"}
        first = next(one for one in found if one["obs_id"] == "lpub01a1q")
        assert service._session.get(first["access_url"]).content == b"curve"
        with pytest.raises(pyvo.dal.DALQueryError, match=r"There is no table public\.people"):
            service.run_sync("SELECT * FROM public.people")
        cone = pyvo.dal.SCSService(f"{live}/tap/cone").search(
            pos=SkyCoord(10 * u.deg, 20 * u.deg), radius=0.03 * u.deg
        )
        assert {one["obs_id"] for one in cone} == {"jpub01a1q", "jsec01a1q", "ipub01a1q"}
        assert cone.getdesc("s_ra").ucd == "pos.eq.ra;meta.main"


def test_a_question_in_sql_has_the_same_rows_with_units_and_where_files_are(
    station: Station,
) -> None:
    answer = station.database.query_read_only("SELECT * FROM ivoa.obscore")
    assert [one.name for one in answer.described] == [one.name for one in obscore.COLUMNS]
    assert [one.about for one in answer.described] == [one.about for one in obscore.COLUMNS]
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    asked = read(ask(station, ALL_ROWS, ALL))
    assert sorted(one["obs_publisher_did"] for one in rows) == sorted(asked["obs_publisher_did"])
    curve = next(one for one in rows if one["obs_publisher_did"].endswith("lpub01a1q_curve.fits"))
    assert curve["access_url"] == f"file://{station.home}/lpub01a1q_curve.fits"
