"""Keep the map of a window as a FITS file, and find it again by its key.

Images of what sees light, packed without loss: DQ (32 unstable, 4 not judged), SHARE, RATE,
RATE_ERR, OFFRATE, OFFSPRD and NFRAMES; see `mapping.PixelMap`. Row and column 0 are PIX2 and PIX1
= 1 of a table of bad pixels.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.images.layout import Area
from hstql_assets.lightcurves.fits_table import write_dated
from hstql_assets.monitors.superdarks.frames import Dark
from hstql_assets.monitors.unstable_pixels.mapping import PixelMap
from hstql_assets.monitors.unstable_pixels.selection import UnstableSelection
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.compressed_images import compress, give_unit
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import read_primary
from hstql_resources.fits.writing import Card
from hstql_resources.software import name_software

FOLDER = "products/unstable_pixels"
PATTERN = r"(?P<key>unstable_pixels_[a-z]+_\d{4}-\d\d)_map\.fits"
_RATE = "electron/s"
_IMAGES = (
    ("DQ", "flags", "", "32 unstable, 4 not judged"),
    ("SHARE", "share", "", "share of the darks in which it is off"),
    ("RATE", "rate", _RATE, "dark current when it is quiet"),
    ("RATE_ERR", "rate_error", _RATE, "error of RATE"),
    ("OFFRATE", "off_rate", _RATE, "mean dark current when it is off"),
    ("OFFSPRD", "off_spread", _RATE, "sigma of the dark current when it is off"),
    ("NFRAMES", "frames", "", "darks that say something of it"),
)


def find_map(filesystem: Filesystem, key: str) -> Path:
    """Return the path of the map of a key, such as unstable_pixels_ir_2017-01."""
    return filesystem.home / FOLDER / f"{key}_map.fits"


def read_map(path: Path) -> PixelMap:
    """Return a map from its file.

    Raises
    ------
    OSError, KeyError
        If there is none, or it is no map.
    """
    with fits.open(path, memmap=False) as hdus:
        images = {attribute: np.array(hdus[name].data) for name, attribute, _, _ in _IMAGES}
        primary = hdus[0].header
        regions = {
            card.keyword[4:]: Area(*(int(one) for one in str(card.value).split(",")))
            for card in primary["AMP_*"].cards
        }
    return PixelMap(**images, regions=regions)


def write_map(
    path: Path,
    key: str,
    found: PixelMap,
    darks: Sequence[Dark],
    selection: UnstableSelection,
    remark: str | None,
) -> None:
    """Write a map to exactly this path.

    Parameters
    ----------
    path : Path
    key : str
        Of the window.
    found : PixelMap
    darks : sequence of Dark
        That were used, by time.
    selection : UnstableSelection
        By which pixels were judged.
    remark : str or None
        In what it is worse than the one before.
    """
    hdus = [
        compress(getattr(found, attribute), name, [*give_unit(unit), ("DESCRIP", about, "")])
        for name, attribute, unit, about in _IMAGES
    ]
    history = [
        f"Made by {name_software()} from these darks:",
        *(one.file.filename for one in darks),
    ]
    history += [remark] if remark else []
    starts = [dark.start_mjd or 0.0 for dark in darks]
    cards = [
        *_primary_cards(key, found, darks, remark),
        ("FLOOR", selection.floor_e_per_s, f"[{_RATE}] added to errors"),
        ("FLOORSHR", selection.floor_share, "share of the rate added to errors"),
        ("MINSHARE", selection.least_share, "least share of the darks that it is off in"),
        ("MINOFF", selection.least_off_frames, "least number of these darks"),
        ("MINGAIN", selection.least_gain, "least gain of the log likelihood"),
        ("MINFRAME", selection.least_frames, "least number of darks of a judged pixel"),
        ("MINSAA", selection.least_saa_s, "[s] least time since the anomaly"),
    ]
    write_dated(cards, hdus, path, max(starts), history)


def tell_worse(path: Path, found: PixelMap, frames: int) -> str | None:
    """Return in what a map is worse than the one that is there; None if it is not, or is none."""
    try:
        before = read_primary(path)
    except (FitsError, OSError):
        return None
    faults: list[str] = []
    if frames < before.get("NDARKS", 0):
        faults.append(f"{frames} darks instead of {before['NDARKS']}")
    not_judged = int(np.count_nonzero(~found.is_judged))
    if not_judged > before.get("NOTJUDGE", not_judged):
        faults.append(f"{not_judged} pixels not judged instead of {before['NOTJUDGE']}")
    return f"Worse than the map before: {'; '.join(faults)}." if faults else None


def _primary_cards(
    key: str, found: PixelMap, darks: Sequence[Dark], remark: str | None
) -> list[Card]:
    first, regions = darks[0], found.regions
    return [
        ("TELESCOP", "HST", "telescope"),
        ("INSTRUME", "WFC3", "instrument"),
        ("DETECTOR", first.word("DETECTOR"), "detector"),
        ("FILETYPE", "UNSTABLE PIXELS", "type of file"),
        ("SETKEY", key, "window of darks"),
        ("CCDAMP", first.word("CCDAMP"), "amplifiers"),
        *_place_regions(regions),
        ("BINAXIS1", int(first.number("BINAXIS1") or 1), "detector pixels in a column"),
        ("BINAXIS2", int(first.number("BINAXIS2") or 1), "detector pixels in a row"),
        ("SAMP_SEQ", first.word("SAMP_SEQ"), "sample sequence of the darks"),
        ("NSAMP", int(first.number("NSAMP") or 0), "reads of the darks"),
        ("NDARKS", len(darks), "darks that were used"),
        ("FIRSTMJD", first.start_mjd or 0.0, "[d] start of the first dark, MJD UTC"),
        ("LASTMJD", darks[-1].start_mjd or 0.0, "[d] start of the last dark, MJD UTC"),
        ("NUNSTAB", int(np.count_nonzero(found.is_unstable)), "unstable pixels"),
        ("NOTJUDGE", int(np.count_nonzero(~found.is_judged)), "pixels not judged"),
        ("WORSE", remark or "", ""),
        *([("SIMULATD", True, "made from a simulation")] if first.find("SIMULATD") is True else []),
    ]


def _place_regions(regions: Mapping[str, Area]) -> list[Card]:
    return [
        (f"AMP_{name.upper()}", f"{one.row},{one.end_row},{one.column},{one.end_column}",
         "rows and columns from 0, ends not included")
        for name, one in sorted(regions.items())
    ]  # fmt: skip
