"""Lightcurves on the spot: those that `hstql lightcurve` would make, within limits, for one person.

Nothing of the catalogue changes by it.
"""

import csv
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.browser import open_tab
from builders.corrtag_files import Events, Observation
from builders.databases import Databases
from builders.endless_tasks import take_memory, work_for_ever
from builders.served_site import serve
from builders.site_rows import CLOSED, MEMBER, NOW, Station, open_prepared
from builders.site_targets import add_targets
from hstql_assets.lightcurves.extractions.definitions import load_definitions
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources import tables
from hstql_web.lightcurves import jobs
from hstql_web.lightcurves.choices import read_choices

EVENTS = 400
PATIENCE_S = 1500.0
ROW = 420  # within the extraction region
OF_TARGET = {"target": "deep-star", "configuration": "COS FUV G130M 1291 PSA"}
DEFINITIONS = load_definitions()


@pytest.fixture(scope="module")
def station(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """Exposures of a target with event files and spectra, of which one is closed."""
    with open_prepared(databases, tmp_path_factory.mktemp("curves")) as opened:
        add_targets(opened)
        for number, name in enumerate(("ltar01a1q", "ltar01a2q", "ltar01a5q")):
            _add_events(opened, name, 58000.25 + number)
        yield opened


def _add_events(station: Station, name: str, start: float) -> None:
    observation = Observation(station.home / "files", rootname=name, exp_start=start)
    random = np.random.default_rng(1)
    times = np.sort(random.uniform(0, 100, EVENTS))
    events = Events(times, random.integers(2000, 9000, EVENTS), np.full(EVENTS, ROW))
    paths = [observation.corrtag(events), observation.x1d()]
    with station.database.write() as writer:
        writer.upsert(tables.File, [
            {"filename": path.name, "rootname": name, "kind": "calibrated", "path": str(path),
             "filetype": path.name[10:].removesuffix(".fits"), "ingest_date": NOW,
             "size_bytes": path.stat().st_size}
            for path in paths
        ])  # fmt: skip


@pytest.fixture
def people(station: Station, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, TestClient]]:
    """Browsers of a reader and of a member of the closed proposal; what they made is gone after."""
    monkeypatch.setattr(jobs, "MOST_S", PATIENCE_S)  # on a machine with much else to do
    yield {person: station.client(person) for person in ("rea", MEMBER)}
    station.client("rea").app._pages.state.desk.jobs.close()


def post(client: TestClient, **form: str) -> Any:
    page = client.get("/exposure/jpub01a1q").text
    token = re.search(r'name="token" value="(\w+)"', page)
    assert token
    content = {"token": token[1], **form}
    return client.post("/lightcurve/make", data=content, follow_redirects=False)


def make(client: TestClient, **form: str) -> tuple[str, str]:
    """Have a lightcurve made; return its address and its page."""
    answer = post(client, **form)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    end = time.monotonic() + PATIENCE_S
    while "http-equiv" in (page := client.get(address).text):
        assert time.monotonic() < end
        threading.Event().wait(0.05)
    return address, page


