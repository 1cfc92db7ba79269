"""Raw exposures of the simulated archive: names, bytes, headers, reference files."""

import hashlib
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.raw_exposures import (
    write_association,
    write_raw_exposure,
    write_references,
)
from hstql_resources.archive.protocol import Product, RetrievalError, Search
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos_raw.catalogue import (
    MAXIMUM_RAW,
    RawPlace,
    find_place,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.cos_raw.instrument import LAMPS, lamp_row
from hstql_resources.archive.simulated.cos_raw.references import (
    detector_references,
    make_raw_reference,
)

KEY = "lr000101q"
SEED = 20090511


def fetch_digests(archive: SimulatedArchive, rootname: str, folder: Path) -> dict[str, str]:
    folder.mkdir()
    archive.fetch(archive.list_products([rootname])[rootname], folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module", params=["NUV", "FUV"])
def place(request) -> RawPlace:
    return locate(0, request.param)


@pytest.fixture(scope="module")
def written(place, tmp_path_factory) -> tuple[Path, list[Path]]:
    """The files of a short exposure, and its reference files."""
    exposure = make_exposure(SEED, place, duration_s=120.0)
    raw, references = (tmp_path_factory.mktemp(name) for name in ("raw", "lref"))
    write_raw_exposure(exposure, raw)
    return raw, write_references([exposure], references)


def test_raw_exposures_are_listed_among_those_of_cos_and_nowhere_else():
    archive, without = SimulatedArchive(3, raw_exposures=2), SimulatedArchive(3)
    names = archive.find_rootnames("cos")
    assert names == sorted([*without.find_rootnames("cos"), KEY, "lr000201q"])
    assert archive.find_rootnames("stis") == without.find_rootnames("stis")
    assert [one.name for one in archive.find_datasets(Search("cos"))] == names


def test_a_raw_exposure_has_events_and_support_but_nothing_calibrated():
    products = SimulatedArchive(0, raw_exposures=1).list_products([KEY, "lr000201q"])
    assert [product.filename for product in products[KEY]] == [
        f"{KEY}_{ending}" for ending in ("jit.fits", "rawtag.fits", "spt.fits", "truth.json")
    ]
    assert products["lr000201q"] == []


def test_a_search_finds_a_raw_exposure_by_proposal_and_by_day():
    archive = SimulatedArchive(0, raw_exposures=101)
    (last,) = archive.find_datasets(Search("cos", proposal_ids=(90001,)))
    assert last.name == locate(100).rootname
    assert last.released_at is not None
    late = archive.find_datasets(Search("cos", released_since=datetime(2020, 1, 1, tzinfo=UTC)))
    assert 0 < len(late) < 101


def test_a_raw_exposure_has_the_same_bytes_in_every_archive_and_every_time(tmp_path):
    first = fetch_digests(SimulatedArchive(3, raw_exposures=1), KEY, tmp_path / "first")
    assert fetch_digests(SimulatedArchive(9, raw_exposures=7), KEY, tmp_path / "second") == first
    other = fetch_digests(SimulatedArchive(3, SEED + 1, 1), KEY, tmp_path / "third")
    assert other.keys() == first.keys()
    assert not set(other.values()) & set(first.values())


def test_what_is_asked_for_beyond_the_archive_is_refused(tmp_path):
    archive = SimulatedArchive(1, raw_exposures=1)
    for rootname, filename in ((KEY, f"{KEY}_x1d.fits"), ("lr000201q", "lr000201q_rawtag.fits")):
        with pytest.raises(RetrievalError, match=f"no {rootname}|no {filename}"):
            archive.fetch([Product(rootname, filename)], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [-1, MAXIMUM_RAW + 1])
def test_an_impossible_number_of_raw_exposures_is_refused(count):
    with pytest.raises(ValueError, match="0 to 1000 raw exposures"):
        SimulatedArchive(1, raw_exposures=count)


@pytest.mark.parametrize("number", [0, 1, 99, 100, MAXIMUM_RAW - 1])
@pytest.mark.parametrize("detector", ["NUV", "FUV"])
@pytest.mark.parametrize("exposure", [0, 1])
def test_a_raw_rootname_leads_back_to_its_place(number, detector, exposure):
    place = locate(number, detector, exposure)
    assert find_place(place.rootname) == place


@pytest.mark.parametrize("name", ["lr000001q", "lr000103q", "lr000101j", "ls000101q", "lrzz", ""])
def test_other_rootnames_have_no_place_among_the_raw_ones(name):
    assert find_place(name) is None


def test_stars_differ_and_so_do_their_periods():
    exposures = [make_exposure(SEED, locate(number)) for number in range(20)]
    assert len({one.target.name for one in exposures}) == 20
    assert len({one.target.variability.period_s for one in exposures}) == 20
    assert exposures[0].target.name == "SIM-RAW-SINE"
    days = [one.place.start_mjd for one in exposures]
    assert min(np.diff(sorted(days))) > 1


def test_raw_files_are_whole_fits_files_that_say_what_they_are(written, place):
    raw, _ = written
    names = sorted(path.name for path in raw.glob("*.fits"))
    suffixes = ("_a", "_b") if place.detector == "FUV" else ("",)
    rawtags = [f"{place.rootname}_rawtag{suffix}.fits" for suffix in suffixes]
    assert names == sorted([*rawtags, f"{place.rootname}_jit.fits", f"{place.rootname}_spt.fits"])
    for name in names:
        with fits.open(raw / name) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True
            assert hdus[0].header["FILENAME"] == name


def test_events_are_timetag_science_that_waits_for_calibration(written, place):
    raw, _ = written
    for path in raw.glob("*rawtag*.fits"):
        with fits.open(path) as hdus:
            assert [hdu.name for hdu in hdus] == ["PRIMARY", "EVENTS", "GTI"]
            primary, events = hdus[0].header, hdus[1]
            said = [primary[key] for key in ("OBSMODE", "EXPTYPE", "DETECTOR", "ASN_ID")]
            assert said == ["TIME-TAG", "EXTERNAL/SCI", place.detector, "NONE"]
            assert primary["BADTCORR"] == primary["FLUXCORR"] == "PERFORM"
            assert primary["GEOCORR"] == ("PERFORM" if place.detector == "FUV" else "OMIT")
            has_pulse_heights = "PHA" in events.columns.names
            assert has_pulse_heights == (place.detector == "FUV")
            time_s = events.data["TIME"]
            assert np.all(np.diff(time_s) >= 0)
            assert 0 <= time_s[0] < time_s[-1] < events.header["EXPTIME"] == 120.0


def test_the_lamp_flashes_where_and_when_the_header_says(written, place):
    raw, _ = written
    path = next(raw.glob("*rawtag*.fits"))
    with fits.open(path) as hdus:
        header, events = hdus[1].header, hdus[1].data
        stripe = place.configuration.readouts["_b" in path.name].stripes[0]
        near = np.abs(events["RAWY"] - lamp_row(place.detector, stripe)) < 15
        for number in range(1, header["NUMFLASH"] + 1):
            on, off = header[f"LMP_ON{number}"], header[f"LMPOFF{number}"]
            flash = near & (events["TIME"] > on) & (events["TIME"] < off)
            expected = LAMPS[place.detector].rate * (off - on)
            assert abs(flash.sum() / expected - 1) < 0.1
        dark = near & (events["TIME"] > 20) & (events["TIME"] < 80)
        assert dark.sum() < 0.1 * LAMPS[place.detector].rate * 60


def test_every_reference_file_of_the_headers_can_be_had_from_the_archive(written, tmp_path):
    raw, references = written
    with fits.open(next(raw.glob("*rawtag*.fits"))) as hdus:
        values = hdus[0].header.values()
        named = {value[5:] for value in values if str(value).startswith("lref$")}
    assert {path.name for path in references} == named
    archive = SimulatedArchive(1)
    for path in references:
        assert archive.fetch_reference(path.name, tmp_path)
        if not path.name.endswith("_badt.fits"):  # that of the archive is of a longer exposure
            assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["FILENAME"] == path.name
            assert hdus[0].header["NEXTEND"] == len(hdus) - 1
    assert sum(path.stat().st_size for path in references) < 15e6


@pytest.mark.parametrize(
    "name", ["sim_cos_nuv_geo.fits", "sim_lr0000_badt.fits", "sim_ls0001_badt.fits", "sim_cos.fits"]
)
def test_a_reference_file_of_another_name_is_not_there(name, tmp_path):
    assert not SimulatedArchive(1).fetch_reference(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_bad_times_of_the_archive_are_those_of_its_exposure(tmp_path):
    archive = SimulatedArchive(0, seed=4, raw_exposures=1)
    assert archive.fetch_reference("sim_lr0001_badt.fits", tmp_path)
    row = fits.getdata(tmp_path / "sim_lr0001_badt.fits", 1)[0]
    archive.fetch(archive.list_products([KEY])[KEY], tmp_path)
    truth = json.loads((tmp_path / f"{KEY}_truth.json").read_text())
    bounds_s = (np.array([row["START"], row["STOP"]]) - truth["start_mjd"]) * 86400
    assert bounds_s == pytest.approx(truth["bad_interval_s"], abs=1e-3)
    assert truth["variability"]["kind"] == "sinusoidal"
    assert 30 < truth["variability"]["period_s"] < 60


@pytest.mark.parametrize("kind", ["nuv_flat", "fuv_flat", "fuv_xwalk", "fuv_ywalk"])
def test_a_compressed_image_has_the_same_bytes_at_another_time(kind, monkeypatch):
    name = f"sim_cos_{kind}.fits"
    made = []
    for seconds in (1.0, 2e9):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: seconds)
        made.append(make_raw_reference(name, 1))
    assert made[0] == made[1]
    with fits.open(io.BytesIO(made[0])) as hdus:
        values = np.unique(hdus[1].data)
        assert values.size == (1 if "walk" in kind else 7)


def test_the_two_detectors_share_no_reference_file():
    nuv, fuv = (detector_references(detector) for detector in ("NUV", "FUV"))
    assert not set(nuv.values()) & set(fuv.values())
    assert len(nuv) == 10
    assert len(fuv) == 24


def test_an_association_names_its_members_and_its_product(tmp_path):
    members = [make_exposure(1, locate(4, "NUV", n), 100.0, is_member=True) for n in (0, 1)]
    path = write_association(members, tmp_path)
    assert path.name == "lr0005010_asn.fits"
    with fits.open(path) as hdus:
        hdus.verify("exception")
        rows = [tuple(row) for row in hdus["ASN"].data]
    assert rows == [
        ("LR000501Q", "EXP-FP", True),
        ("LR000502Q", "EXP-FP", True),
        ("LR0005010", "PROD-FP", False),
    ]
    headers = [fits.getheader(tmp_path / f"{one.rootname}_rawtag.fits") for one in members]
    assert [header["ASN_ID"] for header in headers] == ["LR0005010"] * 2
    assert [header["FPPOS"] for header in headers] == [3, 4]


def test_exposures_of_two_visits_are_no_association(tmp_path):
    members = [make_exposure(1, locate(number), 100.0, is_member=True) for number in (0, 1)]
    with pytest.raises(ValueError, match="one visit"):
        write_association(members, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_exposure_too_short_for_its_flashes_is_refused():
    with pytest.raises(ValueError, match="at least 100 s, not 99 s"):
        make_exposure(1, locate(0), duration_s=99.0)
