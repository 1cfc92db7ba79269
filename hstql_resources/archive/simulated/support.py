"""The support files of a simulated exposure: spt and jit.

What the telescope did, in the columns and main keywords of real files; nothing here knows
photons.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.catalogue import Exposure
from hstql_resources.archive.simulated.fitsfile import Column, Table, Value, Words, make_file
from hstql_resources.archive.simulated.headers import file_keywords, observation_keywords
from hstql_resources.archive.simulated.programme import mjd_to_datetime

SUPPORT_WORDS = 965
JITTER_INTERVAL_S = 3.0
JITTER_STREAM = 100  # far from the streams of the readouts

# A circular orbit as an spt describes it, as CalCOS and the monitors read it.
_ORBIT_ELEMENTS = {
    "EPCHTIME": 1025136000.0,
    "SDMEANAN": 5.302999084057e-16,
    "HSTHORB": 2856.501898998,
    "CIRVELOC": 7606.17408659,
    "COSINCLI": 0.8799674739575,
    "ECCENTRY": 0.0,
    "ECCENTX2": 0.0,
    "ECBDX4D3": 0.0,
    "ESQDX5D2": 0.0,
    "ECBDX3": 0.0,
    "FDMEANAN": 0.0001750392674955,
    "RCASCNRV": -2.130904121864e-07,
    "ARGPERIG": 0.1955231160603,
    "MEANANOM": 6.044093970236,
    "RCARGPER": -6.420404358549e-08,
    "RASCASCN": 0.8404418072316,
    "SINEINCL": 0.4750339406578,
    "SEMILREC": 6915725.28076,
}
_TEMPERATURES_C = {"LDCAMPAT": 24.9, "LDCAMPBT": 23.8, "LMMCETMP": 22.5}


def make_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, telemetry in the extensions."""
    setting = exposure.configuration
    start = mjd_to_datetime(exposure.place.start_mjd)
    primary: dict[str, Value] = {
        **file_keywords(exposure, filename, "SPT"),
        "PROC_TYP": "NORMAL",
        **observation_keywords(exposure),
        "PROGRMID": exposure.rootname[1:4].upper(),
        "OBSERVTN": exposure.rootname[6:8].upper(),
        "SS_OBSMD": "TIME-TAG",
        "SS_GRTNG": setting.opt_elem,
        "SS_CWAVE": float(setting.cenwave),
        "PLANTIME": exposure.duration_s,
        "PSTRTIME": f"{start:%Y.%j:%H:%M:%S}",
        "RA_V1": exposure.target.ra_deg,
        "DEC_V1": exposure.target.dec_deg,
        "DGESTAR": "SIMULATED1F1",
        "SGESTAR": "SIMULATED2F2",
        **_ORBIT_ELEMENTS,
        "CONFIG": f"COS/{setting.detector}",
        "OPMODE": "TIME-TAG",
        "SPEC_1": setting.opt_elem,
        "APER_1": "PSA",
        "TARGCAT": "STAR",
        "TARDESCR": "STAR",
        "MTFLAG": "",
        "PROP_TYP": "GO",
    }
    names: dict[str, Value] = {"ROOTNAME": exposure.rootname, "EXPNAME": exposure.rootname}
    support = {**names, "LQDETNO": setting.detector, "LQITIME": exposure.duration_s}
    snapshot = {**names, **_TEMPERATURES_C}
    return make_file(
        primary,
        [
            Words("SUPPORT", [0] * SUPPORT_WORDS, support),
            Words("SNAP1", [], snapshot),
            Words("SNAP2", [], snapshot),
        ],
    )


def make_jit(exposure: Exposure, filename: str) -> bytes:
    """Return the jit file: pointing and orbit every three seconds.

    As in real ones its ROOTNAME ends in `j` and INSTRUME says FGS.
    """
    rootname = exposure.rootname[:8] + "j"
    primary: dict[str, Value] = {
        **file_keywords(exposure, filename, "JTB"),
        "INSTRUME": "FGS",
        "ROOTNAME": rootname,
        "TARGNAME": exposure.target.name,
        "PROC_TYP": "NORMAL",
        "CONFIG": f"COS/{exposure.configuration.detector}",
        "PROPOSID": observation_keywords(exposure)["PROPOSID"],
        "PROGRMID": exposure.rootname[1:4].upper(),
        "ASN_ID": "NONE",
        "ASN_TAB": "NONE",
    }
    names = {"ROOTNAME": rootname, "EXPNAME": rootname}
    # The name is in lower case in real files, too.
    return make_file(primary, [Table("jit", _jitter_columns(exposure), names)])


def _jitter_columns(exposure: Exposure) -> list[Column]:
    """Return the 28 columns of a jitter table."""
    time_s = np.arange(JITTER_INTERVAL_S, exposure.duration_s, JITTER_INTERVAL_S)
    rng = exposure.random_stream(JITTER_STREAM)
    orbit = exposure.orbit
    size = time_s.size
    sun = orbit.sun_altitude_at(time_s)
    target = orbit.target_altitude_at(time_s)

    def jitter(mean: float, spread: float) -> NDArray[np.float64]:
        return mean + spread * rng.standard_normal(size)

    return [
        Column("Seconds", "1E", time_s, "seconds"),
        Column("V2_dom", "1E", jitter(715.455, 0.002), "arcsec"),
        Column("V3_dom", "1E", jitter(5.568, 0.002), "arcsec"),
        Column("V2_roll", "1E", jitter(-92.593, 0.002), "arcsec"),
        Column("V3_roll", "1E", jitter(-684.86, 0.002), "arcsec"),
        Column("SI_V2_AVG", "1E", jitter(0.0, 0.002), "arcsec"),
        Column("SI_V2_RMS", "1E", np.abs(jitter(0.002, 0.0004)), "arcsec"),
        Column("SI_V2_P2P", "1E", np.abs(jitter(0.009, 0.001)), "arcsec"),
        Column("SI_V3_AVG", "1E", jitter(0.0, 0.002), "arcsec"),
        Column("SI_V3_RMS", "1E", np.abs(jitter(0.002, 0.0004)), "arcsec"),
        Column("SI_V3_P2P", "1E", np.abs(jitter(0.009, 0.001)), "arcsec"),
        Column("RA", "1D", jitter(exposure.target.ra_deg, 1e-6), "degrees"),
        Column("DEC", "1D", jitter(exposure.target.dec_deg, 1e-6), "degrees"),
        Column("Roll", "1D", jitter(45.0, 1e-5), "degrees"),
        Column("LimbAng", "1E", target, "degrees"),
        Column("TermAng", "1E", np.abs(target - sun), "degrees"),
        Column("LOS_Zenith", "1E", np.abs(90.0 - target), "degrees"),
        Column("Latitude", "1E", orbit.latitude_at(time_s), "degrees"),
        Column("Longitude", "1E", orbit.longitude_at(time_s), "degrees"),
        Column("Mag_V1", "1E", jitter(0.24, 0.01), "Gauss"),
        Column("Mag_V2", "1E", jitter(0.05, 0.01), "Gauss"),
        Column("Mag_V3", "1E", jitter(0.29, 0.01), "Gauss"),
        Column("BrightLimb", "1I", np.where(sun > 0.0, 1.0, 0.0)),
        Column("FGS_flags", "1E", np.zeros(size)),
        Column("DayNight", "1I", np.where(sun > 0.0, 1.0, 0.0)),
        Column("Recenter", "1I", np.zeros(size)),
        Column("TakeData", "1I", np.ones(size)),
        Column("SlewFlag", "1I", np.zeros(size)),
    ]
