"""Small corrtag and x1d files, written with astropy, with known contents."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

COLUMNS = {"FUV": 16384, "NUV": 1274}
BOXES = {  # letter: SP_LOC, SP_HGT, B_BKG1, B_HGT1, B_BKG2, B_HGT2
    "FUV": {"A": (420, 31, 360, 51, 480, 51), "B": (480, 31, 420, 51, 540, 51)},
    "NUV": {
        "A": (180, 57, 466, 41, 126, 41),
        "B": (280, 57, 466, 41, 126, 41),
        "C": (400, 57, 466, 41, 126, 41),
    },
}
WAVE = {"FUVA": (1200.0, 0.02), "FUVB": (1100.0, 0.005),
        "NUVA": (1700.0, 0.4), "NUVB": (2650.0, 0.4), "NUVC": (1950.0, 0.2)}  # fmt: skip
SENSITIVITY = 2.0e12
NAMES = ("TIME", "RAWX", "RAWY", "XCORR", "YCORR", "XDOPP", "XFULL", "YFULL", "WAVELENGTH",
         "EPSILON", "DQ", "PHA")  # fmt: skip
FORMATS = ("E", "I", "I", "E", "E", "E", "E", "E", "E", "E", "I", "B")


@dataclass(frozen=True)
class Events:
    """Columns of an event list; what is not given is 1 for EPSILON and 0 for DQ."""

    time: np.ndarray
    column: np.ndarray
    row: np.ndarray
    epsilon: np.ndarray | float = 1.0
    dq: np.ndarray | int = 0
    wavelength: np.ndarray | float = 1250.0


@dataclass(frozen=True)
class Observation:
    """One exposure, from which its files can be written.

    `exp_time` is the time from EXPSTART to EXPEND; EXPTIME is the sum of the good times, as CalCOS
    sets it, if `events_header` does not say otherwise.
    """

    folder: Path
    detector: str = "FUV"
    rootname: str = "ltest01aq"
    algorithm: str = "TWOZONE"
    exp_start: float = 58000.25
    exp_time: float = 100.0
    good_times: tuple[tuple[float, float], ...] = ((0.0, 100.0),)
    old_good_times: tuple[tuple[float, float], ...] | None = None
    sun: tuple[np.ndarray, np.ndarray] | None = None
    slope: float = 0.0
    boxes: dict[str, tuple[float, ...]] | None = None
    primary: dict[str, object] = field(default_factory=dict)
    events_header: dict[str, object] = field(default_factory=dict)

    def but(self, **changes: object) -> "Observation":
        return replace(self, **changes)  # type: ignore[arg-type]

    def primary_header(self, segment: str) -> fits.Header:
        header = fits.Header()
        header.update(
            TELESCOP="HST", INSTRUME="COS", ROOTNAME=self.rootname, TARGNAME="TEST-STAR",
            RA_TARG=175.5, DEC_TARG=-26.7, PROPOSID=99999, DETECTOR=self.detector,
            SEGMENT=segment, OPT_ELEM="G130M", CENWAVE=1291, APERTURE="PSA",
            OBSTYPE="SPECTROSCOPIC", OBSMODE="TIME-TAG", CAL_VER="3.6.2", XTRCTALG=self.algorithm,
        )  # fmt: skip
        return _updated(header, self.primary)

    def extension_header(self) -> fits.Header:
        header = fits.Header()
        header.update(
            EXPSTART=self.exp_start, EXPEND=self.exp_start + self.exp_time / 86400,
            EXPTIME=_seconds(self.good_times), EXPFLAG="NORMAL",
            SDQFLAGS=8346 if self.detector == "FUV" else 184,
            X_OFFSET=0 if self.detector == "FUV" else 100,
        )  # fmt: skip
        for letter, values in (self.boxes or BOXES[self.detector]).items():
            names = ("SP_LOC", "SP_HGT", "B_BKG1", "B_HGT1", "B_BKG2", "B_HGT2")
            header.update({f"{n}_{letter}": v for n, v in zip(names, values, strict=True)})
            header[f"SP_SLP_{letter}"] = self.slope
        return _updated(header, self.events_header)

    def corrtag(self, events: Events, segment: str = "FUVA") -> Path:
        columns = _event_columns(events, len(np.atleast_1d(events.time)))
        table = fits.BinTableHDU.from_columns(columns, self.extension_header(), name="EVENTS")
        hdus = [fits.PrimaryHDU(header=self.primary_header(segment)), table]
        for intervals in (self.old_good_times, self.good_times):
            if intervals is not None:
                hdus.append(_good_times(intervals, len(hdus) - 1))
        if self.sun is not None:
            hdus.append(_table("TIMELINE", TIME=self.sun[0], SUN_ALT=self.sun[1]))
        suffix = {"FUVA": "_a", "FUVB": "_b"}.get(segment, "")
        path = self.folder / f"{self.rootname}_corrtag{suffix}.fits"
        fits.HDUList(hdus).writeto(path, overwrite=True)
        return path

    def x1d(self, segments: tuple[str, ...] = ("FUVA",), **rows: dict[str, np.ndarray]) -> Path:
        """Spectra with NET = 1, FLUX = 1 / SENSITIVITY, all columns good, unless `rows` differ."""
        n = COLUMNS[self.detector]
        spectra = [self._spectrum(name, n) | rows.get(name, {}) for name in segments]
        columns = [fits.Column("SEGMENT", "4A", array=np.array(segments))]
        for name in spectra[0] if spectra else ():
            values = np.array([spectrum[name] for spectrum in spectra])
            code = "D" if name in ("WAVELENGTH", "ACTUAL_EE") or name.startswith("Y_") else "E"
            columns.append(fits.Column(name, f"{n}{code}", array=values))
        table = fits.BinTableHDU.from_columns(columns, self.extension_header(), name="SCI")
        path = self.folder / f"{self.rootname}_x1d.fits"
        primary = fits.PrimaryHDU(header=self.primary_header("BOTH"))
        fits.HDUList([primary, table]).writeto(path, overwrite=True)
        return path

    def _spectrum(self, segment: str, n: int) -> dict[str, np.ndarray]:
        start, step = WAVE[segment]
        spectrum = {
            "WAVELENGTH": start + step * np.arange(n),
            "NET": np.ones(n),
            "FLUX": np.full(n, 1 / SENSITIVITY),
            "DQ_WGT": np.ones(n),
        }
        if self.algorithm == "TWOZONE":
            middle = BOXES[self.detector][segment[-1]][0]
            spectrum |= {
                "Y_LOWER_OUTER": np.full(n, middle - 10.0),
                "Y_UPPER_OUTER": np.full(n, middle + 10.0),
                "ACTUAL_EE": np.ones(n),
            }
        return spectrum


def _event_columns(events: Events, n: int) -> list[fits.Column]:
    zeros = np.zeros(n)
    given = {
        "TIME": events.time, "XFULL": events.column, "YFULL": events.row,
        "WAVELENGTH": events.wavelength, "EPSILON": events.epsilon, "DQ": events.dq,
    }  # fmt: skip
    return [
        fits.Column(name, form, array=np.broadcast_to(given.get(name, zeros), n))
        for name, form in zip(NAMES, FORMATS, strict=True)
    ]


def _good_times(intervals: tuple[tuple[float, float], ...], version: int) -> fits.BinTableHDU:
    values = np.array(intervals, dtype=float).reshape(-1, 2)
    hdu = _table("GTI", START=values[:, 0], STOP=values[:, 1])
    hdu.ver = version
    return hdu


def _table(name: str, **columns: np.ndarray) -> fits.BinTableHDU:
    return fits.BinTableHDU.from_columns(
        [fits.Column(key, "D", array=value) for key, value in columns.items()], name=name
    )


def _updated(header: fits.Header, changes: dict[str, object]) -> fits.Header:
    for keyword, value in changes.items():
        if value is None:
            header.remove(keyword)
        else:
            header[keyword] = value
    return header


def _seconds(intervals: tuple[tuple[float, float], ...]) -> float:
    """Their sum; 0 if it is no finite number, which a header cannot hold."""
    total = float(sum(stop - start for start, stop in intervals))
    return total if math.isfinite(total) else 0.0
