"""Gather the earliest and the latest gain of every superpixel, over the voltages of normal work."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_assets.monitors.gain.gain_images import COLUMNS, ROWS, Mask
from hstql_assets.monitors.gain.series import EdgeGains, Series
from hstql_resources.fits.compressed_images import compress

VOLTAGES = range(163, 176)
FIRST_MJD, LAST_MJD = 55055.0, 70000.0  # from 2009-08-12
SEGMENTS = ("FUVA", "FUVB")


class TotalGain:
    """Collects the earliest and latest gains of series, one segment and voltage at a time.

    Attributes
    ----------
    first, last : mapping of segment to EdgeGains
        What there is so far.
    first_voltage, last_voltage : mapping of segment to ndarray of int16, shape (512, 2048)
        The voltage of these gains; 0 where there is none.
    """

    def __init__(self) -> None:
        self.first = defaultdict[str, EdgeGains](EdgeGains.empty)
        self.last = defaultdict[str, EdgeGains](EdgeGains.empty)
        self.first_voltage = defaultdict[str, NDArray[np.int16]](_no_voltage)
        self.last_voltage = defaultdict[str, NDArray[np.int16]](_no_voltage)

    def add(self, series: Series) -> None:
        """Take over what is earlier or later than what there is."""
        if series.high_voltage not in VOLTAGES:
            return
        segment, voltage = series.segment, series.high_voltage
        is_earlier = _is_wanted(series.first) & ~(series.first.mjd >= self.first[segment].mjd)
        _take(self.first[segment], series.first, is_earlier)
        self.first_voltage[segment][is_earlier] = voltage
        is_later = _is_wanted(series.last) & ~(series.last.mjd <= self.last[segment].mjd)
        _take(self.last[segment], series.last, is_later)
        self.last_voltage[segment][is_later] = voltage

    def write(self, path: Path) -> None:
        """Write the images FUVAINIT, FUVBINIT, FUVALAST, FUVBLAST, and their voltages and times.

        Parameters
        ----------
        path : Path
            Exactly this file is written.
        """
        primary = fits.PrimaryHDU()
        primary.header["TELESCOP"], primary.header["INSTRUME"] = "HST", "COS"
        primary.header["DETECTOR"], primary.header["FILETYPE"] = "FUV", "TOTALGAIN"
        primary.header["HVMIN"] = (VOLTAGES[0], "lowest commanded voltage level")
        primary.header["HVMAX"] = (VOLTAGES[-1], "highest commanded voltage level")
        edges = (
            ("INIT", self.first, self.first_voltage),
            ("LAST", self.last, self.last_voltage),
        )
        hdus: list[Any] = [primary]
        for ending, gains, voltages in edges:
            for segment in SEGMENTS:
                name = f"{segment}{ending}"
                hdus.append(compress(gains[segment].gain, name))
                hdus.append(compress(voltages[segment], f"{name}_HV"))
                hdus.append(compress(gains[segment].mjd, f"{name}_MJD", "d"))
        wanted = [f"{segment}{ending}" for ending, _, _ in edges for segment in SEGMENTS]
        hdus[1:] = sorted(hdus[1:], key=lambda hdu: hdu.name not in wanted)
        fits.HDUList(hdus).writeto(path, overwrite=True)


def _no_voltage() -> NDArray[np.int16]:
    return np.zeros((ROWS, COLUMNS), dtype=np.int16)


def _is_wanted(edge: EdgeGains) -> Mask:
    with np.errstate(invalid="ignore"):
        return np.asarray((edge.mjd >= FIRST_MJD) & (edge.mjd <= LAST_MJD))


def _take(into: EdgeGains, source: EdgeGains, mask: Mask) -> None:
    """Take over gains and times where the mask, shape (512, 2048), is set."""
    into.gain[mask] = source.gain[mask]
    into.mjd[mask] = source.mjd[mask]
