"""Headers of the products: what does not fit into a card."""

from pathlib import Path

import pytest
from astropy.io import fits

from hstql_assets.lightcurves.fits_table import write_dated

COMMENT = "as the header of the exposure has it"
END_MJD = 57000.25


@pytest.mark.parametrize("text", ["x" * 29, "x" * 30, "x" * 60, "'" * 34, "x" * 68, "x" * 300])
def test_a_text_is_whole_whatever_becomes_of_its_comment(tmp_path: Path, text: str) -> None:
    cards = [("TARGNAME", text, COMMENT), ("NEXPOS", 3, "number of exposures")]
    write_dated(cards, [], tmp_path / "long.fits", END_MJD)
    written = fits.getheader(tmp_path / "long.fits")
    assert written["TARGNAME"] == text
    assert written.comments["TARGNAME"] == (COMMENT if text == "x" * 29 else "")
    assert written.comments["NEXPOS"] == "number of exposures"
    assert written["DATE"] == "2014-12-09T06:00:00"
