"""The query form finds what SQL finds, shows no one what is closed to them, and takes any input."""

import re
from functools import cache
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.site_rows import ALL, HEADER_TABLE, MEMBER, OPEN, SECRET, Station
from hstql_resources.site.session import Viewer
from hstql_resources.sky_index import index_place
from hstql_web.queries.keys import Key
from hstql_web.queries.terms import TermError, read_term, split_term

HEADER = f"rootname IN (SELECT rootname FROM {HEADER_TABLE} WHERE {{}})"
# What stands in the address, and the same in SQL of our own.
ASKED = {
    "": "true",
    "instrument=acs&instrument=cos": "instrument IN ('acs', 'cos')",
    "rootname=jpub*": "rootname LIKE 'jpub%'",
    "rootname=?pub01a1q,jpub01a2q": "rootname ~ '^.pub01a1q$' OR rootname = 'jpub01a2q'",
    "exp_time_s=> 103": "exp_time_s > 103",
    "exp_time_s=101..103.5, 107": "exp_time_s BETWEEN 101 AND 103.5 OR exp_time_s = 107",
    "exp_time_s=!= 101..103": "NOT exp_time_s BETWEEN 101 AND 103",
    "exp_time_s=1e2": "exp_time_s = 100",
    "target_name=open*": "target_name LIKE 'open%'",
    "target_name=!= o*n%star, x": "target_name NOT LIKE 'o%n\\%star'",
    "target_name=*n st?r": "target_name LIKE '%n st_r'",
    "target_name=*n%star, ?\\\\, open st*": "target_name LIKE 'open st%'",
    "target_name=ope?*star, oz*, zÿ*": "target_name LIKE 'ope_%star'",
    "target_name=!= open*, secret*": "target_name NOT LIKE 'open%'",
    "target_name=open star": "target_name = 'open star'",
    "is_subarray=no": "NOT is_subarray",
    "cone=10 20 3600": "abs(ra_deg - 10) < 0.5",
    "cone=0:40:00 +20:00:00 3600": "abs(ra_deg - 10) < 0.5",
    "begin=2020-05-31&end=2020-06-02": "exp_start_mjd >= 59000 AND exp_start_mjd < 59003",
    f"where={HEADER_TABLE}.exptime >= 5": HEADER.format("exptime >= 5"),
    f"where={HEADER_TABLE}.targname = op*, x": HEADER.format("targname LIKE 'op%'"),
    f"where={HEADER_TABLE}.targname = *pe*, x": HEADER.format("targname LIKE '%pe%'"),
    f"where={HEADER_TABLE}.targname = *pe*&where={HEADER_TABLE}.ext = 2": "false",
    "where=bad_data.reason = *n reason": "target_name = 'open star'",
    f"where={HEADER_TABLE}.ext = 1&where={HEADER_TABLE}.exptime < 5": "false",
    "where=first_ingest_date > 2026-03-01T08:30": "first_ingest_date > '2026-03-01 08:30Z'",
    "where=files.size_bytes = ..6&exp_time_s=<103": "exp_time_s < 103",
    "where=bad_data.reason = open reason": "target_name = 'open star'",
    "where=proposal_id=99999999999999999999": "false",
}  # fmt: skip
ODD = (
    "exp_time_s=nan", "exp_time_s=inf", "exp_time_s=1e999", "exp_time_s=1_0", "exp_time_s=\u0661",
    "exp_time_s=1;DROP TABLE files", "exp_time_s=> 1, 2", "exp_time_s=..", "is_subarray=maybe",
    "where=exp_time_s", "where=observations;--.x = 1", "where=pg_authid.rolpassword = x",
    "where=people.person = ann", "where=rootname = x", "where=files.path = *", "where=x.y.z = 1",
    f"where={HEADER_TABLE}.nothing = 1", f'where={HEADER_TABLE}.ext"--=1', "where=runs.asset = *",
    "where=exp_time_s ! 1", "column=files.path", "column='; SELECT 1", "column=ünï.cöde",
    "cone=1 2", "cone=nan 0 1", "cone=1 91 1", "cone=1 2 -3", "cone=1 2 1e9", "cone=1:2:3:4 5 6",
    "proposal=0", "begin=2026-99-99", "where=first_ingest_date > yesterday", "sort=path",
    "target_name=\x00", "where=exp_time_s > \x07", "target_name=" + "x" * 3000,
    "&".join(f"where=cenwave={n}" for n in range(50)),
    "exp_time_s=" + ",".join(map(str, range(501))),
    "&".join(f"visit={n}" for n in range(600)),
)  # fmt: skip
HARMLESS = (
    "target_name=' OR 1=1 --", "target_name=';DROP TABLE observations;--",
    "target_name=\\' OR true",
    "target_name=%' OR '%'='", "target_name=é☃",
    "target_name=:x %(y)s {z}", f"where={HEADER_TABLE}.targname = ') OR (1=1", "find=%27%22%25_",
    "target_name=<script>alert(1)</script>",
)  # fmt: skip


