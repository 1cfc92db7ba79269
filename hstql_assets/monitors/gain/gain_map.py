"""Write the gain of one cumulative image as images of one FITS file.

Images of 2048 x 512 superpixels, compressed without loss. A superpixel without a gain is NaN.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.lightcurves.fits_table import write_dated
from hstql_assets.monitors.gain.fitting.cubes import (
    PULSE_HEIGHTS,
    SHAPE,
    X_BINNING,
    Y_BINNING,
    Counts,
    Cube,
)
from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.compressed_images import compress, give_unit
from hstql_resources.fits.writing import Card, Column, NewHdu, table_hdu
from hstql_resources.software import name_software

# First and last pulse height of the images of counts; noise, low, good, overflow.
RANGES = ((0, 0), (1, 1), (2, 30), (31, 31))
TILE_ROWS = 32  # rows that are compressed together

Image = NDArray[np.float32] | NDArray[np.int32]


def find_gain_map(filesystem: Filesystem, key: str, segment: str, high_voltage: int) -> Path:
    """Return where the gain map of an image lies."""
    folder = filesystem.home / "products" / "gain" / segment.lower() / str(high_voltage)
    return folder / f"{key}_gainmap.fits"


def charge_per_event() -> NDArray[np.float64]:
    """Return the charge that an event of each pulse height takes from the plate, C, shape (32,).

    1e-12 x 10^((PHA - 11.75) / 20.5), as COSMO has it.
    """
    return np.asarray(1e-12 * 10.0 ** ((np.arange(PULSE_HEIGHTS) - 11.75) / 20.5), np.float64)


def add_charge(counts: Counts) -> NDArray[np.float64]:
    """Return the charge, C, shape (n,), that events took; counts of shape (32, n)."""
    total = np.zeros(counts.shape[1])
    for plane, charge in zip(counts, charge_per_event(), strict=True):
        total += charge * plane
    return total


@dataclass(frozen=True, eq=False)
class GainMap:
    """What goes into the file.

    Attributes
    ----------
    key : str
        The image.
    cube : Cube
        Its events.
    gains : SuperpixelGains
        What was found in them.
    digest : str
        Of the members.
    history : tuple of str
        Where the active area and the hot spots come from, and what was left out.
    """

    key: str
    cube: Cube
    gains: SuperpixelGains
    digest: str
    history: tuple[str, ...] = ()

    def draw(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return one value for each gain as an image, shape (512, 2048), NaN elsewhere."""
        image = np.full(SHAPE[1:], np.nan, np.float32)
        image[self.gains.y, self.gains.x] = values
        return image


def write_gain_map(gain_map: GainMap, path: Path) -> None:
    """Write the FITS file of a gain map to exactly this path."""
    images = [
        compress(image, name, [*give_unit(unit), ("DESCRIP", about, "")], TILE_ROWS)
        for name, image, unit, about in _images(gain_map)
    ]
    hdus = [_list_files(gain_map.cube.members), *images]
    end_mjd = gain_map.cube.span_mjd[1]
    write_dated(list(_cards(gain_map)), hdus, path, end_mjd, gain_map.history)


def _cards(gain_map: GainMap) -> Iterator[Card]:
    cube, gains = gain_map.cube, gain_map.gains
    newest, (start_mjd, end_mjd) = cube.newest, cube.span_mjd
    yield "TELESCOP", "HST", "telescope"
    yield "INSTRUME", "COS", "instrument"
    yield "DETECTOR", "FUV", "detector"
    yield "OPT_ELEM", "ANY", "of all gratings"
    yield "FILETYPE", "GAINMAP", "type of file"
    yield "XBINNING", X_BINNING, "[pixel] width of a superpixel"
    yield "YBINNING", Y_BINNING, "[pixel] height of a superpixel"
    yield "SRC_FILE", gain_map.key, "cumulative image"
    yield "SEGMENT", newest.segment, "segment"
    yield "DETHV", newest.high_voltage, "commanded high-voltage level"
    yield "EXPSTART", start_mjd, "[d] start of the first exposure, MJD (UTC)"
    yield "EXPEND", end_mjd, "[d] end of the last exposure, MJD (UTC)"
    yield "EXPTIME", cube.exp_time_s, "[s] sum of the exposure times"
    yield "NUMFILES", len(cube.members), "number of files of events"
    yield "RAWFILES", sum(one.is_raw for one in cube.origins), "of which places are not corrected"
    yield "COUNTS", int(cube.lit.add().sum()), "events of all pulse heights"
    for first, last in RANGES:
        total = int(cube.lit.add(first, last).sum())
        yield _range_name(first, last), total, f"events of pulse heights {first} to {last}"
    yield "OUTSIDE", cube.outside, "events beyond the edges, not in COUNTS"
    yield "NGAIN", len(gains.x), "superpixels with a gain"
    yield "NFITTED", gains.fitted, "superpixels with enough events"
    yield "NNOPEAK", gains.without_peak, "of these, without a peak"
    yield "NTWOPEAK", gains.with_two, "of these, with two peaks"
    yield "HELDWID", gains.held_width, "width of peaks whose own is not fitted"
    yield "MEMBERS", gain_map.digest, "digest of the files"
    yield "CREATOR", name_software(), "software"
    if any(one.is_simulated for one in cube.origins):
        yield "SIMULATD", True, "made from a simulation"


def _range_name(first: int, last: int) -> str:
    return f"CNT{first:02d}_{last:02d}"


def _images(gain_map: GainMap) -> Iterator[tuple[str, Image, str, str]]:
    """Yield name, pixels, unit and meaning of each image."""
    peaks, lit = gain_map.gains.peaks, gain_map.cube.lit
    yield "MOD_GAIN", gain_map.draw(peaks.mean), "", "modal gain, pulse height"
    yield "GAIN_ERR", gain_map.draw(peaks.mean_error), "", "1-sigma error of the gain"
    yield "WIDTH", gain_map.draw(peaks.width), "", "Gaussian width of the peak, pulse height"
    yield "QUALITY", gain_map.draw(peaks.quality), "", "chi-square per degree of freedom"
    yield "COUNTS", lit.draw(lit.add().astype(np.int32)), "count", "events of all pulse heights"
    charge = lit.draw(add_charge(lit.counts).astype(np.float32))
    yield "CHARGE", charge, "C", "charge of the events"
    for first, last in RANGES:
        about = f"events of pulse heights {first} to {last}"
        events = lit.draw(lit.add(first, last).astype(np.int32))
        yield _range_name(first, last), events, "count", about


def _list_files(names: Sequence[str]) -> NewHdu:
    width = max((len(name) for name in names), default=1)
    return table_hdu("FILES", [Column("FILES", f"{width}A")], [np.array(names, "S")])
