"""Headers of whole files: where they lie, how large the data are, and what a damaged file gets."""

import gzip
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.astropy_reading import expected, found, read_file
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.fits.hdus import data_bytes
from hstql_resources.fits.header import parse_header

BLOCK = 2880


def write_file(path: Path) -> bytes:
    """Write a primary, an image, a table with a heap and an empty extension; return the bytes."""
    primary = fits.PrimaryHDU(np.arange(6, dtype="i2"))
    primary.header["TELESCOP"] = "HST"
    primary.header["LONG"] = "A text that needs more than one card, since it is " + "so " * 30
    image = fits.ImageHDU(np.zeros((40, 50), "f4"), name="sci")
    lists = np.array([np.arange(n, dtype="i4") for n in (3, 900, 5)], dtype=object)
    table = fits.BinTableHDU.from_columns(
        [fits.Column("TIME", "D", array=np.arange(3.0)), fits.Column("LIST", "PJ()", array=lists)],
        name="EVENTS",
    )
    hdus = fits.HDUList([primary, image, table, fits.ImageHDU(name="DQ", ver=2)])
    hdus.writeto(path, overwrite=True)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.fits"


def read(path: Path) -> FileHeaders:
    return read_headers(path, "raw")


def assert_as_astropy(path: Path) -> None:
    file, truth = read(path), read_file(path)
    assert file.fault is None
    assert [found(header) for header in file.headers] == [
        expected(cards, number) for number, cards in enumerate(truth)
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_header_of_a_file_is_found(path: Path, pack: Callable[[bytes], bytes]) -> None:
    path.write_bytes(pack(write_file(path)))
    assert_as_astropy(path)
    names = [(header.number, header.name, header.version) for header in read(path).headers]
    assert names == [(0, "", 1), (1, "SCI", 1), (2, "EVENTS", 1), (3, "DQ", 2)]


def test_two_gzip_members_are_one_file(path: Path) -> None:
    content = write_file(path)
    half = len(content) // 2
    path.write_bytes(gzip.compress(content[:half]) + gzip.compress(content[half:]))
    assert len(read(path).headers) == 4


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.full)])
def test_every_real_file_reads_as_with_astropy_and_nothing_is_handed_over(
    real_archive: Path, step: int
) -> None:
    paths = sorted(real_archive.rglob("*.fits*"))
    assert len(paths) == 193
    for path in paths[::step]:
        assert_as_astropy(path)
        assert not any(header.handed_over for header in read(path).headers), path


def test_headers_of_a_real_file_are_small_to_send(real_archive: Path) -> None:
    path = min(real_archive.rglob("*_corrtag_a.fits"))
    headers = read(path).headers
    cards = sum(len(header.values) + len(header.commentary) for header in headers)
    assert len(pickle.dumps(headers)) < 40 * cards


def test_random_groups_have_their_data_skipped(path: Path) -> None:
    groups = fits.GroupData(np.ones((7, 1, 1, 4, 3), "f4"), parnames=["UU"], pardata=[np.ones(7)])
    fits.HDUList([fits.GroupsHDU(groups), fits.ImageHDU(name="SCI")]).writeto(path)
    file = read(path)
    assert (file.fault, [header.name for header in file.headers]) == (None, ["", "SCI"])
    assert data_bytes(file.headers[0]) == 7 * 4 * (1 + 12)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_cut_in_its_data_says_what_is_there(
    path: Path, pack: Callable[[bytes], bytes]
) -> None:
    content = write_file(path)
    data = content.index(b"EXTNAME = 'SCI") // BLOCK * BLOCK + BLOCK
    path.write_bytes(pack(content[: data + 8 * 200]))
    file = read(path)
    assert [header.name for header in file.headers] == ["", "SCI"]
    assert file.fault == "file.fits ends after 8 of 40 rows of sci."


def test_a_gzip_cut_anywhere_never_seems_whole(path: Path) -> None:
    packed = gzip.compress(write_file(path))
    for size in range(3, len(packed), 53):
        path.write_bytes(packed[:size])
        file = read(path)
        assert file.fault is not None, size


