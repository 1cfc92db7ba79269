"""State what headers of STIS say of an exposure, and fill their cards.

Keywords, their order and what never changes are in the folder `cards/`; columns are in `products`.
"""

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.observing_program import observation_values
from hstql_resources.archive.simulated.sky.fitsfile import Keywords, Values
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import DETECTOR, SERIOUS_FLAGS
from hstql_resources.archive.simulated.stis.instrument import PIXELS
from hstql_resources.archive.simulated.stis.photons import doppler_magnitude
from hstql_resources.times import SECONDS_PER_DAY, mjd_to_datetime

PIXEL_FLAT = "sim_fuv_pfl.fits"
LOW_ORDER_FLAT = "sim_fuv_lfl.fits"
BAD_PIXEL_TABLE = "sim_fuv_bpx.fits"
LINEARITY_TABLE = "sim_fuv_lin.fits"


def exposure_values(exposure: Exposure, filename: str) -> Values:
    """Return what the primary headers of all files of an exposure say."""
    setting, place, last = exposure.setting, exposure.place, exposure.repeats[-1]
    values = observation_values(place, exposure.target, filename)
    return {
        **values,
        "TDATEOBS": values["DATE-OBS"],
        "TTIMEOBS": values["TIME-OBS"],
        "TEXPSTRT": place.start_mjd,
        "TEXPEND": last.start_mjd + last.duration_s / SECONDS_PER_DAY,
        "TEXPTIME": sum(repeat.exposure_time_s for repeat in exposure.repeats),
        "NRPTEXP": len(exposure.repeats),
        **dict.fromkeys(("DETECTOR", "SS_DTCTR"), DETECTOR),
        "CONFIG": f"STIS/{DETECTOR}",
        **dict.fromkeys(("OPT_ELEM", "SS_GRTNG", "SPEC_1"), setting.opt_elem),
        **dict.fromkeys(("APERTURE", "PROPAPER", "SS_APER", "APER_1"), setting.aperture),
        "APER_FOV": setting.aperture.lower(),
        "CENWAVE": setting.cenwave,
        **dict.fromkeys(("CENTRWV", "SS_CWAVE"), float(setting.cenwave)),
        "MINWAVE": setting.minimum_a,
        "MAXWAVE": setting.maximum_a,
    }


def fill_primary(
    exposure: Exposure, filename: str, *tags: str, rows: int = PIXELS, wavecal: str = ""
) -> str:
    """Return the primary header of a tag, raw, wav or x1d file.

    Parameters
    ----------
    exposure : Exposure
        Whose file it is.
    filename : str
        Its name.
    *tags : str
        `raw` or `calibrated`, and `star` or `lamp`.
    rows : int
        Number of rows that are read out.
    wavecal : str
        WAVECAL, if it is not the wav file of the exposure.
    """
    values = {
        **exposure_values(exposure, filename),
        "SIZAXIS2": rows,
        "BPIXTAB": f"oref${BAD_PIXEL_TABLE}",
        "PFLTFILE": f"oref${PIXEL_FLAT}",
        "LFLTFILE": f"oref${LOW_ORDER_FLAT}",
        "MLINTAB": f"oref${LINEARITY_TABLE}",
        "WAVECAL": wavecal or f"{exposure.rootname}_wav.fits",
    }
    return fill_cards("stis/primary", values, tags)


def fill_extension(
    exposure: Exposure, repeat: Repeat, *tags: str, values: Keywords | None = None
) -> str:
    """Return the header of an extension of a repeat.

    Parameters
    ----------
    exposure, repeat : Exposure, Repeat
        What it is of.
    *tags : str
        `events` or `image`, `raw` or `calibrated`, and `star` or `lamp`; `constant` for an image
        without pixels; none for an extension that says only what it is called.
    values : mapping, optional
        What it says besides.
    """
    start = mjd_to_datetime(repeat.start_mjd)
    last = chr(ord("q") + repeat.number - 1)  # exposure names of repeats end in q, r and so on
    whole = {
        "ROOTNAME": exposure.rootname,
        "EXPNAME": exposure.rootname[:-1] + last,
        "DATE-OBS": start.date().isoformat(),
        "TIME-OBS": f"{start:%H:%M:%S}",
        "EXPSTART": repeat.start_mjd,
        "EXPEND": repeat.start_mjd + repeat.duration_s / SECONDS_PER_DAY,
        "EXPTIME": repeat.exposure_time_s,
        "SDQFLAGS": SERIOUS_FLAGS,
        "RA_APER": exposure.target.ra_deg,
        "DEC_APER": exposure.target.dec_deg,
        "SHIFTA1": exposure.shift1,
        "SHIFTA2": exposure.shift2,
        **(values or {}),
    }
    return fill_cards("stis/exposure", whole, tags)


def fill_events(exposure: Exposure, repeat: Repeat, events: int) -> str:
    """Return the header of an EVENTS extension."""
    start_s = repeat.offset_s - exposure.orbit.sunrise_s
    values: Values = {
        "GLOBRATE": events / repeat.duration_s,
        "DOPPZERO": repeat.start_mjd - start_s / SECONDS_PER_DAY,
        "DOPPMAG": round(doppler_magnitude(exposure)),
        **dict.fromkeys(("DOPPER", "ORBITPER"), PERIOD_S),
    }
    return fill_extension(exposure, repeat, "events", "raw", "star", values=values)
