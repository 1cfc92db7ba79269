"""The first page, the page of an exposure and that of a proposal: what they say, and to whom."""

import re
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from builders.curve_files import HOSTILE, Curve, write_curve
from builders.dagster_rows import RUN
from builders.site_rows import ALL, EXPOSURES, MEMBER, NOW, OPEN, Station
from hstql_resources import tables
from hstql_resources.site import remarks as said
from hstql_resources.site.session import Viewer
from hstql_web.inventory import Stock

NAME = "lpub01a1q"
PATIENCE_S = 300


def test_what_was_not_looked_at_is_told_by_person(station: Station) -> None:
    with station.site.open(Viewer("flo"), writes=True) as (connection, _):
        said.look(connection, ["jpub01a1q", "ipub01a1q"], "flo")
    page = station.client("rea").get("/?days=30").text
    open_ones = len(OPEN)
    assert f"flo <strong>{open_ones - 2}</strong>" in page
    assert f"rea <strong>{open_ones}</strong>" in page
    assert "looked=no" in page
    page = station.client(ALL).get("/?days=30").text
    assert f"flo <strong>{len(EXPOSURES) - 2}</strong>" in page


def test_all_there_is_is_counted_for_those_who_see_everything(station: Station) -> None:
    client, end = station.client(ALL), time.monotonic() + PATIENCE_S
    while "Counted at" not in (page := client.get("/").text):  # which waits for a moment itself
        assert time.monotonic() < end
    assert "<td>flt</td>" in page
    assert re.search(r"<td>observations</td><td class=\"number\">10</td>", page)
    assert "ACS exposures" in page
    assert "left of" in page
    assert "What there is" not in station.client("rea").get("/").text


def test_counts_are_made_beside_the_pages_and_not_again_at_once(station: Station) -> None:
    stock, end = Stock(station.open()), time.monotonic() + PATIENCE_S
    while (first := stock.read()) is None:
        assert time.monotonic() < end
    assert {one.filetype: one.files for one in first.types} == {"flt": len(EXPOSURES)}
    assert first.growth is not None
    assert first.growth.rows[-1][1] == [len(EXPOSURES)]
    assert first.exposures["acs"] is not None
    assert first.exposures["acs"].rows[-1][0] == "2020-06"
    counted = {one.name: one for one in first.tables}
    assert counted["observations"].rows == len(EXPOSURES)
    assert counted["observations"].is_exact
    assert first.database_bytes > 0
    assert first.history_bytes > 0
    assert stock.read() is first


def test_each_asset_leads_to_its_run(station: Station) -> None:
    page = station.client(ALL).get("/exposure/jpub01a1q").text
    assert f"/runs/{RUN}" in page
    assert f"/runs/{RUN}" not in station.client("rea").get("/exposure/jpub01a1q").text
    assert f"/runs/{RUN}" not in station.client(ALL).get("/exposure/ipub01a1q").text


def test_an_exposure_leads_to_its_target_and_its_page_in_the_archive(station: Station) -> None:
    assert "/target?target=open-star" in station.client("rea").get("/exposure/jpub01a1q").text
    address = "https://archive.stsci.edu/cgi-bin/mastpreview?mission=hst&amp;dataid=JPUB01A1Q"
    assert address in station.client("rea", archive="mast").get("/exposure/jpub01a1q").text
    assert "mastpreview" not in station.client("rea").get("/exposure/jpub01a1q").text  # simulated


@pytest.fixture
def curve(station: Station, tmp_path: Path) -> Path:
    """The row of a lightcurve whose file is no FITS file, with its picture."""
    path = tmp_path / f"{NAME}_curve.fits"
    path.write_text("nothing")
    picture = station.open().filesystem.lightcurve_plots("open-star", NAME).picture
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(b"PNG")
    row = {
        "rootname": NAME, "target": "open-star", "path": str(path), "bin_s": 1.0, "bins": 10,
        "gross_counts": 5, "is_flux_calibrated": False, "exposure_s": 10.0, "ingest_date": NOW,
    }  # fmt: skip
    with station.database.write() as writer:
        writer.upsert(tables.Lightcurve, [row])
    return path


