"""The primary headers of simulated COS files: the keywords of real ones that others rely on.

Keywords and values only, in the order of real headers; those of extensions are in
`extension_headers`.
"""

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import BAD_TIME, BURST
from hstql_resources.archive.simulated.cos.mechanisms import state_aperture
from hstql_resources.archive.simulated.observing_program import mjd_to_datetime, proposal_keywords
from hstql_resources.archive.simulated.sky.fitsfile import Value

_SWITCHES = (
    *("FLATCORR", "DEADCORR", "DQICORR", "DOPPCORR", "HELCORR", "X1DCORR", "BACKCORR"),
    *("WAVECORR", "FLUXCORR", "TDSCORR"),
)
_FUV_SWITCHES = (
    *("TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "RANDCORR", "XWLKCORR", "YWLKCORR"),
    *("PHACORR", "TRCECORR", "ALGNCORR"),
)
_REFERENCES = (
    *("FLATFILE", "DEADTAB", "BPIXTAB", "XTRACTAB", "LAMPTAB", "DISPTAB", "FLUXTAB"),
    *("WCPTAB", "TDSTAB", "SPWCSTAB"),
)
_FUV_REFERENCES = (
    *("SPOTTAB", "GSAGTAB", "HVTAB", "BRFTAB", "GEOFILE", "DGEOFILE", "TRACETAB", "PROFTAB"),
    *("TWOZXTAB", "XWLKFILE", "YWLKFILE", "PHATAB"),
)
_NO_REFERENCES = ("BADTTAB", "BRSTTAB", "IMPHTTAB", "PHAFILE")


def observation_keywords(exposure: Exposure) -> dict[str, Value]:
    """Return what the primary headers of all files of an exposure share."""
    place = exposure.place
    return {
        **proposal_keywords(place.rootname, place.proposal, place.exposure, exposure.target),
        "ASN_ID": "NONE",
        "ASN_TAB": "NONE",
    }


def file_keywords(exposure: Exposure, filename: str, filetype: str) -> dict[str, Value]:
    """Return what tells a file apart, to stand first in its primary header."""
    return {
        "DATE": mjd_to_datetime(exposure.place.start_mjd + 1.0).date().isoformat(),
        "FILENAME": filename,
        "FILETYPE": filetype,
        "TELESCOP": "HST",
        "INSTRUME": "COS",
        "EQUINOX": 2000.0,
        "ROOTNAME": exposure.rootname,
        "SIMULATD": True,
    }


def primary_keywords(exposure: Exposure, filename: str, segment: str) -> dict[str, Value]:
    """Return the primary header of a corrtag or x1d file."""
    setting = exposure.configuration
    is_fuv = setting.detector == "FUV"
    flag = 0 if exposure.gap is None else exposure.gap.flag
    return {
        **file_keywords(exposure, filename, "SCI"),
        "IMAGETYP": "TIME-TAG",
        "PRIMESI": "COS",
        **observation_keywords(exposure),
        "POSTARG1": 0.0,
        "POSTARG2": 0.0,
        "OPUS_VER": "SIMULATED",
        "CAL_VER": "SIMULATED 1",
        "PROCTIME": exposure.place.start_mjd + 1.0,
        "OBSTYPE": "SPECTROSCOPIC",
        "OBSMODE": "TIME-TAG",
        "EXPTYPE": "EXTERNAL/SCI",
        "DETECTOR": setting.detector,
        "SEGMENT": segment,
        "DETECTHV": "NomAB",
        "COSCOORD": "USER",
        "SUBARRAY": not is_fuv,
        "LAMPPLAN": "P1",
        "LAMPUSED": "P1",
        "LAMPSET": "Medium",
        "LIFE_ADJ": setting.life_adj,
        "EXP_NUM": 1,
        "NRPTEXP": 1,
        "FPPOS": exposure.place.index % 4 + 1,
        "CENWAVE": setting.cenwave,
        "APERTURE": "PSA",
        "PROPAPER": "PSA",
        **state_aperture(exposure),
        "OPT_ELEM": setting.opt_elem,
        "SHUTTER": "Open",
        "EXTENDED": "NO",
        "TAGFLASH": "AUTO",
        "STATFLAG": True,
        "RANDSEED": exposure.seed,
        **dict.fromkeys(_SWITCHES + (_FUV_SWITCHES if is_fuv else ()), "COMPLETE"),
        "BADTCORR": "COMPLETE" if flag == BAD_TIME else "OMIT",
        "BRSTCORR": "COMPLETE" if flag == BURST else "OMIT",
        "XTRCTALG": setting.algorithm,
        **dict.fromkeys(_REFERENCES, "lref$SIMULATED"),
        **dict.fromkeys(_FUV_REFERENCES, "lref$SIMULATED" if is_fuv else "N/A"),
        **dict.fromkeys(_NO_REFERENCES, "N/A"),
        "FPOFFSET": exposure.place.index % 4 - 2,
        "CENTRWV": float(setting.cenwave),
        "TARDESCR": "STAR",
        "MTFLAG": "",
    }
