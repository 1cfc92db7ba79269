"""State what the primary headers of the cameras say of an exposure.

Values only; the keywords, their order and comments are in the folder `cards/`.
"""

import zlib
from dataclasses import dataclass
from types import MappingProxyType

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.settings import (
    FIRST_SAMPLE_S,
    SAMPLE_SEQUENCE,
    SAMPLE_TIMES_S,
)
from hstql_resources.archive.simulated.cameras.telegraph import find_saa_s
from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.observing_program import DIGITS, observation_values
from hstql_resources.archive.simulated.sky.fitsfile import Values
from hstql_resources.times import mjd_to_datetime

CAL_VERSIONS = MappingProxyType({"acs": "10.3.5 (03-Feb-2022)", "wfc3": "3.7.2(Apr-15-2024)"})
NOT_APPLICABLE = "N/A"
CIRCUMSTANCES_STREAM = 90


@dataclass(frozen=True)
class _Reference:
    """The suffix of a reference file, and whether there is a new one every month."""

    suffix: str
    monthly: bool = False


_SWITCHES = load_data("cameras/switches", dict[str, tuple[str, ...]])
_REFERENCES = load_data("cameras/references", dict[str, _Reference])


def shared_values(exposure: Exposure) -> Values:
    """Return what the primary headers of all files of an exposure share."""
    place, slot, target = exposure.place, exposure.slot, exposure.target
    start = mjd_to_datetime(exposure.start_mjd)
    association = place.association
    values: Values = {
        **observation_values(place, target, "", place.number + 1),
        **dict.fromkeys(("INSTRUME", "PRIMESI"), f"{exposure.detector.instrument.upper():6}"),
        "IMAGETYP": slot.image_type,
        "EXPEND": exposure.end_mjd,
        "EXPTIME": exposure.exposure_s,
        "DETECTOR": exposure.detector.name,
        **dict.fromkeys(("APERTURE", "PROPAPER"), slot.aperture),
        "OBSTYPE": "IMAGING" if slot.is_external else "INTERNAL",
        "ASN_ID": association.rootname.upper() if association else "NONE",
        "ASN_TAB": f"{association.rootname}_asn.fits" if association else "NONE",
        "ASN_MTYP": member_type(exposure),
        "OPUS_VER": f"HSTDP {start.year}_{start.month % 4 + 1}",
    }
    if not slot.is_external:
        values["TARGNAME"] = slot.target or slot.lamp or slot.image_type
    return values


def member_type(exposure: Exposure) -> str:
    """Return the role in its association: `EXP-CRJ`, `PROD-DTH` ...; empty if it has none."""
    kind = association_kind(exposure)
    if exposure.slot.is_association:
        return f"PROD-{kind}"
    return f"EXP-{kind}" if exposure.slot.member else ""


def association_kind(exposure: Exposure) -> str:
    """Return why exposures belong together: to reject cosmic rays, or as a dither pattern."""
    return "CRJ" if exposure.detector.name == "WFC" else "DTH"


def primary_values(exposure: Exposure, is_calibrated: bool) -> Values:
    """Return what the primary headers of the images of an exposure say, apart from file names."""
    return {
        **shared_values(exposure),
        **_circumstances(exposure),
        **_configuration(exposure),
        **_state_switches(exposure, is_calibrated),
        **{
            keyword: _name_reference(exposure, keyword, reference)
            for keyword, reference in _REFERENCES.items()
        },
        "MEANEXP": exposure.exposure_s,
        "FLASHLVL": int(exposure.slot.flash_e),
        **_name_flash(exposure, is_calibrated),
        **_engineering(exposure, is_calibrated),
        "CAL_VER": CAL_VERSIONS[exposure.detector.instrument] if is_calibrated else "",
    }


def photometry_values(exposure: Exposure) -> Values:
    """Return what headers say of the photometry of the filter."""
    band = exposure.place.filter
    if not band.photflam:
        return blank_photometry()
    detector = exposure.detector
    return {
        "PHOTMODE": f"{detector.instrument.upper()} {detector.name} {band.name}",
        "PHOTFLAM": band.photflam,
        "PHOTFNU": band.photflam * band.pivot_a**2 / 2.99792458e18 * 1.0e23,
        "PHOTZPT": -21.1,
        "PHOTPLAM": band.pivot_a,
        "PHOTBW": band.width_a,
        "PHTFLAM1": band.photflam,
        "PHTFLAM2": band.photflam * 1.01,
    }


def blank_photometry() -> Values:
    """Return what headers say of it before calibration, and of darks and biases: nothing."""
    numbers = ("PHOTFLAM", "PHOTFNU", "PHOTZPT", "PHOTPLAM", "PHOTBW", "PHTFLAM1", "PHTFLAM2")
    return {"PHOTMODE": "", **dict.fromkeys(numbers, 0.0)}


def _name_flash(exposure: Exposure, is_calibrated: bool) -> Values:
    """Return the step of the post-flash and its file, one for each side of the shutter."""
    if not exposure.slot.flash_e:
        return {}
    side = "ab"[exposure.place.index % 2]
    return {
        "FLSHCORR": "COMPLETE" if is_calibrated else "PERFORM",
        "FLSHFILE": f"iref$simflsh{side}i_fls.fits",
    }


