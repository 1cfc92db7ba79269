"""Sum the light of a star in a circle, less the sky of a ring around it, with its errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SUBPIXELS = 10  # along each side of a pixel, of which those within the circle count
CLIP_SIGMAS = 3.0


@dataclass(frozen=True)
class Sky:
    """The ring around a star.

    Attributes
    ----------
    level, sigma : float
        Clipped mean and deviation of a pixel [electron].
    pixels : int
        That are left of it.
    share : float
        Good pixels over those of the whole ring.
    """

    level: float
    sigma: float
    pixels: int
    share: float


@dataclass(frozen=True)
class Light:
    """The light in a circle [electron], with the parts of its error.

    Attributes
    ----------
    total : float
        Sky taken off, pixels weighted by their areas.
    photon_error, read_error, sky_error : float
        Of photons of star and background, of reading, and of the level of the sky.
    peak : float
        Share of it in the brightest pixel.
    """

    total: float
    photon_error: float
    read_error: float
    sky_error: float
    peak: float

    @property
    def error(self) -> float:
        """All of it [electron]."""
        return float(np.sqrt(self.photon_error**2 + self.read_error**2 + self.sky_error**2))


def weigh_circle(shape: tuple[int, int], x: float, y: float, radius: float) -> Floats:
    """Return the share of each pixel that lies in a circle, shape (rows, columns).

    `x`, `y` are column and row of its middle, from 0 at the centre of the first pixel.
    """
    fine = (np.arange(SUBPIXELS) + 0.5) / SUBPIXELS - 0.5
    rows, columns = ((np.arange(size)[:, np.newaxis] + fine).ravel() for size in shape)
    is_in = np.hypot(columns - x, (rows - y)[:, np.newaxis]) <= radius
    blocks = is_in.reshape(shape[0], SUBPIXELS, shape[1], SUBPIXELS)
    return np.asarray(blocks.mean(axis=(1, 3)))


def measure_sky(
    pixels: Floats, is_good: Mask, place: tuple[float, float], inner: float, outer: float
) -> Sky | None:
    """Return the sky in a ring; None if none of it is good.

    Parameters
    ----------
    pixels, is_good : ndarray, shape (rows, columns)
        Values [electron], and which of them may be used.
    place : tuple of float
        Column and row of its middle, from 0.
    inner, outer : float
        Radii [pixel].
    """
    from astropy.stats import sigma_clip  # a tenth of a second that only those who measure wait for

    row, column = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    away = np.hypot(column - place[0], row - place[1])
    chosen = pixels[(away >= inner) & (away <= outer) & is_good & np.isfinite(pixels)]
    if not chosen.size:
        return None
    kept = sigma_clip(chosen, sigma=CLIP_SIGMAS, maxiters=None, masked=False)
    whole = np.pi * (outer**2 - inner**2)
    deviation = float(kept.std(ddof=1)) if kept.size > 1 else 0.0
    return Sky(float(kept.mean()), deviation, int(kept.size), chosen.size / whole)


def sum_light(
    pixels: Floats, areas: Floats, weights: Floats, sky: Sky, read_noise_e: float
) -> Light:
    """Return the light of a star.

    Parameters
    ----------
    pixels, areas, weights : ndarray, same shape
        Values [electron], areas over a nominal one, shares that lie in the circle.
    sky : Sky
        Whose deviation is the noise of a pixel without the star, whatever is in it.
    read_noise_e : float
        Of a pixel [electron]; no more than that deviation is counted.
    """
    net = pixels - sky.level
    counted = weights * areas
    total = float((counted * net).sum())
    read = min(read_noise_e, sky.sigma)
    background = sky.sigma**2 - read**2
    photons = float((counted**2 * (np.maximum(net, 0.0) + background)).sum())
    noise = float((counted**2).sum()) * read**2
    level = float(counted.sum()) * sky.sigma / np.sqrt(max(sky.pixels, 1))
    return Light(
        total,
        float(np.sqrt(photons)),
        float(np.sqrt(noise)),
        float(level),
        float((counted * net).max()) / total if total > 0.0 else float("inf"),
    )
