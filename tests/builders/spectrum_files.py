"""Files of spectra and events with known content, as COS and STIS have them."""

from pathlib import Path

import numpy as np
from astropy.io import fits

UNIT = "erg /s /cm**2 /angstrom"


def write_cos_x1d(
    path: Path, flux: np.ndarray, weight: np.ndarray | None = None, **columns: np.ndarray
) -> Path:
    """Write an x1d of COS; flux has the shape (segments, pixels), NET is 1e14 times as much."""
    spectra, width = flux.shape
    form = f"{width}E"
    wave = np.linspace(1100.0, 1500.0, spectra * width).reshape(spectra, width)
    weights = np.ones_like(flux) if weight is None else weight
    table = [
        fits.Column("SEGMENT", "4A", array=["FUVA", "FUVB", "FUVC"][:spectra]),
        fits.Column("NELEM", "1J", array=columns.get("NELEM", np.full(spectra, width))),
        fits.Column("WAVELENGTH", f"{width}D", "angstrom", array=columns.get("WAVELENGTH", wave)),
        fits.Column("FLUX", form, UNIT, array=flux),
        fits.Column("NET", form, "count /s", array=flux * 1e14),
        fits.Column("DQ_WGT", form, array=weights),
    ]
    return write_tables(path, [table], {"DETECTOR": "FUV", "FLUXCORR": "COMPLETE"})


def write_stis_x1d(path: Path, tables: list[tuple[np.ndarray, np.ndarray]], flags: int) -> Path:
    """Write an x1d of STIS: for each exposure flux and DQ, both of the shape (orders, pixels)."""
    made = []
    for flux, quality in tables:
        width = flux.shape[1]
        made.append(
            [
                fits.Column("WAVELENGTH", f"{width}D", array=np.full(flux.shape, 5000.0)),
                fits.Column("FLUX", f"{width}E", "erg/s/cm**2/Angstrom", array=flux),
                fits.Column("NET", f"{width}E", array=np.ones_like(flux)),
                fits.Column("DQ", f"{width}I", array=quality),
            ]
        )
    return write_tables(path, made, {"DETECTOR": "CCD"}, {"SDQFLAGS": flags})


def write_corrtag(path: Path, heights: np.ndarray, **primary: object) -> Path:
    """Write a corrtag of COS/FUV with events of these pulse heights."""
    form = "1B" if heights.dtype == np.uint8 else "1I"
    table = [
        fits.Column("TIME", "1E", array=np.zeros(len(heights))),
        fits.Column("PHA", form, array=heights),
    ]
    keywords = {"DETECTOR": "FUV", "SEGMENT": "FUVA", "OBSMODE": "TIME-TAG", **primary}
    return write_tables(path, [table], keywords, name="EVENTS")


def write_tables(
    path: Path,
    tables: list[list[fits.Column]],
    primary: dict[str, object],
    keywords: dict[str, object] | None = None,
    name: str = "SCI",
) -> Path:
    """Write tables as extensions of one name, the same keywords in each of them."""
    hdus = fits.HDUList([fits.PrimaryHDU(header=fits.Header(primary))])
    for version, columns in enumerate(tables, 1):
        hdu = fits.BinTableHDU.from_columns(columns, name=name, ver=version)
        hdu.header.update(keywords or {})
        hdus.append(hdu)
    hdus.writeto(path)
    return path
