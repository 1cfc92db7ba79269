"""Draw an extracted spectrum: flux against wavelength, with its errors."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from hstql_assets.batching.input_files import InputFile
from hstql_assets.pages.drawing.legend import Entry, write_legend
from hstql_assets.pages.drawing.plot import PAPER, Axis, Plot
from hstql_assets.pages.drawing.scales import fit_scale
from hstql_assets.previews.picture_files import Drawn, draw_note
from hstql_assets.previews.spectra import ExtractedSpectrum, Piece, read_extracted
from hstql_assets.science.airglow import AIRGLOW_WINDOWS_ANGSTROM

WIDTH, HEIGHT = 1000, 600  # pixels
BOX = (88, 34, 984, 546)  # left, top, right and bottom of the area with the spectrum
MOST_POINTS = 2000  # of one segment or order, twice the width in pixels
# Noise would fill the picture: means are taken until a typical error is a third of the value.
FEWEST_POINTS, NOISE = 250, 1 / 3
MARGIN = 0.1  # of the axis

# What the axis of values is fitted to: airglow, the outermost values, and values that are mostly
# noise run out of the picture.
AXIS_PERCENTILES = (0.5, 99.5)
LARGE_ERROR, SIGNIFICANT = 3.0, 5.0  # median errors; errors of the value itself
COLOURS = ("#1f5aa0", "#c2571a", "#2e7d4f")
SEVERAL = 4  # from so many pieces on they are orders, not named one by one

_UNITS = {
    "angstrom": "Å",
    "angstroms": "Å",
    "erg/s/cm**2/angstrom": "erg s⁻¹ cm⁻² Å⁻¹",
    "count/s": "counts/s",
    "counts/s": "counts/s",
}


def draw_spectra(source: InputFile) -> list[Drawn]:
    """Draw the spectra of a file, one picture for each table.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    return [_draw(spectrum, source.filename) for spectrum in read_extracted(source.path)]


def average(piece: Piece, factor: int) -> Piece:
    """Return a piece with the means of as many neighbouring good pixels.

    Parameters
    ----------
    piece : Piece
    factor : int
        How many pixels make one; what is left over at the end is a shorter group.

    Returns
    -------
    Piece
        Errors are those of the means, of independent pixels.
    """
    if factor == 1:
        return piece
    starts = np.arange(0, len(piece.wavelength), factor)
    sizes = np.diff(np.append(starts, len(piece.wavelength)))
    return Piece(
        piece.name,
        np.add.reduceat(piece.wavelength, starts) / sizes,
        np.add.reduceat(piece.value, starts) / sizes,
        np.sqrt(np.add.reduceat(piece.error**2, starts)) / sizes,
    )


def choose_factor(pieces: Sequence[Piece]) -> int:
    """Return how many pixels of spectra, one at least, are drawn as one."""
    longest = max(len(piece.value) for piece in pieces)
    factor = -(-longest // MOST_POINTS)
    while longest // (2 * factor) >= FEWEST_POINTS and _is_noise(pieces, factor):
        factor *= 2
    return factor


def _is_noise(pieces: Sequence[Piece], factor: int) -> bool:
    means = [average(piece, factor) for piece in pieces]
    value, error = (np.concatenate([getattr(one, name) for one in means])
                    for name in ("value", "error"))  # fmt: skip
    is_known = np.isfinite(error) & (error > 0)
    if not is_known.any():
        return False
    return bool(np.median(error[is_known]) > NOISE * np.median(np.abs(value[is_known])))


def _draw(spectrum: ExtractedSpectrum, filename: str) -> Drawn:
    values = [piece.value for piece in spectrum.pieces]
    if not values:
        note = f"No pixel of {filename} is good."
        image = draw_note((HEIGHT, WIDTH), note)
        return Drawn(image, spectrum.version, unit=spectrum.unit or None, note=note)
    factor = choose_factor(spectrum.pieces)
    pieces = [average(piece, factor) for piece in spectrum.pieces]
    low, high = _axis(pieces)
    image = _plot(spectrum, pieces, (low, high), _title(spectrum, filename, factor))
    return Drawn(image, spectrum.version, low, high, spectrum.unit or None)


def _axis(pieces: Sequence[Piece]) -> tuple[float, float]:
    """Return the ends of the axis of values, zero always between them."""
    wavelength, value, error = (
        np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("wavelength", "value", "error")
    )
    low, high = np.percentile(value[_counts(wavelength, value, error)], AXIS_PERCENTILES)
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    if low == high:
        return -1.0, 1.0
    space = MARGIN * (high - low)
    return low - space, high + space


def _counts(wavelength: np.ndarray, value: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Tell which values, shape (n,), the axis is fitted to; all where nothing else is left."""
    is_airglow = np.zeros(len(value), bool)
    for first, last in AIRGLOW_WINDOWS_ANGSTROM:
        is_airglow |= (wavelength >= first) & (wavelength <= last)
    is_known = np.isfinite(error) & (error > 0)
    if is_known.any():
        is_noise = is_known & (error > LARGE_ERROR * np.median(error[is_known]))
        is_noise &= np.abs(value) < SIGNIFICANT * error
    else:
        is_noise = np.zeros(len(value), bool)
    is_counted = ~is_airglow & ~is_noise
    return is_counted if is_counted.any() else np.ones(len(value), bool)


def _title(spectrum: ExtractedSpectrum, filename: str, factor: int) -> str:
    words = [filename]
    if spectrum.version > 1:
        words.append(f"extension {spectrum.version}")
    if spectrum.quantity == "NET":
        words.append("without flux calibration")
    if factor > 1:
        words.append(f"means of {factor} pixels")
    return ", ".join(words)


def _plot(
    spectrum: ExtractedSpectrum, pieces: Sequence[Piece], ends: tuple[float, float], title: str
) -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    x = Axis(fit_scale(*_wavelengths(pieces)), "Wavelength", _in_words(spectrum.wavelength_unit))
    name = "Flux" if spectrum.quantity == "FLUX" else "Net count rate"
    plot = Plot(image, BOX, x, Axis(fit_scale(*ends), name, _in_words(spectrum.unit)))
    colours = [COLOURS[number % len(COLOURS)] for number in range(len(pieces))]
    for piece, colour in zip(pieces, colours, strict=True):
        lower, upper = piece.value - piece.error, piece.value + piece.error
        plot.band(piece.wavelength, lower, upper, colour)
        plot.line(piece.wavelength, piece.value, colour)
    plot.title(title)
    plot.finish()
    if 1 < len(pieces) < SEVERAL:
        names = zip(pieces, colours, strict=True)
        write_legend(plot, [Entry(piece.name, colour) for piece, colour in names])
    return image


def _wavelengths(pieces: Sequence[Piece]) -> tuple[float, float]:
    first = min(float(piece.wavelength[0]) for piece in pieces)
    last = max(float(piece.wavelength[-1]) for piece in pieces)
    space = 0.01 * (last - first) or 1.0
    return first - space, last + space


def _in_words(unit: str) -> str:
    """Return a unit as it is usually written."""
    return _UNITS.get(unit.replace(" ", "").lower(), unit)
