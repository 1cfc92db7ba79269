"""State where the sky outshines most targets, on ultraviolet detectors.

Lyman alpha and O I of the Earth's own atmosphere fill the aperture, and follow the Sun, not the
star. What they light up is an image of the aperture, so its width depends on the mode.
"""

import re

Windows = tuple[tuple[float, float], ...]  # first and last wavelength of each, Angstrom

# COS, all gratings and both apertures (2.5 arcsec, 110 columns): those of hstlc. Of the Lyman alpha
# of the real ld9m10ujq (G130M) 97 % lie within 70 columns of the line, 99.8 % within 100, which are
# 1 Angstrom; so they do in G140L (ldfd01vnq), of 8 Angstrom.
AIRGLOW_WINDOWS_ANGSTROM: Windows = ((1208.0, 1225.0), (1298.0, 1312.0))

LINES_ANGSTROM = (1215.67, 1302.168, 1304.858, 1306.029)  # Lyman alpha, O I
# Angstrom per column of the first-order gratings of STIS, and wavelength over that of the echelles
# (STIS Instrument Handbook, section 4.1, table 4.1; G140M: the real odlm21030).
DISPERSION = {"G140L": 0.6, "G140M": 0.0533}
RESOLUTION = {"E140M": 91_700.0, "E140H": 228_000.0}
ARCSEC_PER_COLUMN = 0.0246  # of the FUV-MAMA
# 5 to 7 % of a line are more than 5 columns from the image of the slit (the real odlm18040).
WING_COLUMNS = 5.0
# Wavelengths are those at the Sun: the Earth moves by 30 km/s, the telescope about it by 8.
DOPPLER = 38.0 / 299_792.458
# Light through a slit so narrow is little, and a long one has as much beside the star: it is in
# the background, column by column, also in that of the x1d.
NARROW_ARCSEC, LONG_ARCSEC = 0.2, 20.0
OPEN_ARCSEC = 5.0  # a wider aperture spreads a line over the whole detector: it is background


def find_airglow(instrument: str, opt_elem: str, aperture: str) -> Windows:
    """Return the wavelengths that the sky lights up in a mode.

    Parameters
    ----------
    instrument, opt_elem, aperture : str
        INSTRUME, OPT_ELEM and APERTURE.

    Returns
    -------
    tuple of (float, float)
        First and last wavelength of each window, Angstrom.
    """
    if instrument != "STIS":
        return AIRGLOW_WINDOWS_ANGSTROM
    slit = re.match(r"([\d.]+)X([\d.]+)", aperture.upper())
    if slit is None or opt_elem not in {*DISPERSION, *RESOLUTION}:
        return ()
    length, width = float(slit[1]), float(slit[2])  # across and along the spectrum
    is_subtracted = opt_elem in DISPERSION and length >= LONG_ARCSEC and width <= NARROW_ARCSEC
    if is_subtracted or width >= OPEN_ARCSEC:
        return ()
    columns = width / 2 / ARCSEC_PER_COLUMN + WING_COLUMNS
    windows: list[tuple[float, float]] = []
    for line in LINES_ANGSTROM:
        per_column = DISPERSION.get(opt_elem) or line / RESOLUTION[opt_elem]
        half = columns * per_column + DOPPLER * line
        overlaps = bool(windows) and line - half <= windows[-1][1]
        first = windows.pop()[0] if overlaps else line - half
        windows.append((first, line + half))
    return tuple(windows)


def describe_airglow(windows: Windows = AIRGLOW_WINDOWS_ANGSTROM) -> str:
    """Return wavelengths in words, Angstrom; empty where there are none."""
    return " and ".join(f"{first:.6g}-{last:.6g}" for first, last in windows)
