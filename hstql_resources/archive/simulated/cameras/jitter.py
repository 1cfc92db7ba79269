"""Make the jitter files of the cameras: where the telescope pointed, as tables and images."""

from collections.abc import Sequence

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
    rng = exposure.random_stream(JITTER_STREAM)
    tags = exposure.tags
    members = _exposures_of(exposure)
    values = {**_guiding(exposure), "FILENAME": filename, "NEXTEND": len(members)}
    parts = [write_unit(fill_cards("cameras/jit_primary", values, tags, rng))]
    for extver, member in enumerate(members, 1):
        columns = jitter_columns(member.exposure_s, member.orbit, member.target, rng)
        rows = pack_rows(columns)
        size: Values = {"NAXIS1": rows.itemsize, "NAXIS2": rows.size, "EXTVER": extver}
        extension = {**values, **size, "EXPNAME": _jitter_name(member)}
        cards = fill_cards("cameras/jit_table", extension, tags, rng)
        parts.append(write_unit(cards, rows.tobytes()))
    return b"".join(parts)


def make_jif(exposure: Exposure, filename: str) -> bytes:
    """Return the jif file: how often the telescope pointed where, for each exposure of it."""
    rng = exposure.random_stream(JITTER_STREAM)
    tags = exposure.tags
    members = _exposures_of(exposure)
    values = {**_guiding(exposure), "FILENAME": filename, "NEXTEND": len(members)}
    parts = [write_unit(fill_cards("cameras/jif_primary", values, tags, rng))]
    for extver, member in enumerate(members, 1):
        image = _map_jitter(member, rng)
        extension = {
            **values,
            **_describe_jitter_image(member),
            "EXTVER": extver,
            "DATAMIN": float(image.min()),
            "DATAMAX": float(image.max()),
        }
        cards = fill_cards("cameras/jif_image", extension, tags, rng)
        parts.append(write_unit(cards, image.astype(">i2").tobytes()))
    return b"".join(parts)


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
    start, end = (mjd_to_datetime(mjd) for mjd in (exposure.start_mjd, exposure.end_mjd))
    target = exposure.target
    return {
        **values,
        "ROOTNAME": _jitter_name(exposure),
        "CONFIG": f"{exposure.detector.instrument.upper()}/{exposure.detector.name}",
        "PROCTIME": f"{mjd_to_datetime(exposure.start_mjd + 0.5):{CLOCK}}",
        "GSD_RA": (target.ra_deg + 0.1) % 360.0,
        "GSD_DEC": target.dec_deg,
        "GSR_RA": (target.ra_deg - 0.1) % 360.0,
        "GSR_DEC": target.dec_deg,
        "TSTRTIME": f"{start:{CLOCK}}",
        "TENDTIME": f"{end:{CLOCK}}",
        "TRA_AVG": target.ra_deg,
        "TDEC_AVG": target.dec_deg,
        "TROLLAVG": exposure.roll_deg,
    }


def _describe_jitter_image(exposure: Exposure) -> Values:
    start, end = (mjd_to_datetime(mjd) for mjd in (exposure.start_mjd, exposure.end_mjd))
    target = exposure.target
    pixel_deg = IMAGE_PIXEL_MAS / 3.6e6
    angle = np.deg2rad(exposure.roll_deg)
    cosine, sine = pixel_deg * float(np.cos(angle)), pixel_deg * float(np.sin(angle))
    values = primary_values(exposure, is_calibrated=False)
    return {
        "NAXIS1": IMAGE_PIXELS,
        "NAXIS2": IMAGE_PIXELS,
        "EXPNAME": _jitter_name(exposure),
        "OBSERVTN": exposure.rootname[6:8].upper(),
        "CRPIX1": IMAGE_PIXELS / 2.0,
        "CRPIX2": IMAGE_PIXELS / 2.0,
        "CRVAL1": target.ra_deg,
        "CRVAL2": target.dec_deg,
        "CD1_1": -cosine,
        "CD1_2": sine,
        "CD2_1": sine,
        "CD2_2": cosine,
        "BETA_1": exposure.roll_deg,
        "BETA_2": (exposure.roll_deg + 90.0) % 360.0,
        "RA_AVG": target.ra_deg,
        "DEC_AVG": target.dec_deg,
        "ROLL_AVG": exposure.roll_deg,
        "GSACQ": f"{mjd_to_datetime(exposure.start_mjd - 0.01):{CLOCK}}",
        "STARTIME": f"{start:{CLOCK}}",
        "ENDTIME": f"{end:{CLOCK}}",
        "LOS_SUN": values["SUNANGLE"],
        "LOS_MOON": values["MOONANGL"],
        "LOS_LIMB": float(exposure.orbit.target_altitude_at(np.zeros(1))[0]),
        "SHADOENT": f"{mjd_to_datetime(exposure.start_mjd - 0.03):{CLOCK}}",
        "SHADOEXT": f"{mjd_to_datetime(exposure.start_mjd - 0.01):{CLOCK}}",
    }


def _map_jitter(exposure: Exposure, rng: np.random.Generator) -> NDArray[np.float64]:
    samples = max(int(exposure.exposure_s * SAMPLES_PER_SECOND), 1)
    x, y = rng.normal(IMAGE_PIXELS / 2.0, JITTER_MAS / IMAGE_PIXEL_MAS, (2, samples))
    edges = np.arange(IMAGE_PIXELS + 1.0)
    image: NDArray[np.float64] = np.histogram2d(y, x, bins=(edges, edges))[0]
    return np.minimum(image, np.iinfo(np.int16).max)
