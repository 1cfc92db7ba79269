"""Make the jitter files of the cameras: where the telescope pointed, as tables and images."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure, make_exposure
from hstql_resources.archive.simulated.cameras.values import primary_values
from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.observing_program import CLOCK
from hstql_resources.archive.simulated.sky.fitsfile import Values, pack_rows, write_unit
from hstql_resources.archive.simulated.sky.jitter import jitter_columns
from hstql_resources.times import mjd_to_datetime

JITTER_STREAM = 94
IMAGE_PIXELS = 64  # along each side of a jif image
IMAGE_PIXEL_MAS = 2.0
JITTER_MAS = 2.4  # of the pointing, along each axis
SAMPLES_PER_SECOND = 40.0


def make_jit(exposure: Exposure, filename: str) -> bytes:
    """Return the jit file: a table of pointing and orbit for each exposure of it.

    As in real ones its ROOTNAME ends in `j`, if it is not an association's, and INSTRUME says
    FGS.
    """
    return _make_file(exposure, filename, "jit_primary", "jit_table", _make_table)


def make_jif(exposure: Exposure, filename: str) -> bytes:
    """Return the jif file: how often the telescope pointed where, for each exposure of it."""
    return _make_file(exposure, filename, "jif_primary", "jif_image", _make_image)


def _make_file(
    exposure: Exposure,
    filename: str,
    primary: str,
    extension: str,
    make: Callable[[Exposure, np.random.Generator], tuple[Values, bytes]],
) -> bytes:
    """Return a file with the data that `make` gives for each exposure, by names of its cards."""
    rng = exposure.random_stream(JITTER_STREAM)
    members = _exposures_of(exposure)
    values = {**_guiding(exposure), "FILENAME": filename, "NEXTEND": len(members)}
    parts = [write_unit(fill_cards(f"cameras/{primary}", values, exposure.tags, rng))]
    for extver, member in enumerate(members, 1):
        described, data = make(member, rng)
        whole = {**values, "EXPNAME": _jitter_name(member), **described, "EXTVER": extver}
        cards = fill_cards(f"cameras/{extension}", whole, exposure.tags, rng)
        parts.append(write_unit(cards, data))
    return b"".join(parts)


def _make_table(member: Exposure, rng: np.random.Generator) -> tuple[Values, bytes]:
    rows = pack_rows(jitter_columns(member.exposure_s, member.orbit, member.target, rng))
    return {"NAXIS1": rows.itemsize, "NAXIS2": rows.size}, rows.tobytes()


def _exposures_of(exposure: Exposure) -> Sequence[Exposure]:
    """Return the members of an association, or the exposure itself."""
    members = exposure.place.members
    return [make_exposure(exposure.seed, place) for place in members] or [exposure]


def _jitter_name(exposure: Exposure) -> str:
    is_exposure = not exposure.slot.is_association
    return exposure.rootname[:8] + "j" if is_exposure else exposure.rootname


def _guiding(exposure: Exposure) -> Values:
    """Return what jit and jif say of the guide stars."""
    values = primary_values(exposure, is_calibrated=False)
    target = exposure.target
    return {
        **values,
        "ROOTNAME": _jitter_name(exposure),
        "CONFIG": exposure.detector.configuration,
        "PROCTIME": _clock(exposure.start_mjd + 0.5),
        "GSD_RA": (target.ra_deg + 0.1) % 360.0,
        "GSR_RA": (target.ra_deg - 0.1) % 360.0,
        **dict.fromkeys(("GSD_DEC", "GSR_DEC", "TDEC_AVG"), target.dec_deg),
        "TSTRTIME": _clock(exposure.start_mjd),
        "TENDTIME": _clock(exposure.end_mjd),
        "TRA_AVG": target.ra_deg,
        "TROLLAVG": exposure.roll_deg,
    }


def _make_image(member: Exposure, rng: np.random.Generator) -> tuple[Values, bytes]:
    image = _map_jitter(member, rng)
    target = member.target
    angle, pixel_deg = np.deg2rad(member.roll_deg), IMAGE_PIXEL_MAS / 3.6e6
    cosine, sine = pixel_deg * float(np.cos(angle)), pixel_deg * float(np.sin(angle))
    values = primary_values(member, is_calibrated=False)
    described: Values = {
        **dict.fromkeys(("NAXIS1", "NAXIS2"), IMAGE_PIXELS),
        "OBSERVTN": member.rootname[6:8].upper(),
        **dict.fromkeys(("CRPIX1", "CRPIX2"), IMAGE_PIXELS / 2.0),
        **dict.fromkeys(("CRVAL1", "RA_AVG"), target.ra_deg),
        **dict.fromkeys(("CRVAL2", "DEC_AVG"), target.dec_deg),
        "CD1_1": -cosine,
        **dict.fromkeys(("CD1_2", "CD2_1"), sine),
        "CD2_2": cosine,
        **dict.fromkeys(("BETA_1", "ROLL_AVG"), member.roll_deg),
        "BETA_2": (member.roll_deg + 90.0) % 360.0,
        **dict.fromkeys(("GSACQ", "SHADOEXT"), _clock(member.start_mjd - 0.01)),
        "STARTIME": _clock(member.start_mjd),
        "ENDTIME": _clock(member.end_mjd),
        "LOS_SUN": values["SUNANGLE"],
        "LOS_MOON": values["MOONANGL"],
        "LOS_LIMB": float(member.orbit.target_altitude_at(np.zeros(1))[0]),
        "SHADOENT": _clock(member.start_mjd - 0.03),
        "DATAMIN": float(image.min()),
        "DATAMAX": float(image.max()),
    }
    return described, image.astype(">i2").tobytes()


def _clock(mjd: float) -> str:
    """Return a time as the telescope writes it."""
    return f"{mjd_to_datetime(mjd):{CLOCK}}"


def _map_jitter(exposure: Exposure, rng: np.random.Generator) -> NDArray[np.float64]:
    samples = max(int(exposure.exposure_s * SAMPLES_PER_SECOND), 1)
    x, y = rng.normal(IMAGE_PIXELS / 2.0, JITTER_MAS / IMAGE_PIXEL_MAS, (2, samples))
    edges = np.arange(IMAGE_PIXELS + 1.0)
    image: NDArray[np.float64] = np.histogram2d(y, x, bins=(edges, edges))[0]
    return np.minimum(image, np.iinfo(np.int16).max)
