"""Keep the gains of each map where they are read in no time: a small file, made by the workers.

Who makes a map keeps them at once; one from elsewhere is unpacked once. The small file has only
what is measured, and in its name size and time of the map and what code chose the gains, so that
one that was made anew is read anew; the files can be removed at any time.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain import gain_images
from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains
from hstql_assets.monitors.gain.flagging import Places
from hstql_assets.monitors.gain.gain_images import (
    COLUMNS,
    GainImage,
    Superpixels,
    read_superpixels,
    select_superpixels,
)
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.source_digest import digest_sources

FOLDER = "products/gain/kept"  # under HSTQL_HOME
AT_ONCE = 16  # maps of one task
_GAINS = np.dtype([("place", "<i4"), ("gain", "<f4"), ("error", "<f4")])


@dataclass(frozen=True)
class KeptGains:
    """The measured superpixels of a map.

    Attributes
    ----------
    image : GainImage
    path : Path
        Where they lie.
    """

    image: GainImage
    path: Path

    def read(self) -> NDArray[np.void]:
        """Return a row for each: its place, numbered row by row, gain and error."""
        return np.fromfile(self.path, _GAINS)


def keep_gains(
    groups: Sequence[Sequence[GainImage]], filesystem: Filesystem, workers: Executor
) -> tuple[list[list[KeptGains]], list[str]]:
    """Return the gains of images, in their groups, and what is wrong with those without.

    The workers read the maps that are new. A group without any gains is left out.
    """
    kept = [
        [KeptGains(one, _find(one.name, one.path, filesystem)) for one in group] for group in groups
    ]
    new = [one for group in kept for one in group if not one.path.is_file()]
    parts = [new[start : start + AT_ONCE] for start in range(0, len(new), AT_ONCE)]
    tasks = [workers.submit(_keep, part, filesystem) for part in parts]
    faults = {name: fault for task in tasks for name, fault in task.result().items()}
    good = [[one for one in group if one.image.name not in faults] for group in kept]
    return [group for group in good if group], list(faults.values())


def keep_new(name: str, path: Path, gains: SuperpixelGains, filesystem: Filesystem) -> None:
    """Keep the gains of an image whose map was just written, so that nobody has to unpack it."""
    peaks = gains.peaks
    mean, error, quality = (  # as the map has them
        one.astype(np.float32).astype(np.float64)
        for one in (peaks.mean, peaks.mean_error, peaks.quality)
    )
    pixels = select_superpixels(mean, error, gains.all_counts.astype(np.float64), quality)
    places = gains.y * COLUMNS + gains.x
    _write(pixels, places[pixels.is_measured], _find(name, path, filesystem), filesystem)


def _find(name: str, path: Path, filesystem: Filesystem) -> Path:
    """Return where the gains of an image are kept, by what its map is like now."""
    try:
        found = path.stat()
        version = f"{found.st_size}_{found.st_mtime_ns}_{_find_method()}"
    except OSError:
        version = "gone"  # reading it says so
    return filesystem.home / FOLDER / f"{name}_{version}.gains"


@cache
def _find_method() -> str:
    return digest_sources([gain_images.__file__])[:8]


def _keep(images: Sequence[KeptGains], filesystem: Filesystem) -> Mapping[str, str]:
    """Unpack maps in a worker; return why one cannot be read, by the name of the image."""
    faults = {}
    for one in images:
        try:
            pixels = read_superpixels(one.image.path)
        except FitsError as error:
            faults[one.image.name] = str(error)
            continue
        _write(pixels, np.flatnonzero(pixels.is_measured), one.path, filesystem)
    return faults


def _write(pixels: Superpixels, places: Places, path: Path, filesystem: Filesystem) -> None:
    """Write those of some superpixels that are measured; their places, shape (n,), ascend."""
    rows = np.empty(len(places), _GAINS)
    rows["place"] = places
    rows["gain"], rows["error"] = pixels.gain[pixels.is_measured], pixels.error[pixels.is_measured]
    with filesystem.write(path) as temporary:
        rows.tofile(temporary)


@dataclass(frozen=True, eq=False)
class Lit:
    """The superpixels that are measured in any of some images.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Ascending, numbered row by row.
    numbers : ndarray of int32
        For each superpixel of the detector its number among them.
    """

    places: Places
    numbers: NDArray[np.int32]

    def spread(self, kept: KeptGains) -> Superpixels:
        """Return the gains of an image as arrays of shape (n,)."""
        rows = kept.read()
        own = self.numbers[rows["place"]]
        gain, error = np.zeros(len(self.places)), np.full(len(self.places), np.inf)
        gain[own], error[own] = rows["gain"], rows["error"]
        return Superpixels(gain, error, gain > 0)


def find_lit(images: Iterable[KeptGains], superpixels: int) -> Lit:
    """Return the superpixels that are measured in any of the images, of so many in all."""
    is_lit = np.zeros(superpixels, dtype=np.bool_)
    for one in images:
        is_lit[one.read()["place"]] = True
    numbers = np.cumsum(is_lit, dtype=np.int32) - 1
    return Lit(np.flatnonzero(is_lit), numbers)
