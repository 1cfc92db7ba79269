"""The support files of a simulated exposure: spt and jit.

What the telescope did, in the columns and main keywords of real files; nothing here knows
photons.
"""

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.headers import file_keywords, observation_keywords
from hstql_resources.archive.simulated.cos.mechanisms import state_mechanisms
from hstql_resources.archive.simulated.observing_program import mjd_to_datetime
from hstql_resources.archive.simulated.sky.fitsfile import Table, Value, Words, make_file
from hstql_resources.archive.simulated.sky.jitter import jitter_columns

SUPPORT_WORDS = 965
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
    snapshot = {**names, **_TEMPERATURES_C, **state_mechanisms(exposure)}
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
    rng = exposure.random_stream(JITTER_STREAM)
    # The name is in lower case in real files, too.
    columns = jitter_columns(exposure.duration_s, exposure.orbit, exposure.target, rng)
    return make_file(primary, [Table("jit", columns, names)])