def test_the_picture_of_a_lightcurve_leads_to_its_plots(station: Station, curve: Path) -> None:
    client = station.client("rea")
    assert (
        f'href="/curve/{NAME}?sort=rootname"' in client.get(f"/exposure/{NAME}?sort=rootname").text
    )
    assert f'href="/lightcurve/{NAME}"' in client.get(f"/exposure/{NAME}").text
    assert client.get(f"/curve/{NAME}/picture").content == b"PNG"
    answer = client.get(f"/curve/{NAME}")
    assert answer.status_code == 404
    assert "cannot be read" in answer.text
    assert str(curve.parent) not in answer.text
    assert client.get("/curve/jpub01a1q").status_code == 404
    assert "/curve/" not in client.get("/exposure/jpub01a1q").text


def test_a_lightcurve_is_drawn_to_be_zoomed(station: Station, curve: Path) -> None:
    write_curve(curve, Curve(dead=(0, 5), target_name=HOSTILE), is_composite=False)
    answer = station.client("rea").get(f"/curve/{NAME}?sort=rootname")
    assert answer.text.count('<script type="application/json" data-figure="panels') == 3
    assert "5 bins without live time are not drawn." in answer.text
    assert f'href="/exposure/{NAME}?sort=rootname"' in answer.text
    assert "alert(1)" not in answer.text
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_a_proposal_says_how_far_it_is(station: Station) -> None:
    page = station.client("rea").get("/proposal/100").text
    assert "open title" in page
    # Observed, released, retrieved; not the association.
    row = '<td class="number"><strong>4</strong></td>'
    assert page.count(row) == 3
    assert "/exposures?proposal=100&amp;visit=01" in page
    assert "get-visit-status" not in page  # simulated
    assert "id=100&amp;" in station.client("rea", archive="mast").get("/proposal/100").text


def test_what_the_archive_lists_and_was_not_retrieved_was_observed(station: Station) -> None:
    row = {"uri": "x", "size_bytes": 1, "access": "public", "listed_at": NOW, "dataset": "x"}
    names = ("jpub02a1q", "jpub02a2q", "jpub02010", "jpux01a1q")
    with station.database.write() as writer:
        writer.upsert(tables.Product, [
            {**row, "filename": f"{name}_raw.fits", "rootname": name, "released_at": released}
            for name, released in zip(names, (NOW, None, NOW, NOW), strict=True)
        ])  # fmt: skip
    try:
        page = station.client(ALL).get("/proposal/100").text
        assert re.search(r"<td>02</td><td></td>(<td class=\"number\">2</td>){2}", page)
        assert "<strong>6</strong>" in page
        assert "<td>02</td>" not in station.client("rea").get("/proposal/100").text
    finally:
        with station.database.write() as writer:
            writer.execute(text("DELETE FROM products WHERE dataset = 'x'"))


def test_a_proposal_shows_what_the_person_may_see_of_it(station: Station) -> None:
    client = station.client("rea")
    assert "<strong>1</strong>" in client.get("/proposal/200").text  # one of three is public
    assert client.get("/proposal/300").status_code == 404
    assert client.get("/proposal/999").status_code == 404
    assert client.get("/api/v1/proposals/300").status_code == 404
    (visit,) = client.get("/api/v1/proposals/200").json()["visits"]
    assert (visit["visit"], visit["observed"], visit["first_mjd"]) == ("01", 1, 59006.0)
    assert "<strong>3</strong>" in station.client(MEMBER).get("/proposal/200").text


def test_a_list_of_a_query_is_gone_through_too(station: Station) -> None:
    query = "exp_time_s=100..101&where=detector+%3D+WFC&sort=rootname"
    page = station.client("rea").get(f"/exposure/jpub01a1q?{query}").text
    following = re.search(r'href="([^"]*)" rel="next" data-key="ArrowRight"', page)
    assert following
    assert following[1].startswith("/exposure/jpub01a2q?")
    page = station.client("rea").get(following[1].replace("&amp;", "&")).text
    assert 'rel="next"' not in page
    assert re.search(r'href="/exposure/jpub01a1q[^"]*" rel="prev" data-key="ArrowLeft"', page)
