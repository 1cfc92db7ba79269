"""Go through all images of one segment at one voltage in order of time: what became of its gain.

Each image is read twice and none is kept, so that the memory is the same for ten and a thousand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.flagging import IN_ROWS, FalseFlags, Flagging, Flags
from hstql_assets.monitors.gain.gain_images import (
    COLUMNS,
    ROWS,
    Floats,
    GainImage,
    Mask,
    Superpixels,
    read_superpixels,
)
from hstql_assets.monitors.gain.gain_trends import Lines, Sample, fit_once, refit_lines
from hstql_resources.fits.errors import FitsError

TRACKED = 6  # superpixels whose measurements are drawn
APART = (8, 64)  # rows and columns between them


@dataclass(frozen=True, eq=False)
class EdgeGains:
    """The earliest or latest gain of each superpixel; arrays of shape (512, 2048).

    Attributes
    ----------
    gain : ndarray of float32
        Pulse height; 0 where it was never measured.
    mjd : ndarray of float64
        Start of the image, MJD UTC; NaN where it was never measured.
    """

    gain: NDArray[np.float32]
    mjd: Floats

    @classmethod
    def empty(cls) -> "EdgeGains":
        """Return that of no image."""
        return cls(np.zeros((ROWS, COLUMNS), dtype=np.float32), np.full((ROWS, COLUMNS), np.nan))

    def put(self, mask: Mask, gain: NDArray[np.floating], mjd: Floats | float) -> None:
        """Take over gains and the starts of their images (MJD UTC) where a mask is set.

        Mask and gains are of shape (512, 2048).
        """
        self.gain[mask] = gain[mask]
        self.mjd[mask] = mjd[mask] if isinstance(mjd, np.ndarray) else mjd


@dataclass(frozen=True, eq=False)
class Track:
    """The measurements of one superpixel; arrays of shape (images in which it was measured,)."""

    x: int
    y: int
    mjd: Floats
    gain: Floats
    error: Floats
    images: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Series:
    """What the images of a segment at a voltage say together.

    Attributes
    ----------
    images : list of GainImage
        Those that could be read, by time.
    flags : Flags
        Superpixels that lost their gain.
    expected_false : float
        How many superpixels are expected to be flagged by chance.
    lines : Lines
        The gain against time.
    first, last : EdgeGains
        The earliest and latest gain.
    tracks : tuple of Track
        The measurements of the superpixels that are nearest to the limit, or beyond.
    faults : tuple of str
        A sentence for each image that could not be read.
    """

    images: list[GainImage]
    flags: Flags
    expected_false: float
    lines: Lines
    first: EdgeGains
    last: EdgeGains
    tracks: tuple[Track, ...]
    faults: tuple[str, ...]

    @property
    def segment(self) -> str:
        """FUVA or FUVB."""
        return self.images[0].segment

    @property
    def high_voltage(self) -> int:
        """Commanded level."""
        return self.images[0].high_voltage

    @property
    def label(self) -> str:
        """For people: FUVA at 163."""
        return f"{self.segment} at {self.high_voltage}"

    @property
    def name(self) -> str:
        """For files: fuva_163."""
        return f"{self.segment.lower()}_{self.high_voltage}"

    @property
    def newest_mjd(self) -> float:
        """Start of the latest image, MJD UTC."""
        return self.images[-1].start_mjd

    @property
    def is_measured(self) -> Mask:
        """Superpixels with a gain in some image, shape (512, 2048)."""
        return np.asarray(self.last.gain > 0)


def make_series(images: Sequence[GainImage]) -> tuple[Series | None, tuple[str, ...]]:
    """Go through the images of one segment and voltage, by time.

    Returns
    -------
    series : Series or None
        None if no image can be read.
    faults : tuple of str
        A sentence for each image that cannot.
    """
    first_pass = _FirstPass(images)
    first_lines = fit_once(first_pass.samples())
    faults, readable = tuple(first_pass.faults), first_pass.readable
    if not readable:
        return None, faults
    flags = first_pass.flagging.finish()
    second_pass = _SecondPass(readable, first_lines, choose_worst(first_lines, flags))
    lines = refit_lines(first_lines, second_pass.samples())
    series = Series(
        images=readable,
        flags=flags,
        expected_false=second_pass.false_flags.expected(),
        lines=lines,
        first=first_pass.first,
        last=first_pass.last,
        tracks=second_pass.tracks(),
        faults=faults,
    )
    return series, faults


def choose_worst(lines: Lines, flags: Flags) -> list[tuple[int, int]]:
    """Return (y, x) of the superpixels to be drawn: two lost ones, and the next that will be.

    The lost ones are the latest. Of those to come only certain falls count. They are more than 64
    columns or 8 rows apart, so that not all are of one hole.
    """
    projected_mjd, _ = lines.projected
    is_wanted = IN_ROWS & ~flags.mask & lines.certainly_falls
    order = np.argsort(np.where(is_wanted, projected_mjd, np.inf), axis=None, kind="stable")
    latest = np.argsort(-flags.mjd, kind="stable")
    lost = [(int(flags.y[i]), int(flags.x[i])) for i in latest[:100]]
    number = min(int(is_wanted.sum()), 5000)
    falling = [(int(i) // COLUMNS, int(i) % COLUMNS) for i in order[:number]]
    chosen = _spread_out(lost, 2)
    return chosen + _spread_out(falling, TRACKED - len(chosen))


def _spread_out(places: Sequence[tuple[int, int]], number: int) -> list[tuple[int, int]]:
    taken: list[tuple[int, int]] = []
    for y, x in places:
        is_apart = all(abs(x - other) > APART[1] or abs(y - row) > APART[0] for row, other in taken)
        if is_apart and len(taken) < number:
            taken.append((y, x))
    return taken


class _FirstPass:
    """Reads the images, flags superpixels and keeps the first and last gains."""

    def __init__(self, images: Sequence[GainImage]) -> None:
        self._images = images
        self.readable: list[GainImage] = []
        self.faults: list[str] = []
        self.flagging = Flagging()
        self.first, self.last = EdgeGains.empty(), EdgeGains.empty()

    def samples(self) -> Iterator[Sample]:
        for image in self._images:
            try:
                pixels = read_superpixels(image.path)
            except FitsError as error:
                self.faults.append(str(error))
                continue
            self.readable.append(image)
            self.flagging.add(image.start_mjd, pixels)
            self.first.put(
                pixels.is_measured & (self.first.gain == 0), pixels.gain, image.start_mjd
            )
            self.last.put(pixels.is_measured, pixels.gain, image.start_mjd)
            yield image.start_mjd, pixels


class _SecondPass:
    """Reads the images again, adds up false flags and keeps some superpixels' measurements."""

    def __init__(
        self, images: Sequence[GainImage], lines: Lines, places: Sequence[tuple[int, int]]
    ) -> None:
        self._images = images
        self.false_flags = FalseFlags(lines)
        self._places = places
        self._seen: list[list[tuple[float, float, float, str]]] = [[] for _ in places]

    def samples(self) -> Iterator[Sample]:
        for image in self._images:
            pixels = read_superpixels(image.path)
            self.false_flags.add(image.start_mjd, pixels)
            self._keep(image, pixels)
            yield image.start_mjd, pixels

    def _keep(self, image: GainImage, pixels: Superpixels) -> None:
        for place, seen in zip(self._places, self._seen, strict=True):
            if pixels.is_measured[place]:
                gain, error = float(pixels.gain[place]), float(pixels.error[place])
                seen.append((image.start_mjd, gain, error, image.name))

    def tracks(self) -> tuple[Track, ...]:
        found = []
        for (y, x), seen in zip(self._places, self._seen, strict=True):
            mjd, gain, error = (
                np.array([one[:3] for one in seen], dtype=np.float64).reshape(-1, 3).T
            )
            found.append(Track(x, y, mjd, gain, error, tuple(one[3] for one in seen)))
        return tuple(found)
