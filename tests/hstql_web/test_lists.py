"""Lists: their order, their pages, the way through them, and what other programs get."""

import csv
import io
import json
import warnings
from itertools import pairwise

import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table

from builders.site_rows import EXPOSURES, OPEN, Station
from hstql_resources.site.session import Viewer
from hstql_web.queries.lists import SORTS, Choice, Order, find_neighbours, find_place, read_list

ME = Viewer("owner", is_local=True)
ORDERS = [Order(column, is_last) for column in SORTS for is_last in (True, False)]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_of_a_list_have_every_exposure_once_and_in_order(
    station: Station, order: Order
) -> None:
    with station.site.open(ME) as (connection, _):
        whole = [row.rootname for row in read_list(connection, Choice(), "x", order, 100)]
        paged: list[str] = []
        while True:
            place = find_place(connection, order, paged[-1]) if paged else None
            rows = read_list(connection, Choice(), "x", order, 3, place)
            if not rows:
                break
            paged += [row.rootname for row in rows]
        assert paged == whole
        assert sorted(whole) == sorted(EXPOSURES)
        for one, other in pairwise(whole):
            assert find_neighbours(connection, Choice(), "x", order, one)[1] == other
            assert find_neighbours(connection, Choice(), "x", order, other)[0] == one
        assert find_neighbours(connection, Choice(), "x", order, whole[0])[0] is None


def test_the_address_of_a_list_says_all_of_it(station: Station) -> None:
    client = station.client("rea")
    asked = "instrument=acs&proposal=100&detector=WFC&begin=2020-01-01&sort=rootname&looked="
    page = client.get(f"/exposures?{asked}").text
    assert "2 exposures" in page  # the association has no time
    assert "/exposure/jpub01a1q?instrument=acs&amp;detector=WFC&amp;proposal=100" in page
    names = client.get(f"/export/exposures.ids?{asked}").text.split()
    assert names == ["jpub01a1q", "jpub01a2q"]


def test_what_other_programs_get_is_the_same_in_every_form(station: Station) -> None:
    client = station.client("rea")
    ids = client.get("/export/exposures.ids?sort=rootname").text.split()
    assert ids == sorted(OPEN)
    rows = list(csv.DictReader(io.StringIO(client.get("/export/exposures.csv?sort=rootname").text)))
    assert [row["rootname"] for row in rows] == ids
    told = json.loads(client.get("/export/exposures.json?sort=rootname").text)
    assert [row["rootname"] for row in told] == ids
    assert [row["exp_start_mjd"] for row in told].count(None) == 1
    content = client.get("/export/exposures.votable?sort=rootname").content
    with warnings.catch_warnings(action="ignore"):  # VO has deprecated Angstrom
        table = parse_single_table(io.BytesIO(content))
    assert list(table.array["rootname"]) == ids
    with fits.open(io.BytesIO(client.get("/export/exposures.fits?sort=rootname").content)) as hdus:
        assert list(hdus[1].data["rootname"]) == ids


def test_programs_page_through_a_list(station: Station) -> None:
    client, names = station.client("rea"), []
    address = "/api/v1/exposures?limit=2&sort=-exp_time_s"
    while address:
        page = client.get(address).json()
        names += [one["rootname"] for one in page["exposures"]]
        address = page["next"]
    assert sorted(names) == sorted(OPEN)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("jpub01a1q", "/exposure/jpub01a1q"),
        ("JPUB01A1Q", "/exposure/jpub01a1q"),
        ("jpub", "/exposures?rootname=jpub01010&rootname=jpub01a1q&rootname=jpub01a2q"),
        ("100", "/exposures?proposal=100"),
        ("open-star", "/exposures?target=open-star"),
        ("", "/exposures"),
        ("a\x00b", "/exposures"),
    ],
)
def test_what_is_typed_leads_somewhere(station: Station, typed: str, place: str) -> None:
    answer = station.client("rea").get("/search", params={"q": typed}, follow_redirects=False)
    assert answer.headers["location"] == place


ODD = (
    "proposal=x", "proposal=0", "proposal=99999999999999", "instrument=%00", "sort=path",
    "sort=rootname;drop", "looked=maybe", "begin=yesterday", "behind=../../etc",
    "target=" + "x" * 101, "view=sheet", "behind=jsec01a1q",
    "rootname=" + "&rootname=".join(f"{n:09d}" for n in range(501)),
)  # fmt: skip


@pytest.mark.parametrize("query", ODD)
def test_an_address_that_makes_no_sense_is_refused_in_a_sentence(
    station: Station, query: str
) -> None:
    answer = station.client("rea").get(f"/exposures?{query}")
    assert answer.status_code in (404, 422)
    assert "<h1>Sorry</h1>" in answer.text


@pytest.mark.parametrize("field", ["detector", "visit", "target", "filter", "opt_elem", "anomaly"])
def test_sql_in_a_field_is_a_text_that_nothing_has(station: Station, field: str) -> None:
    for typed in ("' OR '1'='1", "x'); DROP TABLE looks; --", "%", "_", "\\", '"'):
        page = station.client("rea").get("/exposures", params={field: typed})
        assert page.status_code == 200
        assert "0 exposures" in page.text
