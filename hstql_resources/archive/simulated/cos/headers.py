"""State what primary headers of COS say of an exposure, and fill their cards.

Keywords, their order and what never changes are in the folder `cards/`; extension headers are
filled in `extension_headers`.
"""

from collections.abc import Collection

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import BAD_TIME, BURST
from hstql_resources.archive.simulated.cos.mechanisms import state_mechanisms
from hstql_resources.archive.simulated.observing_program import observation_values
from hstql_resources.archive.simulated.sky.fitsfile import Keywords, Values

NO_REFERENCE = "lref$SIMULATED"  # there is none of that name


def exposure_values(exposure: Exposure, filename: str = "") -> Values:
    """Return what the headers of all files of an exposure say."""
    setting, place = exposure.configuration, exposure.place
    flag = 0 if exposure.gap is None else exposure.gap.flag
    return {
        **observation_values(place, exposure.target, filename),
        **state_mechanisms(exposure),
        **dict.fromkeys(("DETECTOR", "LQDETNO"), setting.detector),
        "CONFIG": f"COS/{setting.detector}",
        **dict.fromkeys(("OPT_ELEM", "SS_GRTNG", "SPEC_1"), setting.opt_elem),
        "CENWAVE": setting.cenwave,
        **dict.fromkeys(("CENTRWV", "SS_CWAVE"), float(setting.cenwave)),
        "LIFE_ADJ": setting.life_adj,
        "FPPOS": place.index % 4 + 1,
        "FPOFFSET": place.index % 4 - 2,
        "RANDSEED": exposure.seed,
        "BADTCORR": "COMPLETE" if flag == BAD_TIME else "OMIT",
        "BRSTCORR": "COMPLETE" if flag == BURST else "OMIT",
        "XTRCTALG": setting.algorithm,
        **dict.fromkeys(("PLANTIME", "RAWTIME", "LQITIME"), exposure.duration_s),
    }


def fill_primary(
    exposure: Exposure,
    filename: str,
    segment: str,
    values: Keywords,
    tags: Collection[str] = ("calibrated", "light"),
) -> str:
    """Return the primary header of a file with events or spectra.

    Parameters
    ----------
    exposure : Exposure
        Whose file it is.
    filename : str
        Its name.
    segment : str
        SEGMENT.
    values : mapping
        What it says other than other files.
    tags : collection of str
        `calibrated` or `raw`, and `light` or `dark`.
    """
    references = dict.fromkeys(("LAMPTAB", "WCPTAB", "BRFTAB"), NO_REFERENCE)
    whole = {**exposure_values(exposure, filename), "SEGMENT": segment, **references, **values}
    return fill_cards("cos/primary", whole, {exposure.configuration.detector.lower(), *tags})
