"""The check of odd values, and the remark on cards that are no FITS."""

from pathlib import Path

import dagster as dg
import numpy as np
from astropy.io import fits

from builders.made_headers import encode, store
from hstql_assets.batching.input_files import InputFile
from hstql_assets.headers.checks import check_odd_values
from hstql_assets.headers.scanning import HeaderTask, scan_headers
from hstql_resources.postgres.database import Database

KEY = "ix01070aq"


def test_the_check_lists_the_odd_values_of_its_instrument(database: Database) -> None:
    asset = dg.AssetKey(["acs", "header_tables"])
    store(database, encode({"EXPTIME": 5.5}))
    (result,) = check_odd_values(database, asset)
    assert result.passed
    store(
        database, encode({"EXPTIME": "INDEF"}, filename="jtest02aq_flt.fits", rootname="jtest02aq")
    )
    (result,) = check_odd_values(database, asset)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["odd_values"].value == 1
    assert result.metadata["values"].value == "- jtest02aq_flt.fits[0] EXPTIME = INDEF"
    (result,) = check_odd_values(database, dg.AssetKey(["wfc3", "header_tables"]))
    assert result.passed


def test_cards_that_are_no_fits_are_remarked_on(tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_flt.fits"
    image = fits.ImageHDU(np.zeros((4, 5), "f4"), name="SCI")
    fits.HDUList([fits.PrimaryHDU(header=fits.Header({"ZZ1": 0, "ZZ2": 0})), image]).writeto(path)
    task = HeaderTask(KEY, (InputFile(path.name, "flt", path),))
    assert scan_headers(task).remarks == ()
    cards = {b"ZZ1 ": b"MEANNAN = NAN", b"ZZ2 ": b"ACCENT  = 'caf\xe9'"}
    content = path.read_bytes()
    for keyword, card in cards.items():
        start = content.index(keyword)
        content = content[:start] + card.ljust(80) + content[start + 80 :]
    path.write_bytes(content)
    assert scan_headers(task).remarks == (
        f"{path.name}: 2 cards are no FITS, and kept whole in header_extras: MEANNAN, ACCENT.",
    )
