"""Make the support files of the cameras: spt, and the table of an association.

What the telescope was told to do, and what the instrument said of it; nothing here knows pixels.
"""

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.values import association_kind, primary_values
from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.observing_program import CLOCK, FIRST_PROPOSAL_ID
from hstql_resources.archive.simulated.sky.fitsfile import Column, Values, pack_rows, write_unit
from hstql_resources.times import SECONDS_PER_DAY, mjd_to_datetime

SUPPORT_WORDS = 965
SUPPORT_STREAM = 93
EPOCH_1985_MJD = 46066.0  # what the telescope counts its seconds from
TICKS_PER_SECOND = 8.0  # of its clock


def make_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, telemetry in the extension UDL."""
    rng = exposure.random_stream(SUPPORT_STREAM)
    values = {
        **primary_values(exposure, is_calibrated=False),
        **_plan(exposure),
        **_telemetry(exposure),
        "FILENAME": filename,
        "NEXTEND": 1,
    }
    tags = exposure.tags
    primary = fill_cards("cameras/spt_primary", values, tags, rng)
    return write_unit(primary) + write_unit(
        fill_cards("cameras/udl", values, tags, rng), bytes(2 * SUPPORT_WORDS)
    )


def make_asn(exposure: Exposure, filename: str) -> bytes:
    """Return the table of an association: its members, then itself, which is the product."""
    rng = exposure.random_stream(SUPPORT_STREAM)
    tags = exposure.tags
    names = [place.rootname.upper() for place in (*exposure.place.members, exposure.place)]
    kind = association_kind(exposure)
    types = [f"EXP-{kind}"] * (len(names) - 1) + [f"PROD-{kind}"]
    columns = [
        Column("MEMNAME", "14A", [f"{name:14}" for name in names]),
        Column("MEMTYPE", "14A", [f"{name:14}" for name in types]),
        Column("MEMPRSNT", "1A", ["T"] * len(names)),
    ]
    rows = pack_rows(columns)
    values = {
        **primary_values(exposure, is_calibrated=False),
        "FILENAME": filename,
        "NEXTEND": 1,
        "EXTVER": 1,
        "EXPNAME": exposure.rootname,
        "NAXIS1": rows.itemsize,
        "NAXIS2": rows.size,
    }
    primary = fill_cards("cameras/asn_primary", values, tags, rng)
    table = fill_cards("cameras/asn_table", values, tags, rng)
    return write_unit(primary) + write_unit(table, rows.tobytes())


def _plan(exposure: Exposure) -> Values:
    """Return what was planned: coordinates, setting, target and proposal."""
    target, detector, slot = exposure.target, exposure.detector, exposure.slot
    longitude, latitude = (target.ra_deg + 12.5) % 360.0, target.dec_deg / 2.0
    letter = "J" if detector.instrument == "acs" else "I"
    first, second = exposure.place.filter.wheels
    return {
        **dict.fromkeys(("ECL_LONG", "ELON_REF"), longitude),
        **dict.fromkeys(("ECL_LAT", "ELAT_REF"), latitude),
        **dict.fromkeys(("GAL_LONG", "GLON_REF"), 360.0 - longitude),
        **dict.fromkeys(("GAL_LAT", "GLAT_REF"), -latitude),
        **dict.fromkeys(("APER_REF", "APEROBJ"), f"{letter}{slot.aperture}"[:10]),
        **dict.fromkeys(("SS_OBSMD", "OPMODE"), detector.mode),
        **dict.fromkeys(("SS_APER", "APER_1"), slot.aperture),
        **dict.fromkeys(("SS_DTCTR", "CONFIG"), detector.configuration),
        **dict.fromkeys(("SS_GRTNG", "SPEC_1"), first),
        "SS_GAIN": detector.commanded_gain,
        "SS_SPLIT": 2 if slot.member or slot.is_association else 1,
        "PSTPTIME": f"{mjd_to_datetime(exposure.end_mjd):{CLOCK}}",
        "TARG_ID": f"{FIRST_PROPOSAL_ID + exposure.place.proposal}_{exposure.place.number + 1}",
        "RA_V1": (target.ra_deg + 0.05) % 360.0,
        "PA_APER": exposure.roll_deg,
        **dict.fromkeys(("RA_REF", "RA_PROP"), target.ra_deg),
        **dict.fromkeys(("DEC_REF", "DEC_PROP"), target.dec_deg),
        "OBSSTRTT": round((exposure.start_mjd - EPOCH_1985_MJD) * SECONDS_PER_DAY, 1),
        "SPEC_2": second,
        "TAR_TYPE": "FIXED TARGET" if slot.is_external else "INTERNAL",
        "TARDESCR": "STAR; VARIABLE STAR" if slot.is_external else slot.image_type,
        "TARGCAT": "STAR" if slot.is_external else "CALIBRATION",
        "TARKEY1": "VARIABLE STAR" if slot.is_external else slot.image_type,
        "SP_TYPE": "B2V" if slot.is_external else "",
        "MAG_V": round(14.0 + exposure.place.proposal % 7 * 0.35, 2),
        "CMD_EXP": exposure.exposure_s,
    }


def _telemetry(exposure: Exposure) -> Values:
    """Return what the instrument said of the exposure."""
    pixels = sum(frame.raw_shape[0] * frame.raw_shape[1] for frame in exposure.frames)
    clock_s = (exposure.start_mjd - EPOCH_1985_MJD) * SECONDS_PER_DAY
    hst_s = round(clock_s * TICKS_PER_SECOND) / TICKS_PER_SECOND
    kinds = {"DARK": "dark", "BIAS": "bias"}
    is_part = exposure.slot.window is not None
    return {
        "EXTVER": 1,
        "EXPNAME": exposure.rootname,
        "OBSNUM": exposure.place.number + 1,
        "NUMWORDS": pixels,
        "INTTIME": round(exposure.exposure_s),
        "HSTTIMES": hst_s,
        "HSTTIMEC": hst_s + round(exposure.exposure_s),
        "NUMROWS": exposure.frames[0].raw_shape[1] if is_part else 0,
        "NUMCOLS": exposure.frames[0].raw_shape[0] if is_part else 0,
        "CCDSETUP": kinds.get(exposure.slot.image_type, "normal"),
        "IMGSETUP": "subarray" if is_part else "full",
    }
