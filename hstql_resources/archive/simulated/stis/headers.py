"""The headers of simulated STIS files: the keywords of real ones that others rely on.

Keywords and values only, in the order of real headers; columns are in `products`.
"""

from hstql_resources.archive.simulated.observing_program import mjd_to_datetime, proposal_keywords
from hstql_resources.archive.simulated.sky.fitsfile import Value
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S
from hstql_resources.archive.simulated.sky.variability import SECONDS_PER_DAY
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import DETECTOR, SERIOUS_FLAGS
from hstql_resources.archive.simulated.stis.instrument import PIXELS
from hstql_resources.archive.simulated.stis.photons import doppler_magnitude

PIXEL_FLAT = "sim_fuv_pfl.fits"
LOW_ORDER_FLAT = "sim_fuv_lfl.fits"
BAD_PIXEL_TABLE = "sim_fuv_bpx.fits"
LINEARITY_TABLE = "sim_fuv_lin.fits"

_CALIBRATED = (
    *("DQICORR", "LORSCORR", "FLATCORR", "WAVECORR", "X1DCORR", "BACKCORR", "DISPCORR"),
    "FLUXCORR",
)
_OMITTED = ("RPTCORR", "DOPPCORR", "GLINCORR", "LFLGCORR", "DARKCORR", "HELCORR", "X2DCORR")
_NO_REFERENCES = (
    *("DARKFILE", "PHOTTAB", "IMPHTTAB", "APERTAB", "APDESTAB", "SPTRCTAB", "DISPTAB"),
    *("INANGTAB", "LAMPTAB", "SDCTAB", "XTRACTAB", "PCTAB", "MOFFTAB", "WCPTAB", "TDSTAB"),
    *("TDCTAB", "GACTAB", "BIASFILE", "CCDTAB", "CRREJTAB", "IDCTAB", "RIPTAB"),
)


def file_keywords(exposure: Exposure, filename: str, filetype: str) -> dict[str, Value]:
    """Return what tells a file apart, to stand first in its primary header."""
    return {
        "DATE": mjd_to_datetime(exposure.place.start_mjd + 1.0).date().isoformat(),
        "FILENAME": filename,
        "FILETYPE": filetype,
        "TELESCOP": "HST",
        "INSTRUME": "STIS",
        "EQUINOX": 2000.0,
        "ROOTNAME": exposure.rootname,
        "SIMULATD": True,
    }


def observation_keywords(exposure: Exposure) -> dict[str, Value]:
    """Return what the primary headers of all files of an exposure share."""
    place = exposure.place
    return {
        "PRIMESI": "STIS",
        **proposal_keywords(place.rootname, place.proposal, place.exposure, exposure.target),
        "TARDESCR": "STAR",
        "MTFLAG": "",
        "ASN_ID": "NONE",
        "ASN_TAB": "NONE",
    }


def primary_keywords(exposure: Exposure, filename: str, is_calibrated: bool) -> dict[str, Value]:
    """Return the primary header of a tag, raw or x1d file."""
    done = "COMPLETE" if is_calibrated else "PERFORM"
    return {
        **file_keywords(exposure, filename, "SCI"),
        **observation_keywords(exposure),
        **_whole_time_keywords(exposure),
        "POSTARG1": 0.0,
        "POSTARG2": 0.0,
        "OPUS_VER": "SIMULATED",
        "CAL_VER": "SIMULATED 1" if is_calibrated else "",
        "PROCTIME": exposure.place.start_mjd + 1.0,
        **_setting_keywords(exposure),
        **dict.fromkeys(_CALIBRATED, done),
        **dict.fromkeys(_OMITTED, "OMIT"),
        "STATFLAG": True,
        "BPIXTAB": f"oref${BAD_PIXEL_TABLE}",
        "PFLTFILE": f"oref${PIXEL_FLAT}",
        "LFLTFILE": f"oref${LOW_ORDER_FLAT}",
        "MLINTAB": f"oref${LINEARITY_TABLE}",
        "WAVECAL": f"{exposure.rootname}_wav.fits",
        **dict.fromkeys(_NO_REFERENCES, "N/A"),
        "BUFFTIME": 1200.0,
    }


