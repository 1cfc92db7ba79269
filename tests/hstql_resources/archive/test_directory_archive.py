"""A mirror on disk: which observations it has, which files, and how they are copied."""

import errno
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from builders.places import REAL_ARCHIVE
from hstql_assets.batching.run_ranges import chunk_keys
from hstql_assets.observations.discovery import discover
from hstql_resources.archive import ArchiveError, RetrievalError, Search
from hstql_resources.archive.directory import DirectoryArchive


@pytest.fixture
def archive(tmp_path: Path) -> DirectoryArchive:
    return DirectoryArchive(tmp_path)


def put(archive: DirectoryArchive, *names: str) -> None:
    for name in names:
        path = archive.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names_of(archive: DirectoryArchive, rootname: str) -> list[str]:
    return [product.filename for product in archive.list_products([rootname])[rootname]]


def test_rootnames_of_one_instrument_come_sorted(archive: DirectoryArchive) -> None:
    for rootname in ("lbbb02aaq", "laaa01010", "oaaa01aaq", "lbbb01aaq"):
        put(archive, f"{rootname[:4]}/{rootname}/{rootname}_x1d.fits")
    assert archive.find_rootnames("cos") == ["laaa01010", "lbbb01aaq", "lbbb02aaq"]
    assert archive.find_rootnames("stis") == ["oaaa01aaq"]
    assert archive.find_rootnames("acs") == []


def test_odd_folders_are_passed_over_and_names_of_files_count(archive: DirectoryArchive) -> None:
    put(
        archive, "laaa/laaa01aaq/laaa01aaq_x1d.fits", "laaa/lbbb01aaq/lbbb01aaq_x1d.fits",
        "laaa/LAAA01ABQ/x_x1d.fits", "laaa/laaa01/y", "laaa/README", "README", "lost+found/x",
        "laaab/laaa01acq/z", "docs/naaa01aaq/x", "laaa/laaa01aaq.bak/laaa01aaq_x1d.fits",
        "lbbb", ".snapshot/laaa/laaa01adq/laaa01adq_x1d.fits",
    )  # fmt: skip
    assert archive.find_rootnames("cos") == ["laaa01aaq", "lbbb01aaq"]
    (product,) = archive.list_products(["laaa01aaq"])["laaa01aaq"]
    assert product.location.endswith("laaa/laaa01aaq/laaa01aaq_x1d.fits")


def test_a_jitter_folder_belongs_to_its_exposure(archive: DirectoryArchive) -> None:
    put(archive, "laaa/laaa01aaq/laaa01aaq_x1d.fits", "laaa/laaa01aaj/laaa01aaj_jit.fits.gz",
        "laaa/laaa01abj/laaa01abj_jit.fits")  # fmt: skip
    assert archive.find_rootnames("cos") == ["laaa01aaq", "laaa01abj"]
    assert names_of(archive, "laaa01aaq") == ["laaa01aaj_jit.fits.gz", "laaa01aaq_x1d.fits"]
    assert names_of(archive, "laaa01abj") == ["laaa01abj_jit.fits"]


def test_the_plain_file_comes_before_the_gzipped_one(archive: DirectoryArchive) -> None:
    put(archive, "laaa/laaa01aaq/laaa01aaq_x1d.fits.gz", "laaa/laaa01aaq/laaa01aaq_x1d.fits",
        "laaa/laaa01aaq/laaa01aaq_spt.fits.gz", "laaa/laaa01aaq/notes.txt")  # fmt: skip
    assert names_of(archive, "laaa01aaq") == ["laaa01aaq_spt.fits.gz", "laaa01aaq_x1d.fits"]


def test_a_product_says_where_it_is_and_how_large(archive: DirectoryArchive) -> None:
    put(archive, "laaa/laaa01aaq/laaa01aaq_x1d.fits")
    (product,) = archive.list_products(["laaa01aaq"])["laaa01aaq"]
    assert Path(product.location) == archive.folder / "laaa/laaa01aaq/laaa01aaq_x1d.fits"
    assert product.size_bytes == Path(product.location).stat().st_size


def test_a_rootname_that_is_not_there_has_no_products(archive: DirectoryArchive) -> None:
    assert archive.list_products(["laaa01aaq"]) == {"laaa01aaq": []}


