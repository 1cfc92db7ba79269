"""Write images into FITS files, compressed without loss."""

from typing import Any

from numpy.typing import NDArray

TILE_ROWS = 16  # that are compressed together; ten times faster than one by one


def compress(pixels: NDArray[Any], name: str, unit: str = "") -> Any:
    """Return an image extension: floats by GZIP_2, whole numbers by Rice.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    name : str
        EXTNAME.
    unit : str
        BUNIT; empty for none.
    """
    from astropy.io import fits  # a tenth of a second that only those who write should wait for

    hdu = fits.CompImageHDU(
        pixels,
        name=name,
        compression_type="GZIP_2" if pixels.dtype.kind == "f" else "RICE_1",
        quantize_level=0.0,
        tile_shape=(TILE_ROWS, pixels.shape[1]),
    )
    if unit:
        hdu.header["BUNIT"] = unit
    return hdu
