"""ACS and WFC3 in the simulated archive: finding, listing, fetching, associations."""

import hashlib
import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.archive.protocol import Product, RetrievalError
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cameras.catalogue import (
    Place,
    count_observations,
    make_exposure,
)
from hstql_resources.archive.simulated.cos import catalogue
from hstql_resources.archive.simulated.instruments import INSTRUMENTS
from hstql_resources.filenames import exposure_of, is_rootname, parse_filename

CAMERAS = ("acs", "wfc3")
MEGABYTE = 1_000_000


def fetch_digests(archive: SimulatedArchive, rootname: str, folder: Path) -> dict[str, str]:
    folder.mkdir()
    archive.fetch(archive.list_products([rootname])[rootname], folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("observations", [0, 1, 2, 12, 300])
def test_there_are_as_many_of_acs_as_of_cos_and_two_thirds_as_many_of_wfc3(observations):
    archive = SimulatedArchive(observations)
    assert len(archive.find_rootnames("acs")) == observations
    assert len(archive.find_rootnames("wfc3")) == observations * 2 // 3


@pytest.mark.parametrize(("instrument", "letters"), [("acs", "js"), ("wfc3", "is")])
def test_rootnames_are_sorted_unique_and_have_the_form_of_real_ones(instrument, letters):
    rootnames = SimulatedArchive(3000).find_rootnames(instrument)
    assert rootnames == sorted(set(rootnames))
    assert all(is_rootname(name) and name.startswith(letters) for name in rootnames)
    assert {name[-1] for name in rootnames} == {"q", "0"}


def test_no_two_observations_have_the_same_first_eight_characters():
    for instrument in CAMERAS:
        rootnames = SimulatedArchive(3000).find_rootnames(instrument)
        assert len({exposure_of(name) for name in rootnames}) == len(rootnames)


def test_twelve_observations_show_every_detector_and_kind_of_exposure():
    seen = defaultdict(set)
    for instrument, count in (("acs", 12), ("wfc3", 8)):
        for index in range(count):
            slot = Place(instrument, index).slot
            seen[slot.detector.name].add(slot.image_type)
    assert seen["WFC"] == seen["HRC"] == seen["UVIS"] == {"EXT", "DARK", "BIAS"}
    assert seen["SBC"] == seen["IR"] == {"EXT", "DARK"}


def test_what_makes_a_larger_archive_changes_none_of_the_first(tmp_path):
    for instrument in CAMERAS:
        rootname = SimulatedArchive(3).find_rootnames(instrument)[0]
        small = fetch_digests(SimulatedArchive(3), rootname, tmp_path / f"{instrument}-3")
        large = fetch_digests(SimulatedArchive(300), rootname, tmp_path / f"{instrument}-300")
        assert large == small


def test_another_seed_makes_other_files_under_the_same_names(tmp_path):
    for instrument in CAMERAS:
        rootname = SimulatedArchive(3).find_rootnames(instrument)[-1]
        first = fetch_digests(SimulatedArchive(3), rootname, tmp_path / f"{instrument}-first")
        second = fetch_digests(SimulatedArchive(3, seed=1), rootname, tmp_path / instrument)
        assert first.keys() == second.keys()
        same = {name for name in first if first[name] == second[name]}
        assert same <= {f"{rootname}_asn.fits"}


def test_a_file_alone_has_the_same_bytes_as_among_all(tmp_path):
    archive = SimulatedArchive(12)
    for rootname in ("js0001010", "js0001a1q", "is0001a1q"):
        whole = fetch_digests(archive, rootname, tmp_path / rootname)
        for product in archive.list_products([rootname])[rootname]:
            archive.fetch([product], tmp_path)
            content = (tmp_path / product.filename).read_bytes()
            assert hashlib.sha256(content).hexdigest() == whole[product.filename]


@pytest.mark.parametrize("instrument", CAMERAS)
def test_a_rootname_leads_back_to_its_index(instrument):
    for index in (*range(40), 119, 120, 4321, count_observations(instrument) - 1):
        assert INSTRUMENTS[instrument].find_index(Place(instrument, index).rootname) == index


@pytest.mark.parametrize(
    "rootname",
    ["js0001a1j", "js0000a1q", "js0001a3q", "js0001020", "js0001zzq", "jbz504010", "", "js"],
)
def test_unknown_rootnames_have_no_products(rootname):
    assert SimulatedArchive(12).list_products([rootname]) == {rootname: []}


def test_every_kind_of_observation_has_its_file_types():
    archive = SimulatedArchive(12)
    types = {}
    for instrument in CAMERAS:
        for rootname, products in archive.list_products(archive.find_rootnames(instrument)).items():
            names = [parse_filename(product.filename) for product in products]
            assert all(name is not None and name.rootname == rootname for name in names)
            types[rootname] = " ".join(name.filetype for name in names if name.is_fits)
            assert f"{rootname}_truth.json" in {name.name for name in names}
    assert types["js0001010"] == "asn crc crj drc drz jif jit spt"
    assert types["js0001a1q"] == "flc flt jif jit raw spt"
    assert types["js0001a4q"] == types["js0001a5q"] == "flt raw spt"
    assert types["js0001a6q"] == types["js0001a7q"] == "drz flt jif jit raw spt"
    assert types["is0001010"] == "asn drz jif jit spt"
    assert types["is0001a1q"] == "flt ima jif jit raw spt"
    assert types["is0001a4q"] == "flc flt jif jit raw spt"
    assert types["is0001a8q"] == "flt ima raw spt"


def test_twelve_observations_make_less_than_sixty_megabytes(tmp_path):
    archive = SimulatedArchive(12)
    for instrument in CAMERAS:
        for products in archive.list_products(archive.find_rootnames(instrument)).values():
            archive.fetch(products, tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 60 * MEGABYTE


@pytest.mark.parametrize("instrument", CAMERAS)
def test_since_keeps_what_was_observed_on_that_day_or_later(instrument):
    archive = SimulatedArchive(60)
    rootnames = archive.find_rootnames(instrument)
    days = {
        name: Place(instrument, INSTRUMENTS[instrument].find_index(name)).start_date
        for name in rootnames
    }
    day = sorted(days.values())[20]
    expected = sorted(name for name in rootnames if days[name] >= day)
    assert 0 < len(expected) < len(rootnames)
    assert archive.find_rootnames(instrument, since=day) == expected
    assert archive.find_rootnames(instrument, since=date(2100, 1, 1)) == []


def test_darks_and_biases_are_spread_over_years():
    starts = defaultdict(list)
    for instrument, count in (("acs", 120), ("wfc3", 80)):
        for index in range(count):
            place = Place(instrument, index)
            starts[place.slot.detector.name, place.slot.image_type].append(place.start_mjd)
    for (name, image_type), mjds in starts.items():
        if image_type != "EXT":
            span = 1500.0 if name == "HRC" else 4500.0
            assert np.ptp(mjds) > span, (name, image_type)
            assert np.diff(sorted(mjds)).min() > 1.0, (name, image_type)


def test_targets_are_those_of_cos_in_every_proposal():
    cos = {catalogue.make_exposure(5, catalogue.locate(index)).target for index in range(240)}
    for instrument, count in (("acs", 240), ("wfc3", 160)):
        targets = {make_exposure(5, Place(instrument, index)).target for index in range(count)}
        assert targets == cos


def test_what_is_not_in_the_archive_is_refused_by_name(tmp_path):
    for rootname, filename in (
        ("js0001a1q", "js0001a1q_ima.fits"),
        ("js0001a4q", "js0001a4q_flc.fits"),
        ("js0002a1q", "js0002a1q_raw.fits"),
    ):
        with pytest.raises(RetrievalError, match=f"no {rootname}|no {filename}"):
            SimulatedArchive(12).fetch([Product(rootname, filename)], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rootname", ["js0001010", "is0001010"])
def test_the_table_of_an_association_names_its_members_which_name_it(rootname, tmp_path):
    archive = SimulatedArchive(12)
    archive.fetch(archive.list_products([rootname])[rootname], tmp_path)
    with fits.open(tmp_path / f"{rootname}_asn.fits") as asn:
        rows = [tuple(value.strip() if isinstance(value, str) else value for value in row)
                for row in asn["ASN"].data]  # fmt: skip
        assert asn[0].header["ASN_ID"].strip() == rootname.upper()
    kinds = Counter(kind.split("-")[0] for _, kind, _ in rows)
    assert kinds == {"EXP": 2, "PROD": 1}
    assert all(present for _, _, present in rows)
    assert rows[-1][0] == rootname.upper()
    truth = json.loads((tmp_path / f"{rootname}_truth.json").read_text())
    members = [name.lower() for name, _, _ in rows[:-1]]
    assert truth["members"] == members
    assert set(members) < set(archive.find_rootnames("acs") + archive.find_rootnames("wfc3"))
    for member, kind in zip(members, (kind for _, kind, _ in rows), strict=False):
        archive.fetch([Product(member, f"{member}_raw.fits")], tmp_path)
        header = fits.getheader(tmp_path / f"{member}_raw.fits")
        assert header["ASN_ID"].strip().lower() == rootname
        assert header["ASN_TAB"].strip() == f"{rootname}_asn.fits"
        assert header["ASN_MTYP"].strip() == kind


def test_members_of_an_association_follow_each_other_within_it(tmp_path):
    archive = SimulatedArchive(12)
    times = {}
    for rootname, filetype in (("js0001a1q", "flt"), ("js0001a2q", "flt"), ("js0001010", "crj")):
        filename = f"{rootname}_{filetype}.fits"
        archive.fetch([Product(rootname, filename)], tmp_path)
        header = fits.getheader(tmp_path / filename)
        times[rootname] = (header["EXPSTART"], header["EXPEND"])
    first, second, whole = times.values()
    assert first[1] < second[0]
    assert whole == (first[0], second[1])
