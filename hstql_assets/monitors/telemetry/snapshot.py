"""Make a row of `telemetry` of what the headers of an exposure say.

An spt file has a snapshot of the engineering data before the exposure, SNAP1, and one after it,
SNAP2, or several of each for an acquisition. SNAP2 often holds no data but what zero counts of
telemetry would mean: 129.42 and -273.15 degrees, mechanisms at 0 that are `NotInit`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from hstql_resources.filenames import stored_name
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import finite, whole
from hstql_resources.times import parse_telescope_time

# Degrees Celsius that zero counts of telemetry are converted to.
NO_TEMPERATURES_C = (129.42, -273.15)
_ROUNDING_C = 0.01
VALID = "PosValid"
LARGEST_WHOLE = 999  # beyond it is nonsense, and at last no integer of the database

TEMPERATURES = {
    "fuva_temperature_c": "LDCAMPAT",
    "fuvb_temperature_c": "LDCAMPBT",
    "nuv_temperature_c": "LMMCETMP",
}
# Column: keyword, and keyword of the state of the mechanism.
MECHANISMS = {
    "osm1_coarse": ("LOM1POSC", "LOM1STAT"),
    "osm1_steps": ("LOM1STP", "LOM1STAT"),
    "osm1_fine": ("LOM1POSF", "LOM1STAT"),
    "osm2_coarse": ("LOM2POSC", "LOM2STAT"),
    "osm2_steps": ("LOM2STP", "LOM2STAT"),
    "osm2_fine": ("LOM2POSF", "LOM2STAT"),
    "focus_position": ("LOMFSTP", "LOMFSTAT"),
    "aperture_x_lvdt": ("LAPXLVDT", "LAPXSTAT"),
    "aperture_d_lvdt": ("LAPDLVDT", "LAPDSTAT"),
}
# The mechanism's x is across the dispersion, which headers of exposures call y.
STEPS = {
    "aperture_x_steps": ("APERXPOS", "LAPDSTP", "LAPDSTAT"),
    "aperture_y_steps": ("APERYPOS", "LAPXSTP", "LAPXSTAT"),
}
Values = Mapping[str, object]
NO_SNAPSHOT = "No snapshot"


def telemetry_row(key: str, spt: FileHeaders, own: Iterable[Header]) -> dict[str, object]:
    """Return the row of an spt file.

    Parameters
    ----------
    key : str
        The rootname.
    spt : FileHeaders
        All headers of the spt file.
    own : iterable of Header
        Primary headers of the files of the exposure; the first that has a keyword counts.

    Returns
    -------
    dict
        All columns; None for what no header has, or only with a value that stands for none. Of
        several snapshots before the exposure the first with a value counts.

    Raises
    ------
    FitsError
        If the file has no SNAP1.
    """
    plan = spt.headers[0].values
    snapshots = [header.values for header in spt.headers if header.name == "SNAP1"]
    if not snapshots:
        raise FitsError("has no SNAP1", NO_SNAPSHOT)
    headers = [header.values for header in own]
    aperture = _text(headers, "APERTURE") or _text(snapshots, "LAPERTUR")
    # An acquisition begins with the aperture of the lamp.
    there = [one for one in snapshots if _text([one], "LAPERTUR") in (None, aperture)]
    return {
        "filename": stored_name(spt.filename),
        "rootname": key,
        "start_mjd": parse_telescope_time(str(plan.get("PSTRTIME"))),
        "detector": _text(headers, "DETECTOR") or _detector(plan),
        "aperture": aperture,
        "life_adj": _whole(headers, "LIFE_ADJ"),
        "proposal_type": _text([plan], "PROP_TYP"),
        **{name: _temperature(snapshots, keyword) for name, keyword in TEMPERATURES.items()},
        **{name: _position(snapshots, *keywords) for name, keywords in MECHANISMS.items()},
        **{name: _steps(headers, there, *keywords) for name, keywords in STEPS.items()},
        "ingest_date": datetime.now(UTC),
    }


def _temperature(snapshots: Iterable[Values], keyword: str) -> float | None:
    for snapshot in snapshots:
        value = finite(snapshot.get(keyword))
        if value is not None and all(abs(value - no) > _ROUNDING_C for no in NO_TEMPERATURES_C):
            return value
    return None


def _position(snapshots: Iterable[Values], keyword: str, state: str) -> float | None:
    for snapshot in snapshots:
        value = finite(snapshot.get(keyword))
        # Without its state a position is taken as it is.
        if value is not None and str(snapshot.get(state, VALID)).strip() == VALID:
            return value
    return None


def _steps(
    headers: Iterable[Values], snapshots: Iterable[Values], own: str, keyword: str, state: str
) -> float | None:
    known = [value for header in headers if (value := finite(header.get(own))) is not None]
    return known[0] if known else _position(snapshots, keyword, state)


def _whole(headers: Iterable[Values], keyword: str) -> int | None:
    values = (whole(header.get(keyword), LARGEST_WHOLE) for header in headers)
    return next((one for one in values if one is not None), None)


def _text(headers: Iterable[Values], keyword: str) -> str | None:
    values = (str(header.get(keyword) or "").strip() for header in headers)
    return next((one for one in values if one not in ("", "N/A")), None)


def _detector(plan: Values) -> str | None:
    """Return the detector of CONFIG, such as COS/FUV."""
    _, _, detector = str(plan.get("CONFIG") or "").strip().partition("/")
    return detector or None
