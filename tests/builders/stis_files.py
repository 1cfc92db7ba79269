"""Small tag, x1d and reference files of STIS, written with astropy, with known contents."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy.io import fits

SENSITIVITY = 4.0e12
START = 58000.25
DAY = 86400.0


@dataclass(frozen=True)
class Row:
    """A row of an x1d: a trace at `centre` that rises by `tilt` rows from column 1 to 1024."""

    order: int = 1
    centre: float = 400.0
    tilt: float = 0.0
    source: float = 11.0
    boxes: tuple[tuple[float, float], tuple[float, float]] = ((-60.0, 5.0), (60.0, 5.0))
    wave: tuple[float, float] = (1500.0, 0.1)
    changes: dict[str, object] = field(default_factory=dict)

    def columns(self) -> dict[str, object]:
        n = np.arange(1024)
        trace = self.centre + self.tilt * (n - 511.5) / 1023
        values = {
            "SPORDER": self.order, "NELEM": 1024,
            "WAVELENGTH": self.wave[0] + self.wave[1] * n,
            "NET": np.ones(1024), "FLUX": np.full(1024, 1 / SENSITIVITY),
            "DQ": np.zeros(1024), "A2CENTER": self.centre, "EXTRSIZE": self.source,
            "BK1OFFST": self.boxes[0][0], "BK1SIZE": self.boxes[0][1],
            "BK2OFFST": self.boxes[1][0], "BK2SIZE": self.boxes[1][1], "EXTRLOCY": trace,
        }  # fmt: skip
        return values | self.changes


FORMS = {
    "SPORDER": "I", "NELEM": "I", "WAVELENGTH": "1024D", "NET": "1024E", "FLUX": "1024E",
    "DQ": "1024I", "A2CENTER": "E", "EXTRSIZE": "E", "BK1OFFST": "E", "BK1SIZE": "E",
    "BK2OFFST": "E", "BK2SIZE": "E", "EXTRLOCY": "1024E",
}  # fmt: skip


@dataclass(frozen=True)
class Stis:
    """One exposure of 100 s, from which its files can be written."""

    folder: Path
    rootname: str = "otest0101"
    primary: dict[str, object] = field(default_factory=dict)
    good_times: tuple[tuple[float, float], ...] = ((0.0, 100.0),)

    def primary_header(self) -> fits.Header:
        header = fits.Header()
        header.update(
            TELESCOP="HST", INSTRUME="STIS", ROOTNAME=self.rootname, TARGNAME="TEST-STAR",
            RA_TARG=10.5, DEC_TARG=-20.25, PROPOSID=99999, DETECTOR="FUV-MAMA", OPT_ELEM="G140L",
            CENWAVE=1425, APERTURE="52X0.2", OBSTYPE="SPECTROSCOPIC", OBSMODE="TIME-TAG",
            CAL_VER="", PFLTFILE="N/A", LFLTFILE="N/A", BPIXTAB="N/A", MLINTAB="N/A",
        )  # fmt: skip
        header.update(self.primary)
        return header

    def tag(self, *tables: dict[str, np.ndarray], starts_s: tuple[float, ...] = (0.0,)) -> Path:
        """EVENTS tables of TIME in s, x, y (and raw, which is x if not given); a GTI of each."""
        hdus = [fits.PrimaryHDU(header=self.primary_header())]
        for version, (table, start_s) in enumerate(zip(tables, starts_s, strict=True), 1):
            ticks = np.round(np.asarray(table["time"]) / 0.000125)
            columns = [
                fits.Column("TIME", "J", array=ticks.astype(np.int32)),
                fits.Column("AXIS1", "I", array=table["x"]),
                fits.Column("AXIS2", "I", array=table["y"]),
                fits.Column("DETAXIS1", "I", array=table.get("raw", table["x"])),
            ]
            header = fits.Header()
            start = START + start_s / DAY
            header.update(
                EXPSTART=start, EXPEND=start + 100 / DAY, EXPTIME=100.0, EXPFLAG="NORMAL",
                SDQFLAGS=31743, EXTVER=version,
            )  # fmt: skip
            hdu = fits.BinTableHDU.from_columns(columns, header, name="EVENTS")
            hdu.ver = version
            hdu.header["TSCAL1"] = 0.000125  # the values above are ticks already
            good = np.array(self.good_times, float).reshape(-1, 2)
            times = [fits.Column(n, "D", array=good[:, i]) for i, n in enumerate(("START", "STOP"))]
            gti = fits.BinTableHDU.from_columns(times, name="GTI")
            gti.ver = version
            hdus += [hdu, gti]
        path = self.folder / f"{self.rootname}_tag.fits"
        fits.HDUList(hdus).writeto(path, overwrite=True)
        return path

    def x1d(
        self,
        *rows: Row,
        starts_s: tuple[float, ...] = (0.0,),
        without: str = "",
        **header_changes: object,
    ) -> Path:
        """One SCI table of the rows for each start."""
        primary = self.primary_header()
        primary.update(header_changes)
        hdus = [fits.PrimaryHDU(header=primary)]
        for version, start_s in enumerate(starts_s, 1):
            spectra = [row.columns() for row in rows]
            columns = [
                fits.Column(name, form, array=np.array([spectrum[name] for spectrum in spectra]))
                for name, form in FORMS.items()
                if name != without
            ]
            header = fits.Header()
            header.update(EXPSTART=START + start_s / DAY, EXPTIME=100.0, SDQFLAGS=31743)
            hdu = fits.BinTableHDU.from_columns(columns, header, name="SCI")
            hdu.ver = version
            hdus.append(hdu)
        path = self.folder / f"{self.rootname}_x1d.fits"
        fits.HDUList(hdus).writeto(path, overwrite=True)
        return path

    def image(self, name: str, values: np.ndarray, **primary: object) -> Path:
        """Write a reference image."""
        header = fits.Header()
        header.update({"DETECTOR": "FUV-MAMA", "OPT_ELEM": "ANY", **primary})
        path = self.folder / name
        hdus = [fits.PrimaryHDU(header=header), fits.ImageHDU(values.astype(np.float32))]
        fits.HDUList(hdus).writeto(path, overwrite=True)
        return path

    def table(self, name: str, rows: list[dict[str, object]]) -> Path:
        """Write a reference table; text, whole numbers and others by the first row."""
        columns = []
        for key, first in rows[0].items():
            form = "20A" if isinstance(first, str) else "J" if isinstance(first, int) else "D"
            columns.append(fits.Column(key, form, array=[row[key] for row in rows]))
        header = fits.Header()
        header.update(DETECTOR="FUV-MAMA")
        path = self.folder / name
        table = fits.BinTableHDU.from_columns(columns)
        fits.HDUList([fits.PrimaryHDU(header=header), table]).writeto(path, overwrite=True)
        return path

    def find(self, value: str) -> Path | None:
        """Find a reference file in the folder."""
        path = self.folder / value.rpartition("$")[2]
        return path if path.is_file() else None


def events(**columns: object) -> dict[str, np.ndarray]:
    """Columns of an event table as arrays of the same length."""
    longest = max(len(np.atleast_1d(values)) for values in columns.values())
    return {name: np.broadcast_to(values, longest) for name, values in columns.items()}
