"""Read a FITS file as astropy does, and take a unit as each standard has it."""

import warnings
from pathlib import Path

from astropy import units
from astropy.io import fits
from astropy.table import QTable, Table

STANDARDS = ("fits", "ogip", "vounit")


def require_readable(path: Path) -> None:
    """Make sure that every table is read without a warning, and every unit known to all standards.

    VO has deprecated erg and Angstrom, but knows them.
    """
    with warnings.catch_warnings(action="error"):
        with fits.open(path, checksum=True) as hdus:
            hdus.verify("exception")
            tables = [i for i, hdu in enumerate(hdus) if type(hdu) is fits.BinTableHDU]
            found = [column.unit for i in tables for column in hdus[i].columns if column.unit]
            found += [hdu.header["BUNIT"] for hdu in hdus if "BUNIT" in hdu.header]
        with fits.open(path) as hdus:  # once: each table of a path is looked for from the start
            for i in tables:
                for reader in (Table, QTable):
                    reader.read(hdus[i])
    for unit in set(found):
        for standard in STANDARDS:
            with warnings.catch_warnings(action="ignore", category=units.UnitsWarning):
                units.Unit(unit, format=standard)
