"""Files that are written here are those that astropy would write, byte by byte."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.fits.writing import (
    Column,
    encode_sum,
    primary_hdu,
    table_hdu,
    write_card,
    write_hdus,
)

VALUES = (
    True,
    np.bool_(False),
    0,
    -12345678901,
    np.int64(7),
    0.0,
    -0.0,
    1e-5,
    1.0,
    1e22,
    np.float64(-1.2345678901234567e-15),
    np.float32(0.1),
    2.0 / 3.0e5,
    12345678.90123456789,
    "",
    " ",
    "x",
    "it's",
    "with blanks after   ",
    "'" * 40,
    "a text that leaves no room for any comment, since it takes nearly all of it",
    "a text that is longer than a card, so that it goes on in the next one, and the next " * 2,
)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("comment", ["", "[s] a comment"])
def test_cards_are_those_of_astropy(value: object, comment: str) -> None:
    is_long = isinstance(value, str) and len(value) + value.count("'") > 52
    theirs = fits.Card("KEYWORD", value, "" if is_long else comment)
    assert write_card("KEYWORD", value, comment) == str(theirs)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "ümlaut", "two\nlines"])
def test_what_fits_has_no_card_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="FITS header"):
        write_card("KEYWORD", value)


def test_files_are_those_of_astropy(tmp_path: Path) -> None:
    names, places = np.array(["a", "bcd"]), np.arange(12.0).reshape(2, 2, 3)
    history = ["made for a test", "of a line that is longer than a card: " + "x" * 90]
    primary = fits.PrimaryHDU(header=fits.Header([("DATE", "now", "of a test"), ("A", 1.5, "")]))
    for line in history:
        primary.header.add_history(line)
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("NAME", "3A", array=names),
            fits.Column("PLACE", "6E", "pixel", dim="(3,2)", array=places),
            fits.Column("N", "J", array=np.array([1, 2])),
        ],
        name="PLACES",
    )
    table.header.comments["TTYPE2"] = "where"
    theirs = fits.HDUList([primary, table])
    for hdu in theirs:
        hdu.add_checksum(when="as of then")
    theirs.writeto(tmp_path / "theirs.fits")
    columns = [Column("NAME", "3A"), Column("PLACE", "6E", "pixel", "where"), Column("N", "J")]
    hdus = [
        primary_hdu([("DATE", "now", "of a test"), ("A", 1.5, "")], history),
        table_hdu("PLACES", columns, [names, places, np.array([1.0, 2.0])]),
    ]
    write_hdus(hdus, tmp_path / "ours.fits", "then")
    assert (tmp_path / "ours.fits").read_bytes() == (tmp_path / "theirs.fits").read_bytes()


def test_any_sum_is_written_as_astropy_writes_it() -> None:
    rng = np.random.default_rng(1)
    for value in (0, 2**32 - 1, *rng.integers(0, 2**32, 100).tolist()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert encode_sum(value) == fits.PrimaryHDU()._char_encode(value)
