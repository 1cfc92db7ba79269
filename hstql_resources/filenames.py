"""Read what the name of an HST file says: rootname, file type, instrument, raw or calibrated.

Names only. What is inside a file is read elsewhere, and what the two contradict each other
in is decided there.
"""

import re
from dataclasses import dataclass
from typing import Literal

_NOT_ON_THE_SKY = frozenset({"DARK", "BIAS", "DEUTERIUM", "ANY", "NONE"})

Kind = Literal["raw", "calibrated"]

INSTRUMENTS = {"l": "cos", "o": "stis", "j": "acs", "i": "wfc3"}
_LETTERS = {instrument: letter for letter, instrument in INSTRUMENTS.items()}

RAW_TYPES = frozenset(
    {
        "asn", "jif", "jit", "lampflash", "pha", "raw", "rawaccum", "rawaccum_a", "rawaccum_b",
        "rawacq", "rawtag", "rawtag_a", "rawtag_b", "spt", "tag", "trl", "wav", "wsp",
    }
)  # fmt: skip
EVENT_TYPES = ("corrtag", "corrtag_a", "corrtag_b", "rawtag", "rawtag_a", "rawtag_b", "tag")

_ROOTNAME = re.compile(r"[a-z][a-z0-9]{8}")
_FILE = re.compile(r"([a-z][a-z0-9]{8})_([a-z0-9_]+)\.(fits|json)(\.gz)?")


@dataclass(frozen=True)
class FileName:
    """An HST file name taken apart.

    Attributes
    ----------
    name : str
        The name without `.gz`: a plain and a gzipped file are the same file.
    rootname : str
        Nine lower-case characters.
    filetype : str
        What stands between rootname and extension, such as `corrtag_a`.
    is_fits : bool
        False for what stands beside the FITS files, such as the truth of a simulation.
    """

    name: str
    rootname: str
    filetype: str
    is_fits: bool

    @property
    def kind(self) -> Kind:
        """Whether the file comes before or after calibration."""
        return "raw" if self.filetype in RAW_TYPES else "calibrated"


def parse_filename(name: str) -> FileName | None:
    """Take a file name apart; None if it is not one of HST's."""
    match = _FILE.fullmatch(name)
    if match is None:
        return None
    rootname, filetype, extension, _ = match.groups()
    return FileName(name.removesuffix(".gz"), rootname, filetype, extension == "fits")


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


def is_science_target(name: str) -> bool:
    """Tell whether TARGNAME names something on the sky; case does not matter.

    A wavecal's target is WAVE, or begins so: WAVEHITM. An empty name may be anything.
    """
    upper = name.upper()
    return upper not in _NOT_ON_THE_SKY and not upper.startswith("WAVE")
