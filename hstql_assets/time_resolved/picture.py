"""Draw time-resolved spectra: time up, wavelength right; with Pillow, in some milliseconds."""

import numpy as np
from PIL import Image

from hstql_assets.pages.drawing.plot import PAPER, Axis, Plot, encode
from hstql_assets.pages.drawing.scales import fit_scale
from hstql_assets.time_resolved.spectra import TimeResolvedSpectra
from hstql_resources.times import write_time

WIDTH, HEIGHT = 900, 300  # of the map
LEFT, RIGHT, TOP, BELOW = 76, 20, 32, 52
UNKNOWN = 214, 218, 224
# Viridis at five places: even in brightness, and the same to most of the colour-blind.
COLOURS = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)])
BRIGHTEST = 99.0  # percentile that has the last colour: lines of airglow outshine all else


def draw_time_resolved(spectra: TimeResolvedSpectra) -> bytes:
    """Draw a PNG of the flux, or counts less background per second where there is none."""
    values, weights = _take_values(spectra)
    waves = spectra.join_cells("wavelength")
    known = waves[np.isfinite(waves) & (spectra.join_cells("columns") > 0)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    pixels = _average(values, weights, waves, low, high)
    seen = pixels[np.isfinite(pixels)]
    bright = float(np.percentile(seen, BRIGHTEST)) if seen.size else 1.0
    image = Image.new("RGB", (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BELOW), PAPER)
    start = write_time(spectra.exposure.exp_start_mjd)
    x = Axis(fit_scale(low, high), "wavelength", "Å", f"; up: time since {start} UTC")
    y = Axis(fit_scale(0.0, float(spectra.edges_s[-1])), "time", "s")
    plot = Plot(image, (LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT), x, y)
    coloured = Image.fromarray(_colour(pixels[::-1], bright if bright > 0 else 1.0))
    image.paste(coloured.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST), (LEFT, TOP))
    plot.finish()
    what = "flux (erg s⁻¹ cm⁻² Å⁻¹)" if spectra.is_flux_calibrated else "net rate (counts s⁻¹)"
    name = f"{spectra.exposure.target_name} {spectra.exposure.rootname}"
    plot.title(f"{name}: {what}, blue 0 to yellow {bright:.3g}")
    return encode(image)


def _take_values(spectra: TimeResolvedSpectra) -> tuple[np.ndarray, np.ndarray]:
    """Return what is drawn, and what each counts in a mean, shape (regions, intervals, bins)."""
    if spectra.is_flux_calibrated:
        return spectra.join("flux"), spectra.join_cells("calibrated")[:, None, :]
    live_s = np.concatenate(
        [np.tile(file.exposure_s, (len(file.cells.names), 1)) for file in spectra.files]
    )[:, :, None]
    counts = spectra.join("gross") - spectra.join("background")
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts / live_s, spectra.join_cells("columns")[:, None, :]


def _average(
    values: np.ndarray, weights: np.ndarray, waves: np.ndarray, low: float, high: float
) -> np.ndarray:
    """Return means over the bins in each pixel column, shape (intervals, WIDTH), NaN without one.

    Values and weights have the shape (regions, intervals, bins), wavelengths (regions, bins). A bin
    is as wide as the distance to the next.
    """
    intervals = values.shape[1]
    total, weight = np.zeros((2, intervals, WIDTH + 1))
    per_pixel = max((high - low) / WIDTH, 1e-9)
    steps = np.abs(np.gradient(waves, axis=1)) if waves.shape[1] > 1 else np.zeros(waves.shape)
    spread = int(np.clip(np.ceil(np.nanmax(steps, initial=0.0) / per_pixel), 1, WIDTH))
    for part in range(spread):
        place = waves + steps * ((part + 0.5) / spread - 0.5)
        inside = np.isfinite(place) & (place >= low) & (place <= high)
        pixel = np.where(inside, np.nan_to_num((place - low) / per_pixel), WIDTH).astype(np.intp)
        flat = pixel[:, None, :] + np.arange(intervals)[:, None] * (WIDTH + 1)
        known = np.isfinite(values) & (weights > 0)
        share = np.where(known, weights, 0.0)
        for sums, of_each in ((total, np.where(known, values, 0.0) * share), (weight, share)):
            sums += np.bincount(flat.ravel(), of_each.ravel(), sums.size).reshape(sums.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((total / weight)[:, :WIDTH])


def _colour(values: np.ndarray, bright: float) -> np.ndarray:
    """Return colours from 0 to `bright`, shape (rows, columns, 3), of values; grey for NaN."""
    place = np.clip(np.nan_to_num(values / bright), 0.0, 1.0) * (len(COLOURS) - 1)
    stops = np.arange(len(COLOURS))
    colours = np.stack([np.interp(place, stops, band) for band in COLOURS.T], axis=-1)
    return np.where(np.isfinite(values)[..., None], colours, UNKNOWN).astype(np.uint8)