PLACE = {"ra": 10.0, "dec": 20.1, "cell": index_place(10.0, 20.1)}


@pytest.fixture(scope="module", autouse=True)
def _positions(station: Station) -> None:
    statement = (
        "UPDATE observations SET ra_deg = :ra, dec_deg = :dec, sky_cell = :cell, "
        "is_subarray = false WHERE rootname LIKE '%a1q'"
    )
    with station.database.write() as writer:
        writer.execute(text(statement).bindparams(**PLACE))


@cache
def client(station: Station, person: str = "rea") -> TestClient:
    """Return the browser of a person, who stays: to build the site takes longer than to ask it."""
    return station.client(person)


def rows_of(station: Station, person: str, statement: str) -> list[str]:
    """Return the first column of what a person sees of a statement, as psql would run it."""
    with station.site.open(Viewer(person)) as (connection, _):
        cursor = connection.connection.cursor()
        cursor.execute(statement)
        return [row[0] for row in cursor]


def ask(station: Station, person: str, query: str) -> dict[str, str]:
    answer = client(station, person).get(f"/query/hits?{quote(query, safe='=&')}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("query", ASKED)
def test_the_form_finds_what_sql_finds_and_the_sql_beside_it_too(
    station: Station, query: str
) -> None:
    said = ask(station, MEMBER, query)
    own = f"SELECT rootname FROM observations WHERE {ASKED[query]}"
    expected = set(rows_of(station, MEMBER, own))
    assert said["hits"] == f"{len(expected)} exposure{'s' if len(expected) != 1 else ''}"
    copied = rows_of(station, MEMBER, said["sql"])
    assert set(copied) == expected
    page = client(station, MEMBER).get(f"/exposures?view=table&{quote(query, safe='=&')}").text
    assert re.findall(r'<td><a href="/exposure/(\w+)', page) == copied


@pytest.mark.parametrize("query", ODD)
def test_nonsense_is_told_in_a_sentence(station: Station, query: str) -> None:
    for path in ("/query", "/query/hits", "/exposures"):
        answer = client(station).get(f"{path}?{quote(query, safe='=&')}")
        assert answer.status_code == 422, answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("query", HARMLESS)
def test_sql_and_scripts_are_values_like_others(station: Station, query: str) -> None:
    asked = quote(query, safe="=&")
    page = client(station).get(f"/query?{asked}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert set(rows_of(station, "rea", ask(station, "rea", query)["sql"])) in (set(), set(OPEN))
    assert len(rows_of(station, ALL, "SELECT rootname FROM observations")) == 10


def test_what_is_closed_is_in_no_count_list_or_column(station: Station) -> None:
    query = f"where={HEADER_TABLE}.exptime = 10&column={HEADER_TABLE}.targname&column=files.origin"
    assert ask(station, "rea", query)["hits"] == f"{len(OPEN)} exposures"
    assert ask(station, ALL, query)["hits"] == "10 exposures"
    assert (
        ask(station, "rea", f"where={HEADER_TABLE}.targname = {SECRET}*")["hits"] == "0 exposures"
    )
    address = f"/exposures?view=table&{quote(query, safe='=&')}"
    assert SECRET not in client(station, "rea").get(address).text
    assert f"<td>{SECRET}</td><td>{SECRET}</td>" in client(station, ALL).get(address).text


def test_columns_are_in_the_sql_with_what_the_table_shows(station: Station) -> None:
    sql = ask(station, ALL, f"column={HEADER_TABLE}.exptime&column=is_subarray")["sql"]
    with station.site.open(Viewer(ALL)) as (connection, _):
        cursor = connection.connection.cursor()
        cursor.execute(sql)
        shown = {(row[0], row[-2], row[-1]) for row in cursor}
    assert {("jpub01a1q", "10", False), ("jsec01010", "10", None)} <= shown


def test_an_address_keeps_all_that_was_asked(station: Station) -> None:
    query = (
        f"where={HEADER_TABLE}.exptime >= 5&cone=10 20 3600&exp_time_s=> 1&sort=rootname"
        "&column=files.size_bytes&detector=WFC,HRC"
    )
    page = client(station).get(f"/exposures?{quote(query, safe='=&')}").text
    again = unescape(re.search(r'href="/query\?([^"]+)">Query form', page)[1])
    first, second = (client(station).get(f"/query/hits?{one}").json()
                     for one in (quote(query, safe="=&"), again))  # fmt: skip
    assert first == second
    for hidden in ("where", "cone", "exp_time_s", "column"):
        assert f'<input type="hidden" name="{hidden}"' in page


def test_columns_are_found_by_words_and_only_those_that_may_be_asked(station: Station) -> None:
    found = client(station).get("/query/keys?find=new sci").json()
    assert {one["name"] for one in found} >= {f"{HEADER_TABLE}.targname", f"{HEADER_TABLE}.ext"}
    assert client(station).get("/query/keys?find=pg_ class").json() == []
    assert client(station).get("/query/keys?find=people").json() == []
    assert client(station).get("/query/keys?find=path").json() == []
    page = client(station).get("/query?find=exp_time").text
    assert 'name="column" value="exp_time_s"' in page


def post(station: Station, person: str, path: str, /, **values: str) -> tuple[int, str]:
    browser = client(station, person)
    token = re.search(r'name="token" value="(\w+)"', browser.get("/query").text)[1]
    answer = browser.post(path, data={"token": token, **values})
    return answer.status_code, answer.text


def test_a_query_is_saved_by_name_and_removed_by_its_owner_only(station: Station) -> None:
    address = urlencode({"where": f"{HEADER_TABLE}.exptime > 5", "find": "x", "sort": "rootname"})
    status, page = post(station, "rea", "/query/saved", name="Long <b>ones</b>", address=address)
    assert status == 200
    assert "Long &lt;b&gt;ones" in page
    link = unescape(re.search(r'href="(/exposures\?[^"]+)">Long', page)[1])
    assert "find" not in link
    assert "jpub01a1q" in client(station).get(link).text
    number = re.search(r"/query/saved/(\d+)/remove", page)[1]
    assert "/remove" not in client(station, "flo").get("/query").text
    assert post(station, "flo", f"/query/saved/{number}/remove")[0] == 403
    assert "Long" in client(station, "flo").get("/query").text
    assert "Long" not in post(station, "rea", f"/query/saved/{number}/remove")[1]
    assert post(station, "rea", f"/query/saved/{number}/remove")[0] == 403


def test_what_cannot_be_asked_is_not_saved(station: Station) -> None:
    assert post(station, "rea", "/query/saved", name="x", address="where=nothing = 1")[0] == 422
    assert post(station, "rea", "/query/saved", name=" ")[0] == 422
    assert client(station).post("/query/saved", data={"name": "x"}).status_code == 403


NUMBER = Key("observations", "n", "number", "")


@pytest.mark.parametrize(
    ("written", "sign", "lows"),
    [
        ("5", "=", [5]),
        (">=5e1", ">=", [50.0]),
        ("≠ 1, 2", "!=", [1, 2]),
        ("1..,..2", "=", [1, None]),
    ],
)
def test_conditions_are_read(written: str, sign: str, lows: list[object]) -> None:
    term = read_term(NUMBER, written)
    assert (term.sign, [part.low for part in term.parts]) == (sign, lows)
    assert read_term(NUMBER, split_term(term.text)[1]).parts == term.parts


@pytest.mark.parametrize(
    "written", ["", ">", ", ,", "> 1..2", "< 1, 2", "x", "..", "1e400", "0x10"]
)
def test_conditions_without_sense_are_refused(written: str) -> None:
    with pytest.raises(TermError, match=r" n[ :]"):
        read_term(NUMBER, written)


@pytest.mark.parametrize("form", ["csv", "json", "votable", "fits"])
def test_exports_have_the_columns_that_were_asked_for(station: Station, form: str) -> None:
    query = f"column={HEADER_TABLE}.targname&column=cenwave&where=exp_time_s < 101"
    answer = client(station).get(f"/export/exposures.{form}?{quote(query, safe='=&')}")
    assert answer.status_code == 200
    assert f"{HEADER_TABLE}.targname".encode() in answer.content
    assert b"open" in answer.content
