"""Go through all images of one segment at one voltage in order of time: what became of its gain.

Each image is gone through twice and none is held, so that the memory is the same for ten and a
thousand; only superpixels that are measured in any of them are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.flagging import IN_ROWS, FalseFlags, Flagging, Flags, Places
from hstql_assets.monitors.gain.gain_images import (
    COLUMNS,
    ROWS,
    Floats,
    GainImage,
    Mask,
    Superpixels,
)
from hstql_assets.monitors.gain.gain_trends import (
    Lines,
    Sample,
    fit_once,
    refit_lines,
    spread_lines,
)
from hstql_assets.monitors.gain.kept_gains import KeptGains, Lit, find_lit

TRACKED = 6  # superpixels whose measurements are drawn
APART = (8, 64)  # rows and columns between them


@dataclass(frozen=True, eq=False)
class EdgeGains:
    """The earliest or latest gain of each superpixel; arrays of shape (512, 2048), or of some.

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
    def empty(cls, shape: tuple[int, ...] = (ROWS, COLUMNS)) -> "EdgeGains":
        """Return that of no image."""
        return cls(np.zeros(shape, dtype=np.float32), np.full(shape, np.nan))

    def put(self, mask: Mask, gain: NDArray[np.floating], mjd: Floats | float) -> None:
        """Take over gains and the starts of their images (MJD UTC) where a mask is set.

        Mask and gains are of the same shape.
        """
        np.copyto(self.gain, gain, casting="same_kind", where=mask)
        np.copyto(self.mjd, mjd, where=mask)

    def spread(self, places: Places) -> "EdgeGains":
        """Return those of superpixels at some places as those of the whole detector."""
        whole = EdgeGains.empty()
        whole.gain.flat[places], whole.mjd.flat[places] = self.gain, self.mjd
        return whole


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
    """

    images: list[GainImage]
    flags: Flags
    expected_false: float
    lines: Lines
    first: EdgeGains
    last: EdgeGains
    tracks: tuple[Track, ...]

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


def make_series(kept: Sequence[KeptGains]) -> Series:
    """Go through the images of one segment and voltage, one at least, by time."""
    lit = find_lit(kept, ROWS * COLUMNS)
    first_pass = _FirstPass(kept, lit)
    first_lines = fit_once(first_pass.samples())
    flags = first_pass.flagging.finish()
    places = choose_worst(spread_lines(first_lines, lit.places), flags)
    second_pass = _SecondPass(kept, lit, first_lines, places)
    lines = refit_lines(first_lines, second_pass.samples())
    return Series(
        images=[one.image for one in kept],
        flags=flags,
        expected_false=second_pass.false_flags.expected(),
        lines=spread_lines(lines, lit.places),
        first=first_pass.first.spread(lit.places),
        last=first_pass.last.spread(lit.places),
        tracks=second_pass.tracks(),
    )


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
    """Flags superpixels and keeps the first and last gains."""

    def __init__(self, kept: Sequence[KeptGains], lit: Lit) -> None:
        self._kept, self._lit = kept, lit
        self.flagging = Flagging(lit.places)
        shape = lit.places.shape
        self.first, self.last = EdgeGains.empty(shape), EdgeGains.empty(shape)

    def samples(self) -> Iterator[Sample]:
        for one in self._kept:
            pixels, mjd = self._lit.spread(one), one.image.start_mjd
            self.flagging.add(mjd, pixels)
            self.first.put(pixels.is_measured & (self.first.gain == 0), pixels.gain, mjd)
            self.last.put(pixels.is_measured, pixels.gain, mjd)
            yield mjd, pixels


class _SecondPass:
    """Adds up false flags and keeps the measurements of superpixels at some places (y, x)."""

    def __init__(
        self, kept: Sequence[KeptGains], lit: Lit, lines: Lines, places: Sequence[tuple[int, int]]
    ) -> None:
        self._kept, self._lit, self._places = kept, lit, places
        self.false_flags = FalseFlags(lines, lit.places)
        self._numbers = [int(lit.numbers[y * COLUMNS + x]) for y, x in places]
        self._seen: list[list[tuple[float, float, float, str]]] = [[] for _ in places]

    def samples(self) -> Iterator[Sample]:
        for one in self._kept:
            pixels = self._lit.spread(one)
            self.false_flags.add(one.image.start_mjd, pixels)
            self._keep(one.image, pixels)
            yield one.image.start_mjd, pixels

    def _keep(self, image: GainImage, pixels: Superpixels) -> None:
        for number, seen in zip(self._numbers, self._seen, strict=True):
            if pixels.is_measured[number]:
                gain, error = float(pixels.gain[number]), float(pixels.error[number])
                seen.append((image.start_mjd, gain, error, image.name))

    def tracks(self) -> tuple[Track, ...]:
        found = []
        for (y, x), seen in zip(self._places, self._seen, strict=True):
            mjd, gain, error = (
                np.array([one[:3] for one in seen], dtype=np.float64).reshape(-1, 3).T
            )
            found.append(Track(x, y, mjd, gain, error, tuple(one[3] for one in seen)))
        return tuple(found)