def exposure_keywords(exposure: Exposure, repeat: Repeat) -> dict[str, Value]:
    """Return the extension header that events, spectra and images of a repeat share."""
    start = mjd_to_datetime(repeat.start_mjd)
    return {
        **extension_names(exposure, repeat),
        "ASN_MTYP": "SCIENCE",
        "ORIENTAT": 45.0,
        "SUNANGLE": 90.0,
        "FGSLOCK": "FINE",
        "DATE-OBS": start.date().isoformat(),
        "TIME-OBS": f"{start:%H:%M:%S}",
        "EXPSTART": repeat.start_mjd,
        "EXPEND": repeat.start_mjd + repeat.duration_s / SECONDS_PER_DAY,
        "EXPTIME": repeat.exposure_time_s,
        "EXPFLAG": "NORMAL",
        "V_HELIO": 0.0,
        "NCOMBINE": 1,
        "SDQFLAGS": SERIOUS_FLAGS,
        "RA_APER": exposure.target.ra_deg,
        "DEC_APER": exposure.target.dec_deg,
        "PA_APER": 45.0,
        "DISPAXIS": 1,
    }


def extension_names(exposure: Exposure, repeat: Repeat) -> dict[str, Value]:
    """Return what an extension is called: the repeats' exposure names end in q, r and so on."""
    last = chr(ord("q") + repeat.number - 1)
    return {"ROOTNAME": exposure.rootname, "EXPNAME": exposure.rootname[:-1] + last}


def shift_keywords(exposure: Exposure, is_calibrated: bool) -> dict[str, Value]:
    """Return the offsets of the spectrum, which nobody knows before calibration."""
    return {
        "SHIFTA1": exposure.shift1 if is_calibrated else 0.0,
        "SHIFTA2": exposure.shift2 if is_calibrated else 0.0,
    }


def event_keywords(exposure: Exposure, repeat: Repeat, events: int) -> dict[str, Value]:
    """Return the header of an EVENTS extension."""
    start_s = repeat.offset_s - exposure.orbit.sunrise_s
    return {
        **exposure_keywords(exposure, repeat),
        "GLOBRATE": events / repeat.duration_s,
        "GLOBLIM": "NOT-EXCEEDED",
        "DOPPON": True,
        "DOPPZERO": repeat.start_mjd - start_s / SECONDS_PER_DAY,
        "DOPPMAG": round(doppler_magnitude(exposure)),
        "DOPPER": PERIOD_S,
        "ORBITPER": PERIOD_S,
        "NAXLEN": 2,
        "AXLEN1": 2 * PIXELS,
        "AXLEN2": 2 * PIXELS,
        **shift_keywords(exposure, is_calibrated=False),
    }


def image_keywords(exposure: Exposure, repeat: Repeat, is_calibrated: bool) -> dict[str, Value]:
    """Return the header of a SCI extension: an image, or spectra made of one."""
    return {
        **exposure_keywords(exposure, repeat),
        "LTV1": 0.0,
        "LTV2": 0.0,
        "LTM1_1": 1.0,
        "LTM2_2": 1.0,
        **shift_keywords(exposure, is_calibrated),
    }


def _whole_time_keywords(exposure: Exposure) -> dict[str, Value]:
    start = mjd_to_datetime(exposure.place.start_mjd)
    last = exposure.repeats[-1]
    return {
        "TDATEOBS": start.date().isoformat(),
        "TTIMEOBS": f"{start:%H:%M:%S}",
        "TEXPSTRT": exposure.place.start_mjd,
        "TEXPEND": last.start_mjd + last.duration_s / SECONDS_PER_DAY,
        "TEXPTIME": sum(repeat.exposure_time_s for repeat in exposure.repeats),
    }


def _setting_keywords(exposure: Exposure) -> dict[str, Value]:
    setting = exposure.setting
    return {
        "CFSTATUS": "SUPPORTED",
        "OBSTYPE": "SPECTROSCOPIC",
        "OBSMODE": "TIME-TAG",
        "SCLAMP": "NONE",
        "LAMPSET": "0.0",
        "NRPTEXP": len(exposure.repeats),
        "SUBARRAY": False,
        "DETECTOR": DETECTOR,
        "OPT_ELEM": setting.opt_elem,
        "APERTURE": setting.aperture,
        "PROPAPER": setting.aperture,
        "FILTER": "Clear",
        "APER_FOV": setting.aperture.lower(),
        "CENWAVE": setting.cenwave,
        "CENTERA1": PIXELS // 2 + 1,
        "CENTERA2": PIXELS // 2 + 1,
        "SIZAXIS1": PIXELS,
        "SIZAXIS2": PIXELS,
        "BINAXIS1": 1,
        "BINAXIS2": 1,
        "CENTRWV": float(setting.cenwave),
        "MINWAVE": setting.minimum_a,
        "MAXWAVE": setting.maximum_a,
    }