@pytest.mark.full
def test_a_person_fills_the_form_and_sees_the_result(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_S", PATIENCE_S)
    with serve(station) as address, open_tab() as tab:
        tab.open_address(f"{address}/lightcurve/ltar01a1q")
        tab.run("document.querySelector('[name=bins]').value = '5'")
        tab.run("document.querySelector('form.choice [name=bins]').form.requestSubmit()")
        tab.wait_until_at(f"{address}/lightcurve/made/")
        tab.wait_for("document.querySelectorAll('.chart').length === 3")
        tab.run("scrollTo(0, document.documentElement.scrollHeight)")
        tab.wait_for("window.Bokeh?.documents.length === 3")  # rate, flux, counts
        assert tab.run("document.querySelector('[name=bins]').value") == "5"
        assert tab.run("document.querySelectorAll('a[download]').length") == 2
        assert tab.run("document.documentElement.scrollWidth > innerWidth") is False
        assert tab.errors == []
        assert [one for one in tab.requests if not one.startswith((address, "data:"))] == []


def test_it_is_what_the_command_makes_and_the_catalogue_stays(
    station: Station, people: dict[str, TestClient], tmp_path: Path
) -> None:
    count = text("SELECT (SELECT count(*) FROM lightcurves), (SELECT count(*) FROM extractions), "
                 "(SELECT max(ingest_date) FROM lightcurves)")  # fmt: skip
    before = station.database.read(count)
    form = {"bins": "5", "waves": "1250..1300", "airglow": "keep"}
    address, page = make(people["rea"], rootname="ltar01a1q", **form)
    folder = station.home / "files"
    settings = ExtractionSettings(
        bin_s=5.0, wave_min=1250.0, wave_max=1300.0, exclude_airglow=False, has_band_flux=True
    )
    x1d = folder / "ltar01a1q_x1d.fits"
    made = make_lightcurve([folder / "ltar01a1q_corrtag_a.fits"], x1d, settings)
    write_lightcurve(made, tmp_path / "curve.fits")
    answer = people["rea"].get(f"{address}/fits")
    assert answer.content == (tmp_path / "curve.fits").read_bytes()
    assert "ltar01a1q_curve.fits" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(people["rea"].get(f"{address}/csv").text.splitlines()))
    assert [float(row["gross"]) for row in rows] == made.bins.gross.tolist()
    assert sum(float(row["gross"]) for row in rows) > 0
    assert {row["rootname"] for row in rows} == {"ltar01a1q"}
    assert page.count("data-figure=") == 3  # rate, flux, counts
    assert 'value="1250..1300"' in page
    assert station.database.read(count) == before
    assert not list((station.home / "products").rglob("*deep*curve*"))


def test_a_target_is_made_of_what_a_person_may_see(
    station: Station, people: dict[str, TestClient]
) -> None:
    address, page = make(people["rea"], **OF_TARGET, bins="10")
    assert "ltar01a2q" not in page
    rows = list(csv.DictReader(people["rea"].get(f"{address}/csv").text.splitlines()))
    assert [row["rootname"] for row in rows] == ["ltar01a1q"] * 10 + ["ltar01a5q"] * 10
    content = people["rea"].get(f"{address}/fits").content
    with fits.HDUList.fromstring(content) as hdus:
        assert set(hdus["PROVENANCE"].data["ROOTNAME"]) == {"ltar01a1q", "ltar01a5q"}
        assert hdus[0].header["STEPSIZE"] == 10
    address, page = make(people[MEMBER], **OF_TARGET, bins="orbit")
    assert "<dt>exposures</dt><dd>3</dd>" in page


def test_what_is_closed_is_not_made_nor_shown_to_others_nor_later(
    station: Station, people: dict[str, TestClient]
) -> None:
    assert people["rea"].get("/lightcurve/ltar01a2q").status_code == 404
    assert people["rea"].get("/lightcurve/nowhere1q").status_code == 404
    assert post(people["rea"], rootname="ltar01a2q").status_code == 404
    secret = {"target": "dark-horse", "configuration": OF_TARGET["configuration"]}
    assert post(people["rea"], **secret).status_code == 404
    assert people["rea"].get("/lightcurve", params=secret).status_code == 404
    address, page = make(people[MEMBER], rootname="ltar01a2q")
    assert "data-figure" in page
    access = tables.ProposalAccess.__table__
    for ending in ("", "/fits", "/csv"):
        assert people["rea"].get(address + ending).status_code == 404
        assert people[MEMBER].get(address + ending).status_code == 200
    try:
        with station.database.write() as writer:
            writer.execute(access.delete().where(access.c.person == MEMBER))
        for ending in ("", "/fits", "/csv"):
            assert people[MEMBER].get(address + ending).status_code == 404
    finally:
        with station.database.write() as writer:
            row = {"person": MEMBER, "proposal_id": CLOSED, "granted_by": "ann"}
            writer.upsert(tables.ProposalAccess, [row])


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ({}, {}),
        ({"bins": " 0.5 "}, {"bin_s": 0.5}),
        ({"bins": "Orbit"}, {"is_by_orbit": True}),
        ({"extraction": "orbit", "bins": "3"}, {"bin_s": 3.0}),
        ({"waves": "1100 .. 1200"}, {"wave_min": 1100, "wave_max": 1200}),
        ({"waves": "1100..1200, 1300..1400"}, {"windows": ((1100, 1200), (1300, 1400))}),
        ({"sun": "day"}, {"sun_altitude_min_deg": 0}),
        ({"extraction": "night", "sun": "day"}, {"sun_altitude_min_deg": 0}),
        ({"sun": "night"}, {"sun_altitude_max_deg": 0}),
        ({"airglow": "keep"}, {"exclude_airglow": False}),
        ({"pulse_heights": "4..15"}, {"pulse_heights": (4, 15)}),
        ({"extraction": "sn10"}, {"bin_s": 1, "target_sn": 10}),
        ({"target_sn": "1e1"}, {"target_sn": 10}),
    ],
)
def test_what_is_written_becomes_settings(
    written: dict[str, str], changed: dict[str, object]
) -> None:
    expected = ExtractionSettings(has_band_flux=True, **changed)
    assert read_choices(written, DEFINITIONS) == expected


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"bins": "-1"}, "more than 0 seconds"), ({"bins": "nan"}, "give a number"),
        ({"bins": "1e-9"}, "choose wider ones"), ({"bins": "\uff11"}, "give a number"),
        ({"bins": "<script>"}, "give a number"), ({"waves": "1200"}, "a beginning and an end"),
        ({"waves": "1300..1200"}, "must be smaller"),
        ({"sun": "up"}, "choose one"), ({"target_sn": "0"}, "more than 0"),
        ({"pulse_heights": "4..40"}, "from 0 to 31"), ({"pulse_heights": "4.5..6"}, "whole"),
        ({"extraction": "../x"}, "no extraction"), ({"bins": "orbit", "target_sn": "3"}, "orbit"),
    ],
)  # fmt: skip
def test_nonsense_is_told_beside_what_was_written(
    people: dict[str, TestClient], written: dict[str, str], said: str
) -> None:
    answer = post(people["rea"], rootname="ltar01a1q", **written)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert said in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_settings_that_leave_nothing_are_told_so(people: dict[str, TestClient]) -> None:
    address, page = make(people["rea"], rootname="ltar01a1q", waves="1..2,")
    assert "from 1 to 2 Angstrom" in page
    assert people["rea"].get(f"{address}/csv").status_code == 404


