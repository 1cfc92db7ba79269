"""Read association tables: which exposures belong together, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.fits.whole_files import open_hdus


@dataclass(frozen=True)
class Member:
    """One row of an association table.

    Attributes
    ----------
    rootname : str
        Nine lower-case characters.
    memtype : str
        Its part in the association, such as `EXP-FP`, `EXP-AWAVE` or `PROD-FP`.
    is_present : bool
        Whether it was there when the table was written; products are not, as yet.
    """

    rootname: str
    memtype: str
    is_present: bool = True

    @property
    def is_product(self) -> bool:
        """Whether it is made from the others."""
        return self.memtype.startswith("PROD")

    @property
    def is_wavecal(self) -> bool:
        """Whether it is an exposure of the lamp alone, for the wavelengths of the others."""
        return self.memtype.endswith("WAVE")


def read_members(path: Path) -> tuple[Member, ...]:
    """Read an association table.

    Raises
    ------
    CalibrationError
        If it cannot be read.
    """
    try:
        with open_hdus(path) as hdus:
            table = hdus[1].data
            columns = [np.atleast_1d(table[n]) for n in ("MEMNAME", "MEMTYPE", "MEMPRSNT")]
    except (OSError, EOFError, KeyError, IndexError, TypeError, ValueError) as error:
        raise CalibrationError(
            f"{path.name} cannot be read as an association table: {error}."
        ) from None
    return tuple(
        Member(str(name).strip().lower(), str(memtype).strip().upper(), bool(is_present))
        for name, memtype, is_present in zip(*columns, strict=True)
    )


def write_association(path: Path, members: Sequence[Member]) -> None:
    """Write an association table of COS, for an exposure and its wavecals."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("MEMNAME", "14A", array=[m.rootname.upper() for m in members]),
            fits.Column("MEMTYPE", "14A", array=[m.memtype for m in members]),
            fits.Column("MEMPRSNT", "1L", array=np.array([m.is_present for m in members])),
        ],
        name="ASN",
    )
    primary = fits.PrimaryHDU()
    primary.header["INSTRUME"] = "COS"
    primary.header["ASN_PROD"] = False
    fits.HDUList([primary, table]).writeto(path)
