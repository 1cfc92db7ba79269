"""The simulated archive as an archive: finding, listing and fetching."""

import hashlib
import pickle
from datetime import date
from pathlib import Path

import pytest

from hstql_resources.archive.protocol import Archive, Product, RetrievalError
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos.archive_contents import COS
from hstql_resources.archive.simulated.cos.catalogue import (
    MAXIMUM_OBSERVATIONS,
    locate,
    make_exposure,
)


def fetch_digests(archive: SimulatedArchive, rootname: str, folder: Path) -> dict[str, str]:
    folder.mkdir()
    archive.fetch(archive.list_products([rootname])[rootname], folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_it_is_an_archive_that_survives_pickling():
    archive: Archive = SimulatedArchive(3)
    assert pickle.loads(pickle.dumps(archive)) == archive
    assert (archive.name, archive.in_place) == ("simulated", False)


def test_rootnames_are_sorted_unique_and_look_like_those_of_cos():
    rootnames = SimulatedArchive(5000).find_rootnames("cos")
    assert rootnames == sorted(set(rootnames))
    assert len(rootnames) == 5000
    assert all(
        len(name) == 9 and name.isalnum() and name.islower() and name[0] == "l" and name[-1] == "q"
        for name in rootnames
    )


@pytest.mark.parametrize("instrument", ["fgs", "nicmos"])
def test_other_instruments_have_no_simulated_exposures(instrument):
    assert SimulatedArchive().find_rootnames(instrument) == []


def test_a_larger_archive_adds_rootnames_and_takes_none_away():
    assert set(SimulatedArchive(7).find_rootnames("cos")) < set(
        SimulatedArchive(300).find_rootnames("cos")
    )


def test_an_exposure_does_not_depend_on_the_size_of_its_archive(tmp_path):
    rootname = SimulatedArchive(1).find_rootnames("cos")[0]
    small = fetch_digests(SimulatedArchive(1), rootname, tmp_path / "small")
    assert fetch_digests(SimulatedArchive(300), rootname, tmp_path / "large") == small


def test_another_seed_makes_other_photons_under_the_same_names(tmp_path):
    rootname = SimulatedArchive(1).find_rootnames("cos")[0]
    first = fetch_digests(SimulatedArchive(1), rootname, tmp_path / "first")
    second = fetch_digests(SimulatedArchive(1, seed=1), rootname, tmp_path / "second")
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def test_since_keeps_what_was_observed_on_that_day_or_later():
    archive = SimulatedArchive(60)
    days = {place.rootname: place.start_date for place in map(locate, range(60))}
    day = sorted(days.values())[30]
    expected = sorted(rootname for rootname in days if days[rootname] >= day)
    assert 0 < len(expected) < 60
    assert archive.find_rootnames("cos", since=day) == expected
    assert archive.find_rootnames("cos", since=date(2100, 1, 1)) == []


def test_the_first_twelve_cover_all_targets_and_settings_over_years():
    exposures = [make_exposure(20090511, locate(index)) for index in range(12)]
    assert {e.target.name for e in exposures} == {"SIM-CONSTANT", "SIM-SINE", "SIM-ECLIPSE"}
    settings = {(e.configuration.opt_elem, e.configuration.cenwave) for e in exposures}
    assert settings == {("G130M", 1291), ("G140L", 1105), ("G230L", 2950)}
    assert len({e.place.start_date.year for e in exposures}) >= 3
    assert 0 < sum(e.gap is not None for e in exposures) < 6


@pytest.mark.parametrize("index", [0, 1, 119, 120, 4321, MAXIMUM_OBSERVATIONS - 1])
def test_a_rootname_leads_back_to_its_index(index):
    assert COS.find_index(locate(index).rootname) == index


@pytest.mark.parametrize(
    "rootname", ["ld9m10ujq", "ls000101j", "ls000001q", "ls0001zzq", "", "ls", "lsz9zzzzq"]
)
def test_every_rootname_asked_for_is_a_key_and_unknown_ones_have_no_products(rootname):
    listed = SimulatedArchive().list_products(["ls000101q", rootname])
    assert list(listed) == ["ls000101q", rootname]
    assert listed[rootname] == []
    assert "ls000101q_corrtag_b.fits" in {product.filename for product in listed["ls000101q"]}


def test_a_subset_has_the_same_bytes_as_the_whole(tmp_path):
    archive = SimulatedArchive(1)
    (rootname,) = archive.find_rootnames("cos")
    whole = fetch_digests(archive, rootname, tmp_path / "whole")
    for product in archive.list_products([rootname])[rootname]:
        archive.fetch([product], tmp_path)
        digest = hashlib.sha256((tmp_path / product.filename).read_bytes()).hexdigest()
        assert digest == whole[product.filename]


def test_fetching_again_replaces_a_damaged_file_and_leaves_nothing_else(tmp_path):
    archive = SimulatedArchive(1)
    (rootname,) = archive.find_rootnames("cos")
    digests = fetch_digests(archive, rootname, tmp_path / "files")
    (tmp_path / "files" / f"{rootname}_x1d.fits").write_bytes(b"broken")
    archive.fetch(archive.list_products([rootname])[rootname], tmp_path / "files")
    again = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "files").iterdir()
    }
    assert again == digests


@pytest.mark.parametrize(
    ("rootname", "filename"),
    [
        ("ls000101q", "ls000101q_rawtag_a.fits"),
        ("ls000101q", "ls000201q_x1d.fits"),
        ("ls9z0101q", "ls9z0101q_x1d.fits"),
    ],
)
def test_what_is_not_in_the_archive_is_refused_by_name(tmp_path, rootname, filename):
    with pytest.raises(RetrievalError, match=f"no {rootname}|no {filename}"):
        SimulatedArchive().fetch([Product(rootname, filename)], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_half_written_remains_when_the_folder_is_gone(tmp_path):
    archive = SimulatedArchive(1)
    (rootname,) = archive.find_rootnames("cos")
    with pytest.raises(FileNotFoundError):
        archive.fetch(archive.list_products([rootname])[rootname], tmp_path / "nowhere")


@pytest.mark.parametrize("arguments", [(-1,), (MAXIMUM_OBSERVATIONS + 1,), (1, -1)])
def test_impossible_archives_are_refused(arguments):
    with pytest.raises(ValueError, match="simulated archive"):
        SimulatedArchive(*arguments)
