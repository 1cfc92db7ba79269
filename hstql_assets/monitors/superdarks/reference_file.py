"""Write the reference files DARK and CTEDARK, and what other windows take of a window.

What calwf3 asks of a dark (hstcal, pkg/wfc3: getflags, dodark, detchip, findline): FILETYPE
begins with DARK, DETECTOR is that of the image, PEDIGREE is not DUMMY; the extension of a chip is
found by CCDCHIP among NEXTEND / 3; BINAXIS and LTV say where it lies. The sum is scaled by EXPTIME
over the gain, so pixels are electrons/s. ACS is the same with calacs, which scales by DARKTIME.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
from astropy.io import fits

from hstql_assets.monitors.superdarks.combining import UNSTABLE, WARM, ChipDark
from hstql_assets.monitors.superdarks.comparison import Change
from hstql_assets.monitors.superdarks.frames import Dark
from hstql_assets.monitors.superdarks.rejection import Sums
from hstql_assets.monitors.superdarks.selection import Window
from hstql_resources.fits.writing import TEXT_BYTES, Card
from hstql_resources.software import name_software
from hstql_resources.times import format_day, format_time

FILETYPES = {"flt": "DARK", "flc": "CTEDARK"}
SUFFIXES = {"flt": "drk", "flc": "dkc"}
PLANES = ("CHARGE", "TIME", "NOISE")


@dataclass(frozen=True)
class Provenance:
    """What a superdark was made of.

    Attributes
    ----------
    window : Window
    darks : sequence of Dark
        By time.
    filetype : str
        flt or flc.
    master_frames : int
        Darks in the mean of the pixels that are not hot.
    previous : str or None
        Name of the version before.
    remark : str or None
        What is worse than in that.
    """

    window: Window
    darks: Sequence[Dark]
    filetype: str
    master_frames: int
    previous: str | None
    remark: str | None


def digest_chips(chips: Mapping[int, ChipDark]) -> str:
    """Return the SHA-256 of the pixels of all chips."""
    sha = hashlib.sha256()
    for _, chip in sorted(chips.items()):
        for plane in (chip.science, chip.error, chip.flags):
            sha.update(np.ascontiguousarray(plane).data)
    return sha.hexdigest()


def write_superdark(
    path: Path,
    name: str,
    chips: Mapping[int, ChipDark],
    changes: Mapping[int, Change],
    provenance: Provenance,
) -> None:
    """Write a reference file.

    Parameters
    ----------
    path : Path
        Where.
    name : str
        What it is going to be called.
    chips : mapping of int to ChipDark
        By CCDCHIP.
    changes : mapping of int to Change
        Since the version before, by CCDCHIP; empty without one.
    provenance : Provenance
    """
    digest = digest_chips(chips)
    hdus = [fits.PrimaryHDU(header=_primary(name, len(chips), digest, provenance))]
    first = provenance.darks[0]
    order = sorted(chips, key=lambda chip: first.science[chip].header.version)
    for version, chip in enumerate(order, 1):
        found = chips[chip]
        for kind, plane in (("SCI", found.science), ("ERR", found.error), ("DQ", found.flags)):
            cards = _describe_image(chip, version, kind, first)
            if kind == "SCI":
                cards += _describe_chip(found, changes.get(chip))
            hdus.append(fits.ImageHDU(plane, header=_header(cards), name=kind, ver=version))
    fits.HDUList(hdus).writeto(path, overwrite=True, checksum=True)


def write_tile(path: Path, sums: Mapping[int, Sums], frames: int, digest: str) -> None:
    """Write what other windows of a period take of this one, each chip in three planes."""
    cards: list[Card] = [
        ("NFRAMES", frames, "darks in it"),
        ("DIGEST", digest, "of its darks and of their selection"),
    ]
    hdus: list[Any] = [fits.PrimaryHDU(header=_header(cards))]
    for chip, one in sorted(sums.items()):
        planes = one.charge, one.time, one.noise
        hdus += [
            fits.ImageHDU(plane, name=name, ver=chip)
            for name, plane in zip(PLANES, planes, strict=True)
        ]
    fits.HDUList(hdus).writeto(path, overwrite=True)


def read_tile(path: Path, shape: tuple[int, int], chips: Sequence[int]) -> tuple[Any, int] | None:
    """Return the sums of a tile by chip and its number of darks; None if it has another shape."""
    with fits.open(path, memmap=False) as hdus:
        names = [(name, chip) for chip in chips for name in PLANES]
        if any(one not in hdus or hdus[one].shape != shape for one in names):
            return None
        sums = {
            chip: Sums(*(hdus[name, chip].data.astype(np.float32) for name in (*PLANES, "TIME")))
            for chip in chips
        }
        return sums, int(hdus[0].header["NFRAMES"])


def _primary(name: str, chips: int, digest: str, made_of: Provenance) -> fits.Header:
    first, window = made_of.darks[0], made_of.window
    starts = [dark.start_mjd or 0.0 for dark in made_of.darks]
    after = window.period.start_mjd if window.number == 0 else min(starts)
    detector, binning = first.word("DETECTOR"), int(first.number("BINAXIS1") or 1)
    cards: list[Card] = [
        ("FILENAME", name, ""),
        ("TELESCOP", "HST", ""),
        ("INSTRUME", window.selection.instrument.upper(), ""),
        ("DETECTOR", detector, ""),
        ("FILETYPE", FILETYPES[made_of.filetype], "type of reference file"),
        ("NEXTEND", 3 * chips, "number of extensions"),
        ("PEDIGREE", f"INFLIGHT {format_day(min(starts))} {format_day(max(starts))}", ""),
        ("USEAFTER", format_time(after, "%b %d %Y %H:%M:%S"), "start of use, UTC"),
        ("DESCRIP", _describe(made_of).ljust(67, "-"), ""),
        ("CCDAMP", "ANY" if detector == "UVIS" else first.word("CCDAMP"), "amplifiers"),
        ("CCDGAIN", 1.0 if detector == "UVIS" else first.number("CCDGAIN") or 1.0, ""),
        ("APERTURE", detector, ""),
        ("SAMP_SEQ", "NONE", ""),
        ("SUBTYPE", "FullImag", ""),
        ("BINAXIS1", binning, "detector pixels in a column"),
        ("BINAXIS2", binning, "detector pixels in a row"),
        ("EXPTIME", 1.0, "pixels are electrons/s"),
        ("NFRAMES", len(made_of.darks), "darks of the window"),
        ("NMASTER", made_of.master_frames, "darks in pixels that are not hot"),
        ("FIRSTMJD", min(starts), "start of the first dark, MJD UTC"),
        ("LASTMJD", max(starts), "start of the last dark, MJD UTC"),
        ("PREVIOUS", made_of.previous or "", ""),
        ("WORSE", made_of.remark or "", ""),
        ("PIXSHA", digest[:32], "SHA-256 of the pixels, first half"),
    ]
    header = _header(cards)
    for line in _tell_history(made_of):
        header["HISTORY"] = line
    return header


def _describe(made_of: Provenance) -> str:
    kind = "CTE-corrected dark" if made_of.filetype == "flc" else "Dark"
    return f"{kind} from {len(made_of.darks)} frames, hot pixels of these days"


def _tell_history(made_of: Provenance) -> list[str]:
    lines = [
        f"Made by {name_software()} from these darks:",
        *(dark.file.filename for dark in made_of.darks),
        *_tell_raw(made_of.darks),
        f"Pixels that are not hot are the mean of {made_of.master_frames} darks between",
        "two anneals, without cosmic rays. Hot ones (DQ 16) are the mean of the darks",
        "above. DQ 4: no dark of the window says anything of the pixel, or it did not",
        "see the post-flash. DQ 64: warm. DQ 32: the darks differ by more than noise.",
        "Flags of detector and bias that all of these darks have are kept.",
    ]
    return [*lines, *wrap(made_of.remark or "", TEXT_BYTES)]


def _tell_raw(darks: Sequence[Dark]) -> list[str]:
    if not any(dark.file.filename.endswith("_raw.fits") for dark in darks):
        return []
    return ["Of raw ones overscan, bias and any post-flash were taken off by hstql."]


def _describe_image(chip: int, version: int, kind: str, dark: Dark) -> list[Card]:
    binning = int(dark.number("BINAXIS1") or 1)
    return [
        ("EXTNAME", kind, ""),
        ("EXTVER", version, ""),
        ("BUNIT", "UNITLESS" if kind == "DQ" else "ELECTRONS/S", ""),
        ("CCDCHIP", chip, ""),
        ("BINAXIS1", binning, ""),
        ("BINAXIS2", binning, ""),
        ("LTV1", 0.0, ""),
        ("LTV2", 0.0, ""),
        ("LTM1_1", 1.0, ""),
        ("LTM2_2", 1.0, ""),
    ]


def _describe_chip(found: ChipDark, change: Change | None) -> list[Card]:
    lowest = float(found.thresholds.min())
    cards: list[Card] = [
        ("MEDDARK", found.median, "median of pixels without flag, electrons/s"),
        ("NHOT", found.hot, "hot pixels"),
        ("NWARM", found.count(WARM), "warm pixels"),
        ("NUNSTABL", found.count(UNSTABLE), "unstable pixels"),
        ("NDEAD", -1 if found.dead is None else found.dead, "dead pixels, -1 without post-flash"),
        ("NBAD", found.bad, "pixels of which nothing is known"),
        ("FLASHRT", found.flash, "post-flash that was taken off, electrons/s"),
        ("LOWTHRES", lowest, "lowest threshold of hot pixels, electrons/s"),
    ]
    if change is not None:
        cards += [
            ("NEWHOT", change.new_hot, "hot here, not in the version before"),
            ("GONEHOT", change.gone_hot, "hot in the version before, not here"),
            ("MEDDIFF", change.median_difference, "median difference to it, electrons/s"),
        ]
    return [(name, value if np.isfinite(value) else "NaN", about) for name, value, about in cards]


def _header(cards: Sequence[Card]) -> fits.Header:
    return fits.Header([fits.Card(*card) for card in cards])
