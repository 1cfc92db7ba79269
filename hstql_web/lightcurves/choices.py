"""Read from a form how a lightcurve is to be extracted, as the options of `hstql lightcurve` are.

What is empty stays as the named extraction has it that was chosen, else as usual.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hstql_assets.lightcurves.extractions.definitions import ORBIT, Definitions
from hstql_assets.lightcurves.settings import ExtractionSettings

HORIZON_DEG = 0.0
FIELDS = ("extraction", "bins", "target_sn", "waves", "sun", "airglow", "pulse_heights")
MOST_BINS = 200_000
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?\s*", re.ASCII)


def read_choices(written: Mapping[str, str], definitions: Definitions) -> ExtractionSettings:
    """Return the settings that the fields of a form stand for.

    Parameters
    ----------
    written : mapping of str to str
        Fields of `FIELDS`, as they were written.
    definitions : Definitions
        The named extractions.

    Raises
    ------
    ValueError
        If a field cannot be meant; one sentence.
    """
    fields = {name: written.get(name, "").strip() for name in FIELDS}
    name = fields.pop("extraction")
    if name and name not in definitions:
        raise ValueError(f"There is no extraction of the name {name}.")
    settings = definitions[name].settings if name else ExtractionSettings(has_band_flux=True)
    changes: dict[str, Any] = {}
    for key, value in fields.items():
        if value:
            changes |= _READERS[key](value)
    return replace(settings, **changes)


def _read_bins(value: str) -> dict[str, Any]:
    if value.lower() == ORBIT:
        return {"is_by_orbit": True}
    return {"is_by_orbit": False, "bin_s": _read_number("The width of a bin", value)}


def _read_waves(value: str) -> dict[str, Any]:
    pairs = tuple(_read_pair("A band", one) for one in value.split(",") if one.strip())
    # One band can be found by the wavelengths of the events, too, where there is no x1d.
    if len(pairs) == 1:
        return {"wave_min": pairs[0][0], "wave_max": pairs[0][1], "windows": ()}
    return {"windows": pairs}


def _read_sun(value: str) -> dict[str, Any]:
    if value not in ("day", "night"):
        raise ValueError("The Sun is up by day and down by night: choose one of them, or none.")
    is_day = value == "day"
    return {
        "sun_altitude_min_deg": HORIZON_DEG if is_day else None,
        "sun_altitude_max_deg": None if is_day else HORIZON_DEG,
    }


def _read_heights(value: str) -> dict[str, Any]:
    first, last = _read_pair("Pulse heights", value)
    if not (first.is_integer() and last.is_integer()):
        raise ValueError("Pulse heights are whole numbers: write, such as, 4..15.")
    return {"pulse_heights": (int(first), int(last))}


def _read_pair(what: str, value: str) -> tuple[float, float]:
    low, dots, high = value.partition("..")
    if not dots:
        raise ValueError(f"{what} has a beginning and an end: write, such as, 1100..1400.")
    return _read_number(what, low), _read_number(what, high)


def _read_number(what: str, value: str) -> float:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ValueError(f"{what} is “{value.strip()[:40]}”: give a number.")
    return float(value)


_READERS = {
    "bins": _read_bins,
    "target_sn": lambda value: {"target_sn": _read_number("The signal to noise", value)},
    "waves": _read_waves,
    "sun": _read_sun,
    "airglow": lambda value: {"exclude_airglow": value != "keep"},
    "pulse_heights": _read_heights,
}
