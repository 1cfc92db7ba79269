"""Read what the name of an HST file says: rootname, file type, instrument, raw or calibrated.

Names only. What is inside a file is read elsewhere, and what the two contradict each other
in is decided there.
"""

import re
from dataclasses import dataclass
from typing import Literal

from hstql_resources.filetypes import OTHER, RAW_TYPES, REFERENCE, Kind, find_type

TRUTH = "truth"

INSTRUMENTS = {"l": "cos", "o": "stis", "j": "acs", "i": "wfc3"}
_LETTERS = {instrument: letter for letter, instrument in INSTRUMENTS.items()}

_ROOTNAME = re.compile(r"[a-z][a-z0-9]{8}")
_FILE = re.compile(r"([a-z0-9]{9})_([^/\\]+)\.(fits|json)")
_PACKING = re.compile(r"\.[gf]z\Z")


@dataclass(frozen=True)
class FileName:
    """An HST file name taken apart.

    Attributes
    ----------
    name : str
        As `stored_name` has it: a plain and a packed file are the same file.
    rootname : str
        Nine lower-case characters.
    filetype : str
        What stands between rootname and extension, such as `corrtag_a`, where that is a type that
        the archive has of the instrument; `reference` for a calibration reference file, else
        `other`. `truth` stands for the JSON files of a simulation.
    is_fits : bool
        False for what stands beside the FITS files, such as the truth of a simulation.
    """

    name: str
    rootname: str
    filetype: str
    is_fits: bool

    @property
    def kind(self) -> Kind | Literal["reference"]:
        """Whether it comes before or after calibration; `other` files come with the raw ones."""
        if self.filetype == REFERENCE:
            return REFERENCE
        return "raw" if self.filetype in RAW_TYPES or self.filetype == OTHER else "calibrated"


def stored_name(name: str) -> str:
    """Return the name of a file as tables have it: lower case, without `.gz` and `.fz`."""
    return _PACKING.sub("", name.lower())


def parse_filename(name: str) -> FileName | None:
    """Take a file name apart, in upper or lower case; None if it is not one of HST's."""
    stored = stored_name(name)
    match = _FILE.fullmatch(stored) if name.isprintable() else None
    if match is None:
        return None
    rootname, suffix, extension = match.groups()
    is_fits = extension == "fits"
    filetype = find_type(rootname, suffix) if is_fits else TRUTH if suffix == TRUTH else OTHER
    if rootname[0].isdigit() and filetype != REFERENCE:
        return None
    return FileName(stored, rootname, filetype, is_fits)


def is_rootname(text: str) -> bool:
    """Tell whether a text has the form of a rootname of a known instrument."""
    return _ROOTNAME.fullmatch(text) is not None and text[0] in INSTRUMENTS


def instrument_of(rootname: str) -> str:
    """Return the instrument of a rootname: its first letter says it.

    The header's INSTRUME does not: jitter files say FGS.

    Raises
    ------
    ValueError
        If the first letter is that of no instrument known here.
    """
    try:
        return INSTRUMENTS[rootname[0]]
    except (KeyError, IndexError):
        raise ValueError(
            f"{rootname!r} is not the rootname of {', '.join(INSTRUMENTS.values())}"
        ) from None


def letter_of(instrument: str) -> str:
    """Return the letter that the rootnames of an instrument begin with.

    Raises
    ------
    KeyError
        If the instrument is none that is known here.
    """
    return _LETTERS[instrument]


def exposure_of(rootname: str) -> str:
    """Return the first eight characters, which the jitter file shares with its exposure.

    The jitter file of exposure `ldfd01vlq` is called `ldfd01vlj_jit.fits`.
    """
    return rootname[:8]
