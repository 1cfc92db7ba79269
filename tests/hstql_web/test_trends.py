"""Trends show the numbers that are in the tables, of what a person may see, and draw by rule."""

import csv
import json
import re
from functools import cache
from urllib.parse import quote

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.site_rows import ALL, EXPOSURES, HEADER_TABLE, HIDDEN, OPEN, SECRET, Station
from hstql_web.queries.keys import Key
from hstql_web.trend_chart import draw_trend

KEYS = [Key("observations", name, kind, "") for name, kind in
        (("exp_start_mjd", "number"), ("exp_time_s", "number"), ("detector", "text"))]  # fmt: skip


@cache
def client(station: Station, person: str) -> TestClient:
    return station.client(person)


def numbers(station: Station, person: str, query: str) -> list[list[str]]:
    answer = client(station, person).get(f"/trends.csv?{quote(query, safe='=&')}")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(answer.text.splitlines()))[1:]


def test_the_numbers_are_those_of_the_tables(station: Station) -> None:
    query = f"x=exp_time_s&y={HEADER_TABLE}.exptime&colour=files.size_bytes"
    found = station.database.read(text(
        f"SELECT rootname, exp_time_s, exptime, size_bytes FROM observations "
        f"JOIN {HEADER_TABLE} USING (rootname) JOIN files USING (rootname)"
    ))  # fmt: skip
    expected = sorted([name, *map(float, values)] for name, *values in found)
    rows = numbers(station, ALL, query)
    assert sorted([name, *map(float, values)] for name, *values in rows) == expected
    assert {row[0] for row in rows} == set(EXPOSURES)
    assert {row[0] for row in numbers(station, ALL, f"{query}&instrument=cos")} == {
        "lpub01a1q", "lsec01a1q"}  # fmt: skip


@pytest.mark.parametrize("colour", ["", "ra_deg", "target_name", f"{HEADER_TABLE}.targname"])
def test_what_is_closed_is_in_no_trend(station: Station, colour: str) -> None:
    query = f"x=exp_time_s&y={HEADER_TABLE}.exptime&colour={colour}"
    assert {row[0] for row in numbers(station, "rea", query)} == set(OPEN)
    page = client(station, "rea").get(f"/trends?{query}").text
    assert not any(word in page for word in (*HIDDEN, SECRET))
    assert "6 points of 6 exposures" in page
    assert "10 points of 10 exposures" in client(station, ALL).get(f"/trends?{query}").text


def test_rows_of_two_tables_of_headers_meet_by_extver(station: Station) -> None:
    with station.database.write() as writer:
        writer.execute(text("CREATE TABLE acs_wfc_new_dq (PRIMARY KEY (filename, ext), dq int) "
                            "INHERITS (headers)"))  # fmt: skip
        for extver in (1, 2):
            writer.execute(text(
                f"INSERT INTO acs_wfc_new_dq SELECT filename, {extver}, rootname, {extver}, "
                f"{extver} FROM {HEADER_TABLE}"
            ))  # fmt: skip
        writer.execute(text("GRANT SELECT ON acs_wfc_new_dq TO hstql_site"))
    try:
        rows = numbers(station, ALL, f"x=acs_wfc_new_dq.dq&y={HEADER_TABLE}.exptime")
        assert [row[1] for row in rows] == ["1.0"] * len(EXPOSURES)
    finally:
        with station.database.write() as writer:
            writer.execute(text("DROP TABLE acs_wfc_new_dq"))


@pytest.mark.parametrize("query", [
    "y=detector", "x=target_name", "y=nothing", "x=people.person", "colour='; DROP TABLE files",
    "y=" + "x" * 300, "x_log=perhaps", "where=exp_time_s > nan", "y=files.path", "y=%00",
])  # fmt: skip
def test_nonsense_is_told(station: Station, query: str) -> None:
    for path in ("/trends", "/trends.csv"):
        if "log" not in query or path == "/trends":
            assert client(station, "rea").get(f"{path}?{query}").status_code == 422


def test_a_chart_has_no_script_but_names_of_functions(station: Station) -> None:
    answer = client(station, ALL).get(
        f"/trends?x={HEADER_TABLE}.exptime&colour=detector&y_log=true"
    )
    figure = json.loads(re.search(r'data-figure="panels">(.*?)</script>', answer.text)[1])
    codes = re.findall(r'"code": "([^"]*)"', json.dumps(figure))
    assert codes
    call = re.compile(r"(return )?hstql\.\w+\([\w., ]+\)")
    assert [code for code in codes if not call.fullmatch(code)] == []
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert client(station, ALL).get("/bokeh/bokeh.min.js").status_code == 200
    assert client(station, ALL).get("/charts/panels.js").status_code == 200


def test_common_texts_have_colours_and_all_others_one() -> None:
    rows = [(f"a{n:08}", 59000.0 + n, 1.0, f"d{n % 12}" if n % 13 else None) for n in range(300)]
    figure = draw_trend(rows, KEYS, (False, False)).figure
    assert "others" in figure
    assert "no value" in figure
    keys = [*KEYS[:2], Key("files", "size_bytes", "number", "")]
    drawn = draw_trend([(*row[:3], float("nan")) for row in rows], keys, (False, True))
    assert "No exposure has a value" in drawn.note
    assert draw_trend([], KEYS, (False, False)).is_empty


def test_what_a_plot_leaves_out_it_says() -> None:
    rows = [(f"a{n:08}", n % 100, n % 7, "x") for n in range(8000)]
    assert "are drawn" in draw_trend(rows, KEYS[:2], (False, False)).note
    assert "no place on the logarithmic axis" in draw_trend(rows, KEYS[:2], (True, False)).note
