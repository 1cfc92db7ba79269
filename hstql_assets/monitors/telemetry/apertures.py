"""Where the aperture block should be across the dispersion, by lifetime position.

Motor steps; the numbers of COSMO's aperture monitor of 2026. The FUV spectra are moved over the
detector by moving the aperture, each move a new lifetime position; the NUV detector keeps the
first.
"""

_PSA = {
    1: 126.0, 2: 53.0, 3: 181.0, 4: 234.0, 5: 13.0, 6: -11.0, 7: -49.0, 8: 206.0, 10: 206.0,
    11: 270.0, 12: 90.0,
}  # fmt: skip
_BOA = {
    1: -153.0, 2: -226.0, 3: -98.0, 4: -45.0, 5: -226.0, 6: -98.0, 7: -98.0, 8: -73.0, 10: -73.0,
    11: -9.0, 12: -189.0,
}  # fmt: skip
# The lamp is seen with the aperture elsewhere where the aperture of the star has gone too far.
_WCA = {**_PSA, 6: 22.0, 7: 32.0}
NOMINAL_FUV = {"PSA": _PSA, "BOA": _BOA, "FCA": _BOA, "WCA": _WCA}
NOMINAL_NUV = {"PSA": 126.0, "WCA": 126.0, "BOA": -153.0, "FCA": -153.0}


def nominal_position(
    detector: str | None, aperture: str | None, life_adj: int | None
) -> float | None:
    """Return where the aperture should be across the dispersion [motor steps].

    Parameters
    ----------
    detector, aperture : str or None
        FUV or NUV; PSA, BOA, WCA or FCA.
    life_adj : int or None
        Lifetime position; of the FUV detector only.

    Returns
    -------
    float or None
        None for what is not in the table, such as LIFE_ADJ = -1 of an exposure elsewhere.
    """
    if aperture is None:
        return None
    if detector == "NUV":
        return NOMINAL_NUV.get(aperture)
    if detector != "FUV" or life_adj is None:
        return None
    return NOMINAL_FUV.get(aperture, {}).get(life_adj)
