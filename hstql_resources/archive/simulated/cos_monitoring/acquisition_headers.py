"""The headers of a simulated acquisition: the keywords of real ones that others rely on."""

from hstql_resources.archive.simulated.cos_monitoring.acquisitions import Acquisition
from hstql_resources.archive.simulated.observing_program import mjd_to_datetime, proposal_keywords
from hstql_resources.archive.simulated.sky.fitsfile import Keywords, Value
from hstql_resources.archive.simulated.sky.variability import SECONDS_PER_DAY

DURATIONS_S = {"ACQ/IMAGE": 60.0, "ACQ/PEAKXD": 5.0, "ACQ/PEAKD": 10.0}
CENWAVES = {"G130M": 1291, "G225M": 2306}
HIGH_VOLTAGE = 163
LAMP_EVENTS = 3000
# Of the mechanism across the dispersion, as in real files; FUV at the fourth lifetime position.
_APERTURE_STEPS = {
    ("PSA", "NUV"): 126.1, ("BOA", "NUV"): -152.9, ("PSA", "FUV"): 234.1, ("BOA", "FUV"): -44.9,
}  # fmt: skip


def file_keywords(acquisition: Acquisition, filename: str, filetype: str) -> Keywords:
    """Return what tells a file apart, to stand first in its primary header."""
    start_mjd = acquisition.place.start_mjd
    return {
        "DATE": mjd_to_datetime(start_mjd + 1.0).date().isoformat(),
        "FILENAME": filename,
        "FILETYPE": filetype,
        "TELESCOP": "HST",
        "INSTRUME": "COS",
        "EQUINOX": 2000.0,
        "ROOTNAME": acquisition.place.rootname,
        "SIMULATD": True,
    }


def primary_keywords(acquisition: Acquisition, filename: str) -> Keywords:
    """Return the primary header of a rawacq file, without what was measured."""
    place = acquisition.place
    is_image = place.kind == "ACQ/IMAGE"
    return {
        **file_keywords(acquisition, filename, "SCI"),
        "IMAGETYP": "ACCUM",
        "PRIMESI": "COS",
        **_without_visit(acquisition),
        "POSTARG1": 0.0,
        "POSTARG2": 0.0,
        "OPUS_VER": "SIMULATED",
        "CAL_VER": "",
        "PROCTIME": place.start_mjd + 1.0,
        "OBSTYPE": "IMAGING" if is_image else "SPECTROSCOPIC",
        "OBSMODE": "ACCUM",
        "EXPTYPE": place.kind,
        "DETECTOR": place.detector,
        "SEGMENT": "BOTH" if place.detector == "FUV" else "N/A",
        "DETECTHV": "NomAB",
        "COSCOORD": "USER",
        "SUBARRAY": is_image,
        "LAMPPLAN": "NONE",
        "LAMPUSED": "NONE",
        "LIFE_ADJ": 4 if place.detector == "FUV" else 1,
        "EXP_NUM": 1,
        "NRPTEXP": 1,
        "FPPOS": 3,
        "CENWAVE": CENWAVES.get(acquisition.opt_elem, 0),
        "APERTURE": acquisition.aperture,
        "PROPAPER": acquisition.aperture,
        "APERXPOS": 22.1,
        "APERYPOS": _APERTURE_STEPS[acquisition.aperture, place.detector],
        "OPT_ELEM": acquisition.opt_elem,
        "SHUTTER": "Open",
        "EXTENDED": "NO",
        "TAGFLASH": "NONE",
        "ASN_ID": "NONE",
        "ASN_TAB": "NONE",
        "LAMPTAB": "N/A",
    }


def lamp_keywords(acquisition: Acquisition) -> Keywords:
    """Return what an image says of its lamp."""
    column, row = acquisition.lamp or (0.0, 0.0)
    return {
        "LAMPSTAT": "Success",
        "LAMPTIME": 30.0,
        "LAMPMXCR": column,
        "LAMPMYCR": row,
        "LAMPEVNT": LAMP_EVENTS,
    }


def exposure_keywords(acquisition: Acquisition) -> dict[str, Value]:
    """Return the header of the first extension."""
    place = acquisition.place
    start, duration_s = mjd_to_datetime(place.start_mjd), DURATIONS_S[place.kind]
    keywords: dict[str, Value] = {
        "ROOTNAME": place.rootname,
        "EXPNAME": place.rootname,
        "RA_APER": acquisition.target.ra_deg,
        "DEC_APER": acquisition.target.dec_deg,
        "PA_APER": 45.0,
        "FGSLOCK": "FINE",
        "DATE-OBS": f"{start:%Y-%m-%d}",
        "TIME-OBS": f"{start:%H:%M:%S}",
        "EXPSTART": place.start_mjd,
        "EXPEND": place.start_mjd + duration_s / SECONDS_PER_DAY,
        "EXPTIME": duration_s,
        "EXPFLAG": "NORMAL",
    }
    if place.detector == "FUV":
        keywords |= {"HVLEVELA": HIGH_VOLTAGE, "HVLEVELB": HIGH_VOLTAGE}
    return keywords


def find_proposal_id(acquisition: Acquisition) -> Value:
    """Return PROPOSID."""
    place = acquisition.place
    words = proposal_keywords(place.rootname, place.proposal, place.number, acquisition.target)
    return words["PROPOSID"]


def _without_visit(acquisition: Acquisition) -> Keywords:
    """Return target and proposal; headers of real ACQ/IMAGE have no OBSET_ID."""
    place = acquisition.place
    words = proposal_keywords(place.rootname, place.proposal, place.number, acquisition.target)
    return {key: value for key, value in words.items() if key != "OBSET_ID"}
