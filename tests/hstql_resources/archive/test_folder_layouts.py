"""Folders as people have them: which files are found, which of several is used, what is told."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from astropy.io import fits

from hstql_resources.archive import RetrievalError
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.folder_contents import (
    CLOSED,
    COPY,
    OTHER_INSTRUMENT,
    OTHER_NAME,
    REFERENCE_FILE,
    Told,
)

KEY, OTHER, ASSOCIATION = "laaa01aaq", "laaa01abq", "laaa01010"
X1D, SPT = f"{KEY}_x1d.fits", f"{KEY}_spt.fits"


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def put_fits(path: Path, date: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(header=fits.Header({"DATE": date})).writeto(path)


def paths_of(folder: Path, rootname: str = KEY) -> list[str]:
    products = DirectoryArchive(folder).list_products([rootname])[rootname]
    return [os.path.relpath(product.location, folder) for product in products]


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_mode)
            for path in (folder, *folder.rglob("*"))}  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        (f"laaa/{KEY}/{SPT}", f"laaa/{KEY}/{X1D}"),
        (f"mastDownload/HST/{KEY}/{SPT}", f"mastDownload/HST/{KEY}/{X1D}"),
        (f"HST/{KEY}/{SPT}", f"HST/{KEY}/{X1D}"),
        (f"run 2/mastDownload/HST/{KEY.upper()}/{SPT}", f"mastDownload/HST/{ASSOCIATION}/{X1D}"),
        (SPT, X1D),
        (f"12345/{SPT}", f"12345/visit 1/{X1D}"),
        (SPT.upper(), X1D.upper()),
        (f"LAAA/{KEY.upper()}/{SPT.upper()}", f"laaa/{KEY}/{X1D.upper()}.GZ"),
        (f"{SPT}.gz", f"{X1D}.fz"),
    ],
)  # fmt: skip
def test_files_are_found_by_their_names_in_any_layout(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    put(tmp_path, *names)
    before = snapshot(tmp_path)
    archive = DirectoryArchive(tmp_path)
    assert archive.find_rootnames("cos") == [KEY]
    assert paths_of(tmp_path) == list(names)
    assert archive.summarize().left_aside == {}
    assert snapshot(tmp_path) == before


def test_products_of_one_exposure_can_lie_in_several_folders(tmp_path: Path) -> None:
    asn = f"mastDownload/HST/{ASSOCIATION}/{ASSOCIATION}_asn.fits"
    put(tmp_path, f"mastDownload/HST/{ASSOCIATION}/{X1D}", f"mastDownload/HST/{KEY}/{SPT}", asn,
        "jitter/laaa01aaj_jit.fits")  # fmt: skip
    assert DirectoryArchive(tmp_path).find_rootnames("cos") == [ASSOCIATION, KEY]
    assert paths_of(tmp_path) == [
        "jitter/laaa01aaj_jit.fits", f"mastDownload/HST/{KEY}/{SPT}",
        f"mastDownload/HST/{ASSOCIATION}/{X1D}",
    ]  # fmt: skip


def test_the_archive_can_be_opened_at_any_height(tmp_path: Path) -> None:
    put(tmp_path, f"mastDownload/HST/{KEY}/{X1D}")
    for folder in (tmp_path, *(tmp_path / f"mastDownload/HST/{KEY}").parents[:2]):
        assert DirectoryArchive(folder).find_rootnames("cos") == [KEY]


def test_of_several_copies_its_own_folder_comes_first_then_the_newest_then_the_path(
    tmp_path: Path,
) -> None:
    own, others = tmp_path / f"laaa/{KEY}/{X1D}", [tmp_path / f"{name}/{X1D}" for name in "abc"]
    of_visit, of_association = (tmp_path / f"laaa/{name}/{X1D}" for name in (OTHER, ASSOCIATION))
    for path, date in zip(others, ("2001-01-01", "2003-01-01", "2003-01-01"), strict=True):
        put_fits(path, date)
    assert paths_of(tmp_path) == [f"b/{X1D}"]
    put_fits(of_visit, "2002-01-01")
    assert paths_of(tmp_path) == [f"b/{X1D}"]
    put_fits(of_association, "2000-01-01")
    assert paths_of(tmp_path) == [f"laaa/{ASSOCIATION}/{X1D}"]
    put_fits(own, "1999-01-01")
    (product,) = DirectoryArchive(tmp_path).list_products([KEY])[KEY]
    assert Path(product.location) == own
    in_order = (of_association, others[1], others[2], of_visit, others[0])
    assert product.copies == tuple(map(str, in_order))
    told = DirectoryArchive(tmp_path).summarize()
    assert (told.files, told.left_aside) == (1, {COPY: Told(5, X1D)})


def test_a_copy_that_is_no_fits_file_has_no_date(tmp_path: Path) -> None:
    put(tmp_path, f"a/{X1D}")
    os.mkfifo(tmp_path / X1D)
    put_fits(tmp_path / f"b/{X1D}", "2001-01-01")
    assert paths_of(tmp_path) == [f"b/{X1D}"]


def test_links_are_followed_and_circles_are_not(tmp_path: Path) -> None:
    archive, elsewhere = tmp_path / "archive", tmp_path / "elsewhere"
    put(archive, f"data/{KEY}/{X1D}")
    put(elsewhere, f"{OTHER}/{OTHER}_x1d.fits", f"store/{SPT}")
    links = {
        "up": "..", "itself": ".", "circle": "circle", "twice": "data", "outside": elsewhere,
        f"data/{KEY}/back": "../..", "nowhere": "gone", SPT: elsewhere / "store" / SPT,
    }  # fmt: skip
    for name, target in links.items():
        (archive / name).symlink_to(target)
    put(tmp_path, "not_ours/laaa01acq_x1d.fits")
    assert DirectoryArchive(archive).find_rootnames("cos") == [KEY, OTHER]
    # A link that leads to a file in use is no copy of it.
    (product, _) = DirectoryArchive(archive).list_products([KEY])[KEY]
    assert (product.filename, product.copies) == (SPT, ())
    assert paths_of(archive, OTHER) == [f"outside/{OTHER}/{OTHER}_x1d.fits"]
    assert DirectoryArchive(archive).summarize().left_aside[OTHER_NAME].number == 2


def test_pipes_and_devices_are_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / X1D)
    (tmp_path / SPT).symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "notes")
    archive = DirectoryArchive(tmp_path, in_place=False)
    products = archive.list_products([KEY])[KEY]
    assert [(product.filename, product.unfit) for product in products] == [
        (SPT, "is no file, and was not opened: it is a device"),
        (X1D, "is no file, and was not opened: it is a pipe"),
    ]  # fmt: skip
    for product in products:
        with pytest.raises(RetrievalError, match="is no file"):
            archive.fetch([product], tmp_path)
    (tmp_path / "references").mkdir()
    (tmp_path / "cci").mkdir()
    for name in ("references/x_lamp.fits", "cci/l_1_cci.fits"):
        os.mkfifo(tmp_path / name)
    assert not archive.fetch_reference("x_lamp.fits", tmp_path / "cci")
    assert archive.find_cumulative_images() == []


def test_what_is_left_aside_is_counted_by_reason(tmp_path: Path) -> None:
    put(tmp_path, f"a/{X1D}", f"a/{KEY}_part1.fits", f"b/{X1D}", "c/n4wl01xdq_spt.fits",
        "c/u5780205r_c0f.fits", "c/o481727ao_lfl.fits", "c/23n1744jl_lamp.fits", "a/notes.txt",
        "references/23n1744jl_disp.fits", "cci/l_2011_cci.fits", "CCI/l_2012_cci.fits")  # fmt: skip
    told = DirectoryArchive(tmp_path).summarize()
    assert (told.files, told.rootnames, told.is_recognised) == (2, 1, True)
    assert told.of_other_types == Told(1, f"{tmp_path}/a/{KEY}_part1.fits")
    assert told.left_aside == {
        OTHER_NAME: Told(1, f"{tmp_path}/a/notes.txt"),
        COPY: Told(1, X1D),
        OTHER_INSTRUMENT: Told(2, f"{tmp_path}/c/n4wl01xdq_spt.fits"),
        REFERENCE_FILE: Told(2, f"{tmp_path}/c/23n1744jl_lamp.fits"),
    }


def test_folders_that_nobody_can_name_or_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"closed/{X1D}", f"open/{OTHER}_x1d.fits")
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: _refuse(scandir, path, ["/closed"]))
    archive = DirectoryArchive(tmp_path)
    assert archive.find_rootnames("cos") == [OTHER]
    assert archive.summarize().left_aside[CLOSED].number == 2


def _refuse(scandir: object, path: str, ends: Iterable[str]) -> object:
    if path.endswith(tuple(ends)):
        raise PermissionError(13, "Permission denied", path)
    return scandir(path)  # type: ignore[operator]


def test_only_files_of_unknown_types_are_nothing_recognised(tmp_path: Path) -> None:
    put(tmp_path, "interview_1.fits", "README")
    assert not DirectoryArchive(tmp_path).summarize().is_recognised
