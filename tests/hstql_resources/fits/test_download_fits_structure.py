"""Whether a FITS file is whole, told from its headers, beside astropy and on real files."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.download_files import BLOCK, make_fits, make_header
from hstql_resources.fits.hdus import data_bytes
from hstql_resources.fits.header import parse_header
from hstql_resources.fits.structure import find_fits_fault


def fault_of(path: Path, body: bytes) -> str | None:
    path.write_bytes(body)
    return find_fits_fault(path, is_gzipped=path.name.endswith(".gz"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.fits"


@pytest.fixture
def multi(path: Path) -> bytes:
    """A primary with data, images, a table with a heap, and an empty extension."""
    column = fits.Column("V", "PJ()", array=np.array([[1, 2], [3]], dtype=object))
    fits.HDUList(
        [
            fits.PrimaryHDU(np.zeros((3, 5), np.float64)),
            fits.ImageHDU(np.zeros((7, 1000), np.int16)),
            fits.BinTableHDU.from_columns([column]),
            fits.CompImageHDU(np.arange(4096, dtype=np.int32).reshape(64, 64)),
            fits.ImageHDU(),
            fits.TableHDU.from_columns([fits.Column("A", "A5", array=["one", "two"])]),
        ]
    ).writeto(path)
    return path.read_bytes()


STEPS = [6, pytest.param(1, marks=pytest.mark.full)]


def test_every_real_file_is_whole(real_archive: Path) -> None:
    paths = sorted(real_archive.rglob("*.fits*"))
    assert len(paths) > 100
    faults = {
        path.name: find_fits_fault(path, is_gzipped=path.name.endswith(".gz")) for path in paths
    }
    assert {name: fault for name, fault in faults.items() if fault} == {}


@pytest.mark.parametrize("step", STEPS)
def test_every_real_file_is_not_whole_without_its_end(
    real_archive: Path, tmp_path: Path, step: int
) -> None:
    for path in sorted(real_archive.rglob("*.fits*"))[::step]:
        body = path.read_bytes()
        for missing in (1, min(2881, len(body) - 2), len(body) * 2 // 5 | 1):
            fault = fault_of(tmp_path / path.name, body[:-missing])
            assert fault is not None, (path.name, missing)
            assert "is not whole" in fault


@pytest.mark.parametrize("step", STEPS)
def test_sizes_of_data_are_those_of_astropy(real_archive: Path, step: int) -> None:
    for path in sorted(real_archive.rglob("*.fits"))[:60:step]:
        with fits.open(path) as hdus:
            for hdu in hdus:
                info = hdu.fileinfo()
                padded = -(-data_bytes(parse_header(hdu.header.tostring())) // BLOCK) * BLOCK
                assert padded == info["datSpan"], path.name


def test_a_file_of_many_kinds_of_hdu_is_whole(path: Path, multi: bytes) -> None:
    assert fault_of(path, multi) is None
    assert fault_of(path.with_suffix(".fits.gz"), gzip.compress(multi)) is None


def test_a_file_cut_anywhere_but_between_hdus_is_not_whole(path: Path, multi: bytes) -> None:
    path.write_bytes(multi)
    with fits.open(path) as hdus:
        borders = {hdu.fileinfo()["hdrLoc"] for hdu in hdus}
    for size in {*range(BLOCK, len(multi), BLOCK), *range(1, len(multi), 997)} - borders:
        assert fault_of(path, multi[:size]) is not None, size


def test_random_groups_leave_out_the_first_axis() -> None:
    more = (
        "GROUPS  =                    T",
        "PCOUNT  =                    6 / parameters",
        "GCOUNT  =                  100",
    )
    header = make_header("SIMPLE  =                    T", -32, 0, 3, 4, more=more)
    assert data_bytes(parse_header(header.decode())) == 4 * 100 * (6 + 12)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<html>", "is not FITS"),
        (b"\x1f\x8b", "is not FITS"),
        (make_fits("a", 3) + b"\0", "has bytes after its HDU 0"),
        (make_fits("a", 3) + bytes(BLOCK), "has bytes after its HDU 0"),
        (make_header("SIMPLE  =                    T", 8)[:-BLOCK], "is empty"),
        (b"SIMPLE  =".ljust(BLOCK), "the header of HDU 0 has no end"),
        (b"SIMPLE  =".ljust(80) + b"END".ljust(BLOCK - 80), "HDU 0 does not say how long it is"),
        (
            make_header("SIMPLE  =                    T", 8, -5),
            "HDU 0 does not say how long it is",
        ),
        (
            make_header("SIMPLE  =                    T", 8, 10**19),
            "HDU 0 does not say how long it is",
        ),
        (make_header("SIMPLE  =                    T", 8, 10**15), "the data of HDU 0 end too"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(path: Path, body: bytes, reason: str) -> None:
    assert reason in str(fault_of(path, body))


def test_a_gzipped_file_has_to_be_gzipped_whole_and_undamaged(path: Path) -> None:
    packed = path.with_suffix(".fits.gz")
    body = gzip.compress(make_fits("a", 5))
    assert fault_of(packed, make_fits("a", 5)) == "is not gzipped"
    assert "is not whole" in str(fault_of(packed, body[:-4]))
    damaged = bytearray(body)
    damaged[len(body) // 2] ^= 0xFF
    assert fault_of(packed, bytes(damaged)) is not None
    assert "has bytes after" in str(fault_of(packed, gzip.compress(make_fits("a", 5) + b"x")))
