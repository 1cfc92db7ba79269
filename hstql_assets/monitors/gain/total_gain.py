"""Gather the earliest and the latest gain of every superpixel, over the voltages of normal work."""

from pathlib import Path

import numpy as np

from hstql_assets.monitors.gain.gain_images import COLUMNS, ROWS, Mask
from hstql_assets.monitors.gain.series import EdgeGains, Series
from hstql_resources.fits.compressed_images import compress, give_unit
from hstql_resources.fits.writing import primary_hdu, write_hdus

VOLTAGES = range(163, 176)
FIRST_MJD, LAST_MJD = 55055.0, 70000.0  # from 2009-08-12
NAMES = ("FUVAINIT", "FUVBINIT", "FUVALAST", "FUVBLAST")  # images of the earliest and latest gain


class TotalGain:
    """Collects the earliest and latest gains of series, one segment and voltage at a time.

    Attributes
    ----------
    gains : mapping of str to EdgeGains
        What there is so far, by the names that it has in the file, such as FUVAINIT.
    voltages : mapping of str to ndarray of int16, shape (512, 2048)
        The voltage of these gains; 0 where there is none.
    """

    def __init__(self) -> None:
        self.gains = {name: EdgeGains.empty() for name in NAMES}
        self.voltages = {name: np.zeros((ROWS, COLUMNS), dtype=np.int16) for name in NAMES}

    def add(self, series: Series) -> None:
        """Take over what is earlier or later than what there is."""
        if series.high_voltage not in VOLTAGES:
            return
        first, last = f"{series.segment}INIT", f"{series.segment}LAST"
        is_known_before = series.first.mjd >= self.gains[first].mjd
        self._take(first, series.first, series.high_voltage, ~is_known_before)
        is_known_after = series.last.mjd <= self.gains[last].mjd
        self._take(last, series.last, series.high_voltage, ~is_known_after)

    def _take(self, name: str, edge: EdgeGains, voltage: int, is_new: Mask) -> None:
        """Take over what is new, shape (512, 2048), of the years of normal work."""
        with np.errstate(invalid="ignore"):
            is_new = is_new & (edge.mjd >= FIRST_MJD) & (edge.mjd <= LAST_MJD)
        self.gains[name].put(is_new, edge.gain, edge.mjd)
        self.voltages[name][is_new] = voltage

    def write(self, path: Path) -> None:
        """Write the images FUVAINIT, FUVBINIT, FUVALAST, FUVBLAST, and their voltages and times.

        Exactly this file is written.
        """
        primary = primary_hdu(
            [
                ("TELESCOP", "HST", ""),
                ("INSTRUME", "COS", ""),
                ("DETECTOR", "FUV", ""),
                ("FILETYPE", "TOTALGAIN", ""),
                ("HVMIN", VOLTAGES[0], "lowest commanded voltage level"),
                ("HVMAX", VOLTAGES[-1], "highest commanded voltage level"),
            ]
        )
        hdus = [primary, *(compress(self.gains[name].gain, name) for name in NAMES)]
        for name in NAMES:
            hdus.append(compress(self.voltages[name], f"{name}_HV"))
            hdus.append(compress(self.gains[name].mjd, f"{name}_MJD", give_unit("d")))
        write_hdus(hdus, path)
