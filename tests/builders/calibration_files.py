"""Raw files, association tables and a stand-in for a pipeline, for the tests of calibration."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.calibration.associations import Member, write_association
from hstql_resources.calibration.planning import plan_units
from hstql_resources.calibration.units import CalibrationUnit, Plan

WHOLE = b"SIMPLE  =                    T".ljust(80) + b"BITPIX  =                    8".ljust(80)
WHOLE = (
    WHOLE
    + b"NAXIS   =                    0".ljust(80)
    + b"CAL_VER = '10.4.0 (07-May-2024)'".ljust(80)
    + b"END"
).ljust(2880)


def write_raw(folder: Path, name: str, **keywords: object) -> Path:
    """Write a raw file with some numbers; spectra of COS unless the keywords say otherwise."""
    usual = {"OBSTYPE": "SPECTROSCOPIC", "OBSMODE": "TIME-TAG", "EXPTYPE": "EXTERNAL/SCI"}
    usual |= {"DETECTOR": "NUV", "TAGFLASH": "AUTO", "X1DCORR": "PERFORM", "ASN_ID": "NONE"}
    primary = fits.PrimaryHDU()
    primary.header.update(usual | keywords)
    path = folder / name
    image = fits.ImageHDU(np.arange(100, dtype=np.int16))
    fits.HDUList([primary, image]).writeto(path)
    return path


def write_table(folder: Path, name: str, **memtypes: str) -> Path:
    """Write an association table: rootname and MEMTYPE of each member; products not present."""
    members = [Member(r, t, not t.startswith("PROD")) for r, t in memtypes.items()]
    path = folder / f"{name}_asn.fits"
    write_association(path, members)
    return path


def hold(folder: Path) -> dict[str, list[Path]]:
    """Return the files of a folder by rootname."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        found.setdefault(path.name[:9], []).append(path)
    return found


def plan(folder: Path, *names: str) -> Plan:
    """Plan what is in a folder."""
    instruments = {"l": "cos", "o": "stis", "j": "acs", "i": "wfc3"}
    return plan_units(instruments[names[0][0]], names, hold(folder))


class FakeCalacs:
    """A `calacs.e` on PATH that does what a test needs of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        for part in ("bin", "raw", "scratch"):
            (folder / part).mkdir()
        (folder / "whole.fits").write_bytes(WHOLE)
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")

    def does(self, *lines: str) -> None:
        """Set what it does, in Python: `root` is the rootname, `make(type)` writes a product."""
        program = self.folder / "bin" / "calacs.e"
        head = [f"#!{sys.executable} -IS", "import os, shutil, signal, sys, time"]
        head += ["root = sys.argv[1][:9]"]
        head += [f"source = {str(self.folder / 'whole.fits')!r}"]
        head += ["make = lambda t: shutil.copyfile(source, f'{root}_{t}.fits')"]
        program.write_text("\n".join([*head, *lines, ""]))
        program.chmod(0o755)

    def units(self, *names: str) -> Sequence[CalibrationUnit]:
        """Write raw files of those names, and return the units."""
        for name in names:
            write_raw(
                self.folder / "raw", f"{name}_raw.fits", DETECTOR="WFC", OBSTYPE="IMAGING",
                FLATCORR="PERFORM",
            )  # fmt: skip
        return plan(self.folder / "raw", *names).units

    def scratch(self) -> Path:
        """Return an empty folder."""
        folder = self.folder / "scratch" / str(len(list((self.folder / "scratch").iterdir())))
        folder.mkdir()
        return folder