def _circumstances(exposure: Exposure) -> Values:
    rng = exposure.random_stream(CIRCUMSTANCES_STREAM)
    start = mjd_to_datetime(exposure.start_mjd)
    # Three gyroscopes until 2005, two until Servicing Mission 4, three again.
    gyroscopes = "2" if 53611.0 < exposure.start_mjd < 54960.0 else "3"
    is_old = exposure.place.index % 7 == 3
    return {
        "SUNANGLE": round(rng.uniform(55.0, 150.0), 6),
        "MOONANGL": round(rng.uniform(10.0, 170.0), 6),
        "SUN_ALT": round(rng.uniform(-40.0, 90.0), 6),
        "FGSLOCK": "FINE" if exposure.slot.is_external else "UNKNOWN",
        "GYROMODE": gyroscopes,
        "EXPFLAG": "INTERRUPTED" if exposure.place.index % 29 == 17 else "NORMAL",
        "QUALCOM1": "GUIDE STAR ACQUISITION COMPLETED LATE" if is_old else "",
        "PA_V3": exposure.roll_deg,
        "POSTARG1": round(rng.uniform(-2.0, 2.0), 3) if exposure.slot.member == 2 else 0.0,
        "CSYS_VER": f"caldp_{start.year + 1}{start.month:02d}15",
        "CRDS_CTX": f"hst_{700 + exposure.place.index % 300:04d}.pmap",
        "CRDS_VER": f"11.{start.month}.0, b11.{start.month}.0, 5e1f{start.year:x}",
        "P2_PSPAC": round(rng.uniform(0.1, 3.0), 6),
        "P2_ORINT": round(rng.uniform(0.0, 90.0), 6),
    }


def _configuration(exposure: Exposure) -> Values:
    slot, detector = exposure.slot, exposure.detector
    first, second = exposure.place.filter.wheels
    return {
        "OBSMODE": detector.mode,
        "SCLAMP": slot.lamp or "NONE",
        "SUBARRAY": slot.window is not None,
        **dict.fromkeys(("FILTER1", "FILTER"), first),
        "FILTER2": second,
        "CRSPLIT": 2 if slot.member or slot.is_association else 1,
        "SAMP_SEQ": SAMPLE_SEQUENCE,
        "NSAMP": len(SAMPLE_TIMES_S),
        "SAMPZERO": FIRST_SAMPLE_S,
        "SAA_TIME": find_saa_s(exposure.place),
        "CSMID": detector.name,
        "DARKTIME": exposure.exposure_s,
        "PATTSTEP": slot.member,
    }


def _state_switches(exposure: Exposure, is_calibrated: bool) -> Values:
    slot = exposure.slot
    wanted = set(_SWITCHES["always"])
    if slot.image_type != "BIAS":
        wanted |= {*_SWITCHES["not_for_bias"]}
    if slot.is_external:
        wanted |= {*_SWITCHES["for_the_sky"]}
    if exposure.detector.name == "IR":
        wanted |= {*_SWITCHES["for_ramps"]}
    if slot.is_external and is_rejected(exposure):
        wanted |= {"CRCORR"}
    done = "COMPLETE" if is_calibrated else "PERFORM"
    every = [switch for group in _SWITCHES.values() for switch in group]
    return {switch: done if switch in wanted else "OMIT" for switch in every}


def _name_reference(exposure: Exposure, keyword: str, reference: _Reference) -> str:
    if not reference.suffix:
        return NOT_APPLICABLE
    letter = "j" if exposure.detector.instrument == "acs" else "i"
    month = int(exposure.start_mjd / 30.4) if reference.monthly else 0
    number = zlib.crc32(f"{exposure.detector.name} {keyword} {month}".encode())
    characters = ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        characters += DIGITS[digit]
    return f"{letter}ref${characters}{letter}_{reference.suffix}.fits"


def is_rejected(exposure: Exposure) -> bool:
    """Return whether its pipeline rejects cosmic rays, and headers say with what parameters."""
    return exposure.detector.name == "WFC" and bool(exposure.place.association)


def _engineering(exposure: Exposure, is_calibrated: bool) -> Values:
    detector = exposure.detector
    window = exposure.slot.window
    is_part = window is not None and detector.is_ccd
    amplifiers = exposure.frames[0].chip.amplifiers[0][0] if is_part else detector.amplifiers
    values: Values = {
        "SHUTRPOS": "AB"[exposure.place.index % 2],
        "CCDAMP": amplifiers,
        "CCDGAIN": detector.commanded_gain,
        "JWROTYPE": "DS_int" if detector.name == "WFC" else "",
        "PCTEFRAC": round(0.2 + 0.05 * exposure.years, 6),
    }
    for name in "ABCD":
        is_known = is_calibrated and name in amplifiers
        values[f"ATODGN{name}"] = detector.gain[name] if is_known else 0.0
        values[f"READNSE{name}"] = detector.read_noise_e[name] if is_known else 0.0
        values[f"BIASLEV{name}"] = 0.0
    return values
