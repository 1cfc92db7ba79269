"""Keep what became of the gain of a segment at a voltage: only what has new maps is redone."""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.monitors.gain import (
    flagging,
    gain_images,
    gain_trends,
    kept_gains,
    line_maps,
    series,
)
from hstql_assets.monitors.gain.flagging import Flags
from hstql_assets.monitors.gain.gain_trends import Lines, spread_lines
from hstql_assets.monitors.gain.kept_gains import FOLDER, KeptGains
from hstql_assets.monitors.gain.line_maps import find_line_map, write_line_maps
from hstql_assets.monitors.gain.series import EdgeGains, Series, Track, make_series
from hstql_resources.filesystem import Filesystem
from hstql_resources.source_digest import digest_sources

# What numbers and maps come from: all series are made anew when it changes.
_SOURCES = (flagging, gain_images, gain_trends, kept_gains, line_maps, series)
_ARRAYS = [one.name for one in fields(Flags) if one.name != "waiting"]


def _find(kept: Sequence[KeptGains], filesystem: Filesystem) -> Path:
    """Return where the series of these maps is kept: another map, another name."""
    first = kept[0].image
    said = [(one.path.name, one.image.start_mjd, one.image.end_mjd) for one in kept]
    digest = hashlib.sha256(repr((_find_method(), said)).encode()).hexdigest()[:32]
    name = f"{first.segment}_{first.high_voltage}_{digest}.npz"
    return filesystem.home / FOLDER / name


@cache
def _find_method() -> str:
    return digest_sources(str(module.__file__) for module in _SOURCES)


def follow_series(
    groups: Sequence[Sequence[KeptGains]], filesystem: Filesystem, workers: Executor
) -> Iterator[Series]:
    """Yield what became of each group: the maps of a segment at a voltage by time, one at least.

    The workers make the series that are not kept yet, and the maps of their lines. What is kept of
    other maps, which are gone or were made anew, is removed.
    """
    paths = [_find(group, filesystem) for group in groups]
    tasks = [
        workers.submit(_make, group, filesystem, path)
        for group, path in zip(groups, paths, strict=True)
        if not (path.is_file() and find_line_map(filesystem, group[0].image).is_file())
    ]
    for task in tasks:
        task.result()
    wanted = {*paths, *(one.path for group in groups for one in group)}
    for path in set((filesystem.home / FOLDER).glob("*")) - wanted:
        filesystem.remove(path)
    for group, path in zip(groups, paths, strict=True):
        yield _load(group, filesystem, path)


def _make(kept: Sequence[KeptGains], filesystem: Filesystem, path: Path) -> None:
    series = make_series(kept)
    with filesystem.write(find_line_map(filesystem, kept[0].image)) as temporary:
        write_line_maps(series, temporary)
    with filesystem.write(path) as temporary:  # the last one: with it all is there
        np.savez(temporary, **_pack(series))


def _load(kept: Sequence[KeptGains], filesystem: Filesystem, path: Path) -> Series:
    """Return a series from where it is kept; it is made anew if it cannot be read."""
    for _ in range(2):
        try:
            with path.open("rb") as file, np.load(file) as arrays:
                return _unpack(arrays, [one.image for one in kept])
        except (OSError, ValueError, LookupError, zipfile.BadZipFile):
            _make(kept, filesystem, path)
    raise OSError(f"{path} cannot be read, though it was made anew.")


def _pack(series: Series) -> dict[str, Any]:
    """Return the arrays of a series, without the superpixels that were never measured."""
    places = np.flatnonzero(series.is_measured)
    packed: dict[str, Any] = {"places": places, "waiting": series.flags.waiting}
    packed["expected_false"] = series.expected_false
    packed |= {f"flags_{name}": getattr(series.flags, name) for name in _ARRAYS}
    packed |= {f"lines_{one.name}": getattr(series.lines, one.name).flat[places]
               for one in fields(Lines)}  # fmt: skip
    for name, edge in (("first", series.first), ("last", series.last)):
        packed |= {f"{name}_gain": edge.gain.flat[places], f"{name}_mjd": edge.mjd.flat[places]}
    packed["tracks"] = np.array([(one.x, one.y) for one in series.tracks]).reshape(-1, 2)
    for number, one in enumerate(series.tracks):
        packed[f"track_{number}"] = np.array([one.mjd, one.gain, one.error])
        packed[f"images_{number}"] = np.array(one.images, dtype=np.str_)
    return packed


def _unpack(arrays: Any, images: Sequence[Any]) -> Series:
    places = arrays["places"]
    flags = {name: arrays[f"flags_{name}"] for name in _ARRAYS}
    lines = Lines(**{one.name: arrays[f"lines_{one.name}"] for one in fields(Lines)})
    first, last = (
        EdgeGains(arrays[f"{name}_gain"], arrays[f"{name}_mjd"]).spread(places)
        for name in ("first", "last")
    )
    return Series(
        list(images),
        Flags(**flags, waiting=int(arrays["waiting"])),
        float(arrays["expected_false"]),
        spread_lines(lines, places),
        first,
        last,
        tuple(_unpack_track(arrays, number) for number in range(len(arrays["tracks"]))),
    )


def _unpack_track(arrays: Any, number: int) -> Track:
    x, y = (int(place) for place in arrays["tracks"][number])
    mjd, gain, error = arrays[f"track_{number}"]
    return Track(x, y, mjd, gain, error, tuple(arrays[f"images_{number}"].tolist()))