def test_since_is_the_day_on_which_a_folder_changed(archive: DirectoryArchive) -> None:
    for rootname, day in (("laaa01aaq", 10), ("laaa02aaq", 20)):
        put(archive, f"laaa/{rootname}/{rootname}_x1d.fits")
        time = datetime(2099, 1, day, 12, tzinfo=UTC).timestamp()
        os.utime(archive.folder / "laaa" / rootname, (time, time))
    assert archive.find_rootnames("cos", date(2099, 1, 10)) == ["laaa01aaq", "laaa02aaq"]
    assert archive.find_rootnames("cos", date(2099, 1, 11)) == ["laaa02aaq"]
    assert archive.find_rootnames("cos", date(2099, 1, 21)) == []


def test_a_link_that_leads_nowhere_is_listed_and_fails_when_fetched(
    archive: DirectoryArchive, tmp_path: Path
) -> None:
    put(archive, "laaa/laaa01aaq/laaa01aaq_spt.fits")
    link = tmp_path / "laaa/laaa01aaq/laaa01aaq_x1d.fits"
    link.symlink_to("gone.fits")
    products = archive.list_products(["laaa01aaq"])["laaa01aaq"]
    assert products[1].size_bytes is None
    with pytest.raises(RetrievalError, match=r"laaa01aaq_x1d.fits cannot be copied: No such file"):
        archive.fetch(products, tmp_path)


def test_a_full_disk_is_not_a_fault_of_the_file(archive: DirectoryArchive, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    put(archive, "laaa/laaa01aaq/laaa01aaq_x1d.fits")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "laaa01aaq_x1d.fits").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as caught:
        archive.fetch(archive.list_products(["laaa01aaq"])["laaa01aaq"], tmp_path / "full")
    assert caught.value.errno == errno.ENOSPC


def test_an_archive_that_is_gone_is_an_error_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"The archive .*gone cannot be read"):
        DirectoryArchive(tmp_path / "gone").find_rootnames("cos")


def test_a_search_finds_every_rootname_and_its_files(archive: DirectoryArchive) -> None:
    for rootname in ("laaa03aaq", "laaa01aaq", "oaaa02aaq"):
        put(archive, f"{rootname[:4]}/{rootname}/{rootname}_x1d.fits")
    found = discover(archive, Search("cos"))
    assert found.rootnames == ("laaa01aaq", "laaa03aaq")
    assert [product.dataset for product in found.products] == list(found.rootnames)
    assert discover(archive, Search("cos", rootnames=("laaa03aaq",))).rootnames == ("laaa03aaq",)


def test_a_search_by_what_only_headers_know_is_refused(archive: DirectoryArchive) -> None:
    for search in (Search("cos", proposal_ids=(1,)), Search("cos", is_timetag_only=True)):
        with pytest.raises(ArchiveError, match="cannot be searched by proposal or mode"):
            discover(archive, search)


def test_keys_are_cut_into_chunks_without_loss() -> None:
    keys = [str(number) for number in range(25)]
    chunks = list(chunk_keys(keys, 10))
    assert [len(chunk) for chunk in chunks] == [10, 10, 5]
    assert [key for chunk in chunks for key in chunk] == keys
    assert list(chunk_keys([])) == []


def test_the_real_archive_has_21_observations_of_cos() -> None:
    if not REAL_ARCHIVE.is_dir():
        pytest.skip(f"the real HST files are not at {REAL_ARCHIVE}")
    archive = DirectoryArchive(REAL_ARCHIVE)
    rootnames = archive.find_rootnames("cos")
    assert len(rootnames) == 21
    assert "ldfd01vlj" not in rootnames
    assert {"ld9m10ujq", "ldfd01010", "ldfd01vlq"} <= set(rootnames)
    names = names_of(archive, "ldfd01vlq")
    assert {"ldfd01vlj_jit.fits.gz", "ldfd01vlq_rawacq.fits.gz"} <= set(names)
    listed = sum(len(archive.list_products([name])[name]) for name in rootnames)
    assert listed == len(list(REAL_ARCHIVE.glob("l*/*/*")))
