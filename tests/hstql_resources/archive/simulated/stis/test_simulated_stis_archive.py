"""STIS in the simulated archive: finding, listing, fetching, references; COS as it was."""

import hashlib
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.archive.protocol import Product, RetrievalError
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos import catalogue
from hstql_resources.archive.simulated.stis.archive_contents import STIS
from hstql_resources.archive.simulated.stis.catalogue import (
    MAXIMUM_OBSERVATIONS,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.stis.references import REFERENCES

ORBIT_D = 5717.8 / 86400.0

# Of the integer columns, which no other processor rounds differently.
COS_DIGESTS = {
    ("ls000101q", "corrtag_a"): "22932d1cdb3c680c",
    ("ls000202q", "corrtag"): "3449f8a114a51eef",
    ("ls000204q", "corrtag_b"): "e5c825c8a83fbb25",
    ("ls000303q", "corrtag_a"): "2de0b273e72a5e0d",
}


def fetch_digests(archive: SimulatedArchive, rootname: str, folder: Path) -> dict[str, str]:
    folder.mkdir()
    archive.fetch(archive.list_products([rootname])[rootname], folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def digest_integers(path: Path) -> str:
    events = fits.getdata(path, "EVENTS")
    digest = hashlib.sha256()
    for name in ("RAWX", "RAWY", "DQ", "PHA"):
        digest.update(np.ascontiguousarray(events[name]).tobytes())
    return digest.hexdigest()[:16]


@pytest.mark.parametrize("observations", [0, 2, 12, 300])
def test_there_are_a_third_as_many_exposures_as_of_cos(observations):
    rootnames = SimulatedArchive(observations).find_rootnames("stis")
    assert len(rootnames) == observations // 3
    assert rootnames == sorted(set(rootnames))
    assert all(len(name) == 9 and name[0] == "o" and name[-1] == "q" for name in rootnames)


def test_twelve_observations_give_two_of_each_mode():
    exposures = [make_exposure(0, locate(index)) for index in range(12 // 3)]
    modes = [exposure.setting.opt_elem for exposure in exposures]
    assert sorted(modes) == ["E140M", "E140M", "G140L", "G140L"]


def test_targets_are_those_of_cos_in_every_proposal():
    cos = {catalogue.make_exposure(5, catalogue.locate(index)).target for index in range(240)}
    stis = {make_exposure(5, locate(index)).target for index in range(80)}
    assert stis == cos


def test_no_exposure_begins_before_the_last_of_cos_ends_or_in_the_same_orbit_as_its_like():
    last_cos_mjd = max(catalogue.locate(index).start_mjd for index in range(600))
    starts = defaultdict(list)
    for index in range(200):
        exposure = make_exposure(0, locate(index))
        place = exposure.place
        starts[exposure.target.name, place.setting.opt_elem].append(place.start_mjd)
        assert place.start_mjd > last_cos_mjd + ORBIT_D
    assert len(starts) == 5 * 3 * 2
    assert min(np.diff(sorted(values)).min() for values in starts.values()) >= ORBIT_D


def test_one_in_thirteen_is_repeated_and_one_in_five_has_a_gap():
    exposures = [make_exposure(0, locate(index)) for index in range(130)]
    assert sum(len(exposure.repeats) == 2 for exposure in exposures) == 10
    assert sum(exposure.repeats[0].gap_s is not None for exposure in exposures) == 26
    repeated = {e.setting.opt_elem for e in exposures if len(e.repeats) == 2}
    assert repeated == {"G140L", "E140M"}


@pytest.mark.parametrize("index", [0, 1, 5, 6, 39, 40, 4321, MAXIMUM_OBSERVATIONS - 1])
def test_a_rootname_leads_back_to_its_index(index):
    assert STIS.find_index(locate(index).rootname) == index


@pytest.mark.parametrize(
    "rootname", ["odlm18040", "os000101j", "os000001q", "os0001zzq", "", "os", "osxyz1234"]
)
def test_unknown_rootnames_have_no_products(rootname):
    listed = SimulatedArchive(12).list_products([rootname])
    assert listed == {rootname: []}


def test_products_are_the_tag_and_what_belongs_to_it():
    listed = SimulatedArchive(12).list_products(["os000101q", "ls000101q"])
    endings = [product.filename[10:] for product in listed["os000101q"]]
    assert endings == [
        *("raw.fits", "spt.fits", "tag.fits", "truth.json", "wav.fits", "x1d.fits"),
    ]
    assert "ls000101q_jit.fits" in {product.filename for product in listed["ls000101q"]}


def test_since_keeps_what_was_observed_on_that_day_or_later():
    days = {locate(index).rootname: locate(index).start_date for index in range(20)}
    day = sorted(days.values())[10]
    expected = sorted(rootname for rootname in days if days[rootname] >= day)
    assert SimulatedArchive(60).find_rootnames("stis", since=day) == expected
    assert SimulatedArchive(60).find_rootnames("stis", since=date(2100, 1, 1)) == []


def test_an_exposure_does_not_depend_on_the_size_of_its_archive(tmp_path):
    rootname = SimulatedArchive(3).find_rootnames("stis")[0]
    small = fetch_digests(SimulatedArchive(3), rootname, tmp_path / "small")
    assert fetch_digests(SimulatedArchive(300), rootname, tmp_path / "large") == small


def test_another_seed_makes_other_photons_under_the_same_names(tmp_path):
    first = fetch_digests(SimulatedArchive(3), "os000101q", tmp_path / "first")
    second = fetch_digests(SimulatedArchive(3, seed=1), "os000101q", tmp_path / "second")
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def test_a_subset_has_the_same_bytes_as_the_whole(tmp_path):
    archive = SimulatedArchive(3)
    whole = fetch_digests(archive, "os000101q", tmp_path / "whole")
    for product in archive.list_products(["os000101q"])["os000101q"]:
        archive.fetch([product], tmp_path)
        digest = hashlib.sha256((tmp_path / product.filename).read_bytes()).hexdigest()
        assert digest == whole[product.filename]


def test_what_is_not_in_the_archive_is_refused_by_name(tmp_path):
    for rootname, filename in (
        ("os000101q", "os000101q_corrtag.fits"),
        ("os000301q", "os000301q_tag.fits"),
    ):
        with pytest.raises(RetrievalError, match=f"no {rootname}|no {filename}"):
            SimulatedArchive(3).fetch([Product(rootname, filename)], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_references_in_the_headers_can_be_had_and_are_always_the_same(tmp_path):
    archive = SimulatedArchive(3)
    archive.fetch([Product("os000101q", "os000101q_tag.fits")], tmp_path)
    header = fits.getheader(tmp_path / "os000101q_tag.fits")
    for keyword in ("PFLTFILE", "LFLTFILE", "BPIXTAB", "MLINTAB"):
        folder, _, name = header[keyword].partition("$")
        assert folder == "oref"
        assert archive.fetch_reference(name, tmp_path)
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(b"broken")
        assert SimulatedArchive(30, seed=4).fetch_reference(name, tmp_path)
        assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize("name", ["sim_fuv_drk.fits", "", "../sim_fuv_pfl.fits", "N/A"])
def test_a_reference_that_does_not_exist_is_not_made(tmp_path, name):
    assert not SimulatedArchive().fetch_reference(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_references_pass_verification_and_name_their_mode(tmp_path):
    detectors = {}
    for name in REFERENCES:
        assert SimulatedArchive().fetch_reference(name, tmp_path)
        with fits.open(tmp_path / name) as hdus:
            hdus.verify("exception")
            header = hdus[0].header
            assert (header["INSTRUME"], header["SIMULATD"]) == ("STIS", True)
            assert header["FILENAME"] == name
            detectors[name] = header["DETECTOR"]
    assert detectors["sim_fuv_pfl.fits"] == "FUV-MAMA"
    assert detectors["sim_nuv_pfl.fits"] == "NUV-MAMA"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(REFERENCES)


def test_flat_fields_vary_by_a_few_percent_and_are_lo_res(tmp_path):
    for name, least, most in (("pfl", 0.02, 0.04), ("lfl", 0.01, 0.05)):
        SimulatedArchive().fetch_reference(f"sim_fuv_{name}.fits", tmp_path)
        flat = fits.getdata(tmp_path / f"sim_fuv_{name}.fits", "SCI")
        assert flat.shape == (1024, 1024)
        assert least < flat.std() < most
        assert 0.85 < flat.min() < flat.max() < 1.15


def test_bad_pixels_are_listed_by_mode_and_linearity_by_detector(tmp_path):
    for name in ("bpx", "lin"):
        SimulatedArchive().fetch_reference(f"sim_fuv_{name}.fits", tmp_path)
    with fits.open(tmp_path / "sim_fuv_bpx.fits") as hdus:
        table = hdus[1].data
        assert hdus[1].header["SIZAXIS1"] == 1024
    assert set(table["OPT_ELEM"]) == {"ANY", "G140L", "E140M", "G140M"}
    assert set(table["AXIS"]) == {1, 2}
    assert table["PIX1"].min() == 1
    linearity = fits.getdata(tmp_path / "sim_fuv_lin.fits")
    assert linearity.names == ["DETECTOR", "GLOBAL_LIMIT", "LOCAL_LIMIT", "TAU", "EXPAND"]
    row = linearity[linearity["DETECTOR"] == "FUV-MAMA"]
    assert 100 * row["TAU"][0] < 1e-4  # nothing to correct at these rates


def test_the_events_of_cos_are_what_they_were_before_stis_came(tmp_path):
    archive = SimulatedArchive(12)
    for (rootname, ending), expected in COS_DIGESTS.items():
        filename = f"{rootname}_{ending}.fits"
        archive.fetch([Product(rootname, filename)], tmp_path)
        assert digest_integers(tmp_path / filename) == expected