def test_without_events_there_is_nothing_to_make(
    station: Station, people: dict[str, TestClient]
) -> None:
    answer = post(people["rea"], rootname="ltar01a4q")
    assert (answer.status_code, "no calibrated events" in answer.text) == (422, True)
    path = station.home / "files" / "ltar01a5q_corrtag_a.fits"
    content = path.read_bytes()
    path.unlink()
    try:
        answer = post(people["rea"], rootname="ltar01a5q")
    finally:
        path.write_bytes(content)
    assert "ltar01a5q_corrtag_a.fits is not there any more" in answer.text
    path.write_bytes(b"no FITS")
    try:
        _, page = make(people["rea"], rootname="ltar01a5q")
    finally:
        path.write_bytes(content)
    assert "ltar01a5q_corrtag_a.fits" in page
    assert 'role="alert"' in page


def test_what_takes_too_long_or_too_much_is_stopped(
    people: dict[str, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "make", take_memory)
    _, page = make(people["rea"], rootname="ltar01a1q")
    assert jobs.TOO_LARGE in page
    monkeypatch.setattr(jobs, "make", work_for_ever)
    monkeypatch.setattr(jobs, "MOST_S", 0.5)
    address, page = make(people["rea"], rootname="ltar01a1q")
    assert jobs.TOO_LONG in page
    assert people["rea"].get(f"{address}/fits").status_code == 404


def test_a_person_has_one_at_a_time_and_all_together_only_so_many(
    people: dict[str, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "make", work_for_ever)
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 1)
    first = post(people["rea"], rootname="ltar01a1q").headers["location"]
    assert "being made" in people["rea"].get(first).text
    answer = post(people[MEMBER], rootname="ltar01a2q")
    assert (answer.status_code, jobs.BUSY in answer.text) == (503, True)
    second = post(people["rea"], rootname="ltar01a5q").headers["location"]
    assert people["rea"].get(first).status_code == 404
    assert "being made" in people["rea"].get(second).text


def test_everybody_finds_the_form_filled_as_the_address_says(
    people: dict[str, TestClient],
) -> None:
    page = people["rea"].get("/lightcurve/LTAR01A1Q?bins=7&sun=night&waves=%22%3E%3Cb%3E").text
    assert 'name="bins" value="7"' in page
    assert '<option value="night" selected>' in page
    assert "<b>" not in page
    assert people["rea"].get("/lightcurve", params=OF_TARGET).status_code == 200
