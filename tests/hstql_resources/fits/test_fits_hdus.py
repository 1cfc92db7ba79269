"""All that read FITS go by one walk: what it refuses is refused by each of them."""

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.fits.byte_source import BLOCK, ByteSource
from hstql_resources.fits.errors import FitsError, StructureError, UnusableFileError
from hstql_resources.fits.file_headers import read_headers
from hstql_resources.fits.hdus import data_bytes, walk
from hstql_resources.fits.header import parse_header
from hstql_resources.fits.header_values import finite, whole, words
from hstql_resources.fits.stream import FitsStream
from hstql_resources.fits.structure import find_fits_fault


def stream_fault(path: Path) -> str | None:
    try:
        with FitsStream(path) as stream:
            list(stream.extensions())
    except FitsError as error:
        return str(error)
    return None


def header_fault(path: Path) -> str | None:
    fault = read_headers(path, "raw").fault
    return fault and fault.removeprefix(f"{path.name} ").removesuffix(".")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((4, 5), "i2"), name="SCI")]).writeto(
        path
    )
    return path


def replace(path: Path, old: str, new: str) -> None:
    content = path.read_bytes()
    place = content.rindex(old.encode())
    path.write_bytes(content[:place] + new.encode() + content[place + len(new) :])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("BITPIX  =                   16", "BITPIX  =                    7", "has data of 7 bits"),
        ("NAXIS   =                    2", "NAXIS   =                 1000", "has 1000 axes"),
        ("PCOUNT  =                    0", "PCOUNT  =                   -9", "has data of the si"),
        ("NAXIS1  =                    5", "NAXIS1  = 99999999999999999999", "has data of the si"),
        ("GCOUNT  =                    1", "GCOUNT  =                 9999", "ends after 288 of 4"),
        ("XTENSION= 'IMAGE", "XTENSION= \x07IMAGE", "XTENSION has a value that cannot be read"),
    ],
)
def test_a_header_that_does_not_add_up_is_a_fault_to_all(
    path: Path, old: str, new: str, fault: str
) -> None:
    replace(path, old, new)
    assert str(stream_fault(path)).startswith(fault)
    assert stream_fault(path) == header_fault(path)
    assert "HDU 1" in str(find_fits_fault(path, is_gzipped=False))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_random_groups_are_passed_by_all(path: Path, pack: Callable[[bytes], bytes]) -> None:
    groups = fits.GroupData(np.ones((7, 1, 1, 4, 3), "f4"), parnames=["UU"], pardata=[np.ones(7)])
    hdus = fits.HDUList([fits.GroupsHDU(groups), fits.ImageHDU(name="SCI")])
    hdus.writeto(path, overwrite=True)
    path.write_bytes(pack(path.read_bytes()))
    assert find_fits_fault(path, is_gzipped=pack is gzip.compress) is None
    assert header_fault(path) is None
    with FitsStream(path) as stream:
        found = [(extension.name, extension.data_bytes) for extension in stream.extensions()]
    assert found == [("", 7 * 4 * (1 + 12)), ("SCI", 0)]


def test_groups_are_in_the_primary_header_only() -> None:
    cards = ("NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 5", "BITPIX  = 8", "GROUPS  = T")
    text = "".join(card.ljust(80) for card in cards)
    assert data_bytes(parse_header(text)) == 5
    assert data_bytes(parse_header("XTENSION= 'IMAGE'".ljust(80) + text, 1)) == 0


def test_only_the_strict_walk_minds_what_is_beside_the_hdus(path: Path) -> None:
    content = path.read_bytes()
    for odd, fault in {
        content + b"x" * BLOCK: "has bytes after its HDU 1",
        content[:-1]: "is not whole: the data of HDU 1 end too early",
        content[: BLOCK - 3] + b"abc" + content[BLOCK:]: "the header of HDU 0 has no end",
    }.items():
        path.write_bytes(odd)
        assert fault in str(find_fits_fault(path, is_gzipped=False))
        assert header_fault(path) in (None, f"{fault} that are no HDU")
        assert (header_fault(path) is None) == (not odd.endswith(b"x"))
        assert stream_fault(path) is None


def test_what_is_read_or_sought_between_two_hdus_does_not_matter(path: Path) -> None:
    with ByteSource(path) as source:
        starts = []
        for hdu in walk(source, parse_header):
            starts.append(hdu.data_start)
            source.go_to(0)
            assert source.fill(memoryview(bytearray(100))) == 100
    assert starts == [BLOCK, 2 * BLOCK]


def test_a_verdict_on_a_file_from_the_net_quotes_nothing_of_it(path: Path) -> None:
    path.write_bytes(b"token=secret".ljust(BLOCK))
    assert "secret" in str(header_fault(path))
    assert "secret" not in str(find_fits_fault(path, is_gzipped=False))


def test_exceptions_survive_the_way_out_of_a_worker() -> None:
    named = FitsError("cannot be read", "Bad header", filename="a.fits")
    for error in (named, StructureError("ends", "is not whole"), UnusableFileError("has none")):
        same = pickle.loads(pickle.dumps(error))
        assert type(same) is type(error)
        assert (str(same), vars(same)) == (str(error), vars(error))
    assert str(named) == "a.fits cannot be read."


def test_a_value_that_is_not_of_the_kind_wanted_counts_as_none() -> None:
    assert [finite(one) for one in (2, np.float32(0.5), True, "1", None, np.nan, np.inf)] == [
        *(2.0, 0.5),
        *[None] * 5,
    ]
    assert [whole(one) for one in (3.0, 2**31, 1.5, False)] == [3, None, None, None]
    assert whole(1000, 999) is None
    assert [words(one) for one in (" FUV ", "  ", 7, None)] == ["FUV", None, None, None]
