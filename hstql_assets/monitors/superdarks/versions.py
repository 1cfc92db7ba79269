"""Compare the versions of a superdark, and describe them in rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from astropy.io import fits

from hstql_assets.images.reading import read_images
from hstql_assets.monitors.framework.file_versions import TIME_PATTERN, Version, VersionedFile
from hstql_assets.monitors.superdarks.combining import ChipDark
from hstql_assets.monitors.superdarks.comparison import Change, compare_chip
from hstql_assets.monitors.superdarks.reference_file import SUFFIXES
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header_values import finite

FOLDER = "products/superdarks"
_KEY = r"(?P<key>superdarks_[a-z]+_\d{4}-\d\d-\d\d)"
PATTERN = rf"{_KEY}_{TIME_PATTERN}_(drk|dkc)\.fits"
TILES = "products/superdark_tiles"
TILE_PATTERN = _KEY + r"_(flt|flc)\.fits"


def name_tile(filesystem: Filesystem, key: str, filetype: str) -> Path:
    """Return the path of what other windows take of a window."""
    return filesystem.home / TILES / f"{key}_{filetype}.fits"


def find_file(filesystem: Filesystem, key: str, filetype: str) -> VersionedFile:
    """Return where the versions of a superdark are."""
    return VersionedFile(filesystem, FOLDER, key, SUFFIXES[filetype])


def compare_with(before: Version | None, chips: Mapping[int, ChipDark]) -> dict[int, Change]:
    """Return what is another than in a version, by CCDCHIP; nothing where it cannot be compared."""
    if before is None:
        return {}
    try:
        images = {one.chip: one for one in read_images(before.path).images}
    except (FitsError, OSError):
        return {}
    found: dict[int, Change] = {}
    for number, chip in chips.items():
        image = images.get(number)
        if image is not None and image.values.shape == chip.science.shape:
            flags = chip.flags * 0 if image.flags is None else image.flags
            bad = int(finite(image.header.values.get("NBAD")) or 0)
            found[number] = compare_chip(chip, image.values, flags, bad)
    return found


def tell_worse(
    before: Version | None,
    frames: int,
    chips: Mapping[int, ChipDark],
    changes: Mapping[int, Change],
) -> str | None:
    """Return in what a new version is worse than the one before; None if it is not."""
    if before is None:
        return None
    faults: list[str] = []
    if frames < before.frames:
        faults.append(f"{frames} darks instead of {before.frames}")
    bad = sum(chip.bad for chip in chips.values())
    bad_before = sum(change.bad_before for change in changes.values())
    if changes and bad > bad_before:
        faults.append(f"{bad} pixels without a dark instead of {bad_before}")
    if not changes:
        faults.append("it cannot be compared")
    return f"Worse than {before.path.name}: {'; '.join(faults)}." if faults else None


def make_rows(version: Version, key: str, common: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of `superdarks` for a version, one for each chip, by its headers."""
    header = version.header
    rows: list[dict[str, Any]] = []
    with fits.open(version.path) as hdus:
        for hdu in hdus[1::3]:
            own = hdu.header
            rows.append({
                **common,
                "set_key": key,
                "filename": version.path.name,
                "chip": int(own["CCDCHIP"]),
                "filetype": str(header["FILETYPE"]),
                "detector": str(header["DETECTOR"]),
                "binning": int(header["BINAXIS1"]),
                "made_at": version.made_at,
                "first_mjd": float(header["FIRSTMJD"]),
                "last_mjd": float(header["LASTMJD"]),
                "frames": version.frames,
                "master_frames": int(header["NMASTER"]),
                "median_dark": _number(own["MEDDARK"]),
                "hot_pixels": int(own["NHOT"]),
                "bad_pixels": int(own["NBAD"]),
                "hot_fraction": int(own["NHOT"]) / (own["NAXIS1"] * own["NAXIS2"]),
                "lowest_threshold": _number(own["LOWTHRES"]),
                "new_hot": own.get("NEWHOT"),
                "gone_hot": own.get("GONEHOT"),
                "median_difference": _number(own.get("MEDDIFF")),
                "previous": str(header["PREVIOUS"]) or None,
                "remark": str(header.get("WORSE", "")) or None,
                "path": str(version.path),
            })  # fmt: skip
    return rows


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, float | int) else None
