"""Small FITS files to draw: cameras with a known pattern, spectra and events."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import Detector, find_detector
from hstql_resources.filenames import parse_filename


def source(path: Path) -> InputFile:
    """The file as a source of pictures."""
    name = parse_filename(path.name)
    assert name is not None
    return InputFile(name.name, name.filetype, path)


def detector(instrument: str, name: str) -> Detector:
    found = find_detector(instrument, name)
    assert found is not None
    return found


def science(
    values: np.ndarray, version: int = 1, flags: np.ndarray | None = None, **keywords: object
) -> list[fits.ImageHDU]:
    """A science extension, and its flags if there are any."""
    hdus = [fits.ImageHDU(values, name="SCI", ver=version)]
    hdus[0].header.update(keywords)
    if flags is not None:
        hdus.append(fits.ImageHDU(flags.astype(np.int16), name="DQ", ver=version))
    return hdus


def constant(value: float, rows: int, columns: int) -> list[fits.ImageHDU]:
    """A science extension without pixels."""
    hdu = fits.ImageHDU(name="SCI", ver=1)
    hdu.header.update(NPIX1=columns, NPIX2=rows, PIXVALUE=value, BUNIT="COUNTS")
    return [hdu]


def save(path: Path, name: str, hdus: list[fits.ImageHDU], **keywords: object) -> Path:
    primary = fits.PrimaryHDU()
    primary.header.update(DETECTOR=name, **keywords)
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([primary, *hdus]).writeto(path)
    return path


def sky(rows: int, columns: int, seed: int = 1) -> np.ndarray:
    """Noise around 100 with a deviation of 5."""
    return np.random.default_rng(seed).normal(100, 5, (rows, columns)).astype(np.float32)


def spectrum_file(
    path: Path, columns: Mapping[str, tuple[str, str, np.ndarray]], **keywords: object
) -> Path:
    """A file with one table of spectra; columns by name: format, unit, values by row."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name, form, unit or None, array=values)
            for name, (form, unit, values) in columns.items()
        ],
        name="SCI",
        ver=1,
    )
    table.header.update(keywords)
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path


def event_file(path: Path, name: str, x: np.ndarray, y: np.ndarray, columns: str) -> Path:
    """A file with one table of events; `columns` are the names of the positions."""
    first, second = columns.split()
    table = fits.BinTableHDU.from_columns(
        [fits.Column(first, "E", array=x), fits.Column(second, "E", array=y)], name="EVENTS"
    )
    primary = fits.PrimaryHDU()
    primary.header["DETECTOR"] = name
    fits.HDUList([primary, table]).writeto(path)
    return path
