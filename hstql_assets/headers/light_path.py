"""Say in one word, for all instruments, what filters the light went through.

ACS has two wheels, the others have one. The words are those of the headers; only what lets all
light pass has one name for all (headers say CLEAR1L, CLEAR2S or Clear).
"""

import re

from hstql_resources.filenames import INSTRUMENTS
from hstql_resources.fits.file_headers import FileHeaders

# Jitter files say S/C where they mean none of them.
_CONFIG = re.compile(rf"(?:{'|'.join(INSTRUMENTS.values())})/([A-Z0-9-]+)", re.IGNORECASE)

CLEAR = "CLEAR"
_DETECTORS = {
    "MA1": "FUV-MAMA", "MA2": "NUV-MAMA",  # as CONFIG of jitter files calls them
    **{name: name for name in ("FUV", "NUV", "FUV-MAMA", "NUV-MAMA", "CCD", "WFC", "HRC", "SBC",
                               "UVIS", "IR")},
}  # fmt: skip


def describe_light_path(
    single: str | None, first: str | None = None, second: str | None = None
) -> str | None:
    """Return the filters in the light path.

    Parameters
    ----------
    single : str or None
        FILTER, of instruments with one wheel.
    first, second : str or None
        FILTER1 and FILTER2 of ACS.

    Returns
    -------
    str or None
        Filters joined by `;` in the order of the wheels, such as `F435W` or `F606W;POL0V`;
        `CLEAR` if nothing but clear positions is there; None if no keyword says.
    """
    elements = [name for name in (first, second) if name is not None and name != "N/A"]
    if not elements and single is not None and single != "N/A":
        elements = [single]
    if not elements:
        return None
    filters = [name for name in elements if not name.upper().startswith(CLEAR)]
    return ";".join(filters) or CLEAR


def own_detector(file: FileHeaders) -> str | None:
    """Return DETECTOR of any HDU, else the configured detector; None if the file names none."""
    detector = file.find("DETECTOR")
    return configured_detector(file) if detector is None else name_detector(str(detector))


def configured_detector(file: FileHeaders) -> str | None:
    """Return the detector of CONFIG, such as FUV of COS/FUV; None if it does not say."""
    match = _CONFIG.fullmatch(str(file.find("CONFIG")))
    return None if match is None else name_detector(match[1])


def name_detector(text: str) -> str:
    """Return the one name of a detector that is known, and any other text as it stands."""
    return _DETECTORS.get(text.upper(), text)