def test_the_last_data_need_no_padding(path: Path) -> None:
    fits.ImageHDU(np.zeros((40, 50), "f4")).writeto(path)
    header = path.read_bytes()
    assert len(header) % BLOCK == 0
    path.write_bytes(header[: -(BLOCK - 8000 % BLOCK)])
    assert read(path).fault is None


def replace(path: Path, old: bytes, new: bytes) -> FileHeaders:
    content = write_file(path)
    assert content.count(old) >= 1
    assert len(old) == len(new)
    path.write_bytes(content.replace(old, new, 1))
    return read(path)


def axis(value: bytes) -> bytes:
    return b"NAXIS1  = " + value.rjust(20)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (axis(b"50"), axis(b"500000000000"), "ends after 0 of 40 rows of sci"),
        (axis(b"50"), axis(b"-50"), "has data of the size [-50, 40]"),
        (axis(b"50"), axis(b"1.5"), "NAXIS1 is 1.5, not a whole number"),
        (axis(b"50"), axis(b"five"), "NAXIS1 has a value that cannot be read"),
        (axis(b"50"), axis(b""), "NAXIS1 is missing"),
        (axis(b"50"), b"NAXISX  = " + b"50".rjust(20), "NAXIS1 is missing"),
        (axis(b"50"), axis(b"1E400"), "NAXIS1 is inf, not a whole number"),
        (b"BITPIX  =                  -32", b"BITPIX  =                    7", "has data of 7 bit"),
        (b"NAXIS   =                    2", b"NAXIS   =                 1000", "has 1000 axes"),
        (b"GCOUNT  =                    1", b"GCOUNT  =                   -1", "has data of the"),
    ],
)  # fmt: skip
def test_a_header_that_contradicts_itself_or_the_size_of_the_file_is_a_fault(
    path: Path, old: bytes, new: bytes, fault: str
) -> None:
    file = replace(path, old, new)
    assert file.headers[0].values["TELESCOP"] == "HST"
    assert file.fault is not None
    assert file.fault.startswith(f"file.fits {fault}")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"<html>\n" + b" " * BLOCK, "is not FITS: it begins with '<html>'"),
        (b"\x1f\x8b\x08 no gzip", "is cut or damaged within its gzip data"),
        (b"SIMPLE  = ", "ends within a header"),
        (b"SIMPLE  = ".ljust(BLOCK), "ends within a header"),
        (b"SIMPLE  = ".ljust(3000 * BLOCK), "has a header without END"),
        (b"SIMPLE  = ".ljust(80) + b"END".ljust(BLOCK - 80), "NAXIS is missing"),
    ],
)
def test_what_is_no_fits_is_a_fault(path: Path, content: bytes, fault: str) -> None:
    path.write_bytes(content)
    assert read(path) == FileHeaders("file.fits", "raw", (), f"file.fits {fault}.")


def test_an_end_in_the_middle_of_a_card_is_none(path: Path) -> None:
    header = fits.Header({"A": "x" * 30 + "END", "B": 5})
    header["COMMENT"] = "=" + " " * 38 + "END" + " " * 30
    fits.PrimaryHDU(header=header).writeto(path)
    assert_as_astropy(path)


def test_odd_cards_of_a_file_leave_the_others_as_they_are(path: Path) -> None:
    odd = [b"TELESCOP= 'H\xd8T'", b"\x00\x01 garbage".ljust(60, b"\xff"), b"a\"b     = 'x'; DROP"]
    for card in odd:
        file = replace(path, re.search(rb"TELESCOP=.{71}", write_file(path))[0], card.ljust(80))
        assert file.fault is None
        assert len(file.headers) == 4
        assert len(file.headers[0].handed_over) == 1
        assert file.headers[1].values["NAXIS2"] == 40


def test_the_size_of_data_without_axes_is_zero() -> None:
    header = parse_header("NAXIS   =                    0".ljust(80))
    assert data_bytes(header) == 0
    with pytest.raises(FitsError, match="BITPIX is missing"):
        data_bytes(parse_header("NAXIS   = 1".ljust(80) + "NAXIS1  = 5".ljust(80)))
