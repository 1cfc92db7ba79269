"""Tell the areas of pixels on the sky from the distortion in a header.

A flat field makes all pixels alike in surface brightness; the light of a star is theirs times
their areas. Areas are those of the polynomial of the distortion table (IDCTAB), which updatewcs
writes into the header: linear terms OCX1n, OCY1n [arcsec], higher ones as SIP (Shupe et al. 2005,
ASPC 347, 491), over the square of IDCSCALE. So they are free of the velocity aberration, which
the CD matrix has (VAFACTOR).
"""

import numpy as np
from numpy.typing import NDArray

from hstql_assets.images.reading import ScienceImage

Floats = NDArray[np.float64]
HIGHEST_ORDER = 9


def measure_areas(image: ScienceImage, x: Floats, y: Floats) -> Floats | None:
    """Return the areas of pixels over that of a nominal one; None without a distortion.

    Parameters
    ----------
    image : ScienceImage
    x, y : ndarray, any shape
        Columns and rows, from 0.
    """
    order = int(max(image.find_number(f"{axis}_ORDER", 0.0) for axis in "AB"))
    scale = image.find_number("IDCSCALE", 0.0)
    linear = _find_linear(image)
    if not 2 <= order <= HIGHEST_ORDER or scale <= 0.0 or linear is None:
        return None
    u = x - (image.find_number("CRPIX1", 0.0) - 1.0)
    v = y - (image.find_number("CRPIX2", 0.0) - 1.0)
    a_u, a_v = _differentiate(image, "A", order, u, v)
    b_u, b_v = _differentiate(image, "B", order, u, v)
    jacobian = (1.0 + a_u) * (1.0 + b_v) - a_v * b_u
    return np.asarray(np.abs(linear * jacobian) / scale**2)


def _find_linear(image: ScienceImage) -> float | None:
    """Return the determinant of the linear terms [arcsec2]."""
    names = ("OCX11", "OCY10", "OCX10", "OCY11")
    xx, yy, xy, yx = (image.find_number(name, float("nan")) for name in names)
    if np.isfinite(found := xx * yy - xy * yx) and found:
        return float(found)
    names = ("CD1_1", "CD2_2", "CD1_2", "CD2_1")
    xx, yy, xy, yx = (image.find_number(name, float("nan")) * 3600.0 for name in names)
    found = (xx * yy - xy * yx) / image.find_number("VAFACTOR", 1.0) ** 2
    return float(found) if np.isfinite(found) and found else None


def _differentiate(
    image: ScienceImage, axis: str, order: int, u: Floats, v: Floats
) -> tuple[Floats, Floats]:
    """Return the derivatives of a polynomial by u and by v, [pixel] from the reference pixel."""
    by_u, by_v = np.zeros(np.shape(u)), np.zeros(np.shape(u))
    for i in range(order + 1):
        for j in range(order + 1 - i):
            if coefficient := image.find_number(f"{axis}_{i}_{j}", 0.0):
                by_u += coefficient * i * u ** max(i - 1, 0) * v**j
                by_v += coefficient * j * u**i * v ** max(j - 1, 0)
    return by_u, by_v
