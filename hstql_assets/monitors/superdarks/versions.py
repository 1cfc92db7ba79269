"""Keep the versions of superdarks: the one before, and a new one beside it, never written over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from astropy.io import fits

from hstql_assets.images.reading import read_images
from hstql_assets.monitors.superdarks.combining import ChipDark
from hstql_assets.monitors.superdarks.comparison import Change, compare_chip
from hstql_assets.monitors.superdarks.reference_file import SUFFIXES
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import read_primary

FOLDER = "products/superdarks"
_KEY = r"(?P<key>superdarks_[a-z]+_\d{4}-\d\d-\d\d)"
PATTERN = _KEY + r"_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_(drk|dkc)\.fits"
TILES = "products/superdark_tiles"
TILE_PATTERN = _KEY + r"_(flt|flc)\.fits"


@dataclass(frozen=True)
class Version:
    """A version of a superdark: its file, primary header, and the digest of its pixels."""

    path: Path
    header: fits.Header

    @property
    def digest(self) -> str:
        """First half of the SHA-256 of its pixels."""
        return str(self.header.get("PIXSHA", ""))

    @property
    def frames(self) -> int:
        """Number of darks of the window in it."""
        return int(self.header.get("NFRAMES", 0))


def name_tile(filesystem: Filesystem, key: str, filetype: str) -> Path:
    """Return the path of what other windows take of a window."""
    return filesystem.home / TILES / f"{key}_{filetype}.fits"


def list_versions(filesystem: Filesystem, key: str, filetype: str) -> list[Version]:
    """Return the versions that there are, by time; one that cannot be read is left out."""
    found: list[Version] = []
    for path in sorted((filesystem.home / FOLDER).glob(f"{key}_*_{SUFFIXES[filetype]}.fits")):
        try:
            found.append(Version(path, read_primary(path)))
        except (FitsError, OSError):
            continue
    return found


def find_free_path(filesystem: Filesystem, key: str, filetype: str, now: datetime) -> Path:
    """Return a path for a new version, by time, where there is none yet."""
    at = now.astimezone(UTC)
    while True:
        name = f"{key}_{at:%Y-%m-%dT%H-%M-%S}_{SUFFIXES[filetype]}.fits"
        path = filesystem.home / FOLDER / name
        if not path.exists():
            return path
        at += timedelta(seconds=1)


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
            found[number] = compare_chip(chip, image.values, flags)
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
    made_at = datetime.strptime(
        version.path.name.removeprefix(f"{key}_")[:19], "%Y-%m-%dT%H-%M-%S"
    ).replace(tzinfo=UTC)
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
                "made_at": made_at,
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
