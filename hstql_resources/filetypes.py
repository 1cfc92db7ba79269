"""Declare the types of files that the archive has of each instrument, in the order they speak in.

They are those of the instruments' data handbooks and of the archive's lists of products.
`docs/files.md` shows the same to people.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["raw", "calibrated"]

OTHER: Literal["other"] = "other"  # named like a file of an exposure, but of none of the types
REFERENCE: Literal["reference"] = "reference"  # a calibration reference file


@dataclass(frozen=True)
class FileType:
    """A type of file.

    Attributes
    ----------
    names : tuple of str
        What follows the rootname: of the whole exposure, and of its segments or groups.
    kind : str
        `raw` if the file comes before calibration, else `calibrated`.
    letters : str
        The first letters of the rootnames of the instruments that have it.
    about : str
        What is in it, a few words.
    speaks : bool
        Whether its headers are believed in what they say of the exposure.
    knows_association : bool
        Whether they are believed in the name of its association.
    """

    names: tuple[str, ...]
    kind: Kind
    letters: str
    about: str
    speaks: bool = True
    knows_association: bool = True


def segments_of(name: str) -> tuple[str, ...]:
    """Return a type of COS, and those of the two segments of its FUV detector."""
    return name, f"{name}_a", f"{name}_b"


def _silent(name: str, letters: str, about: str, *, knows_association: bool = False) -> FileType:
    return FileType((name,), "raw", letters, about, False, knows_association)


# A file is believed before those that stand below it: what was made of an exposure before what it
# was made from, and both before the telemetry beside it.
TYPES = (
    FileType(segments_of("corrtag"), "calibrated", "lo", "events with corrections"),
    FileType(segments_of("counts"), "calibrated", "l", "image in counts, not flat-fielded"),
    FileType(("crc",), "calibrated", "ji", "image without cosmic rays, of flc"),
    FileType(("crj",), "calibrated", "oji", "image without cosmic rays, of flt"),
    FileType(segments_of("csum"), "calibrated", "l", "sum of events on coarser pixels"),
    FileType(("flc",), "calibrated", "ji", "flat-fielded image, corrected for charge transfer"),
    FileType(("flt",), "calibrated", "loji", "flat-fielded image"),
    FileType(("flt_a", "flt_b"), "calibrated", "l", "flat-fielded image of a segment"),
    FileType(("fltsum",), "calibrated", "l", "sum of the flt of an association"),
    FileType(("ima",), "calibrated", "i", "flat-fielded reads of an infrared ramp"),
    FileType(("sfl",), "calibrated", "oj", "sum of flat-fielded repeats"),
    FileType(("drc",), "calibrated", "ji", "drizzled image, of flc"),
    FileType(("drz",), "calibrated", "ji", "drizzled image, of flt"),
    FileType(("sx1",), "calibrated", "o", "spectrum of crj or sfl"),
    FileType(("sx2",), "calibrated", "o", "rectified image of crj or sfl"),
    FileType(("x1d",), "calibrated", "lo", "spectrum"),
    FileType(
        ("x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4"), "calibrated", "l",
        "sum of the x1d of an association, and of those at each FP-POS",
    ),
    FileType(("x2d",), "calibrated", "o", "rectified image"),
    FileType(("raw",), "raw", "oji", "image as it was read out"),
    FileType(segments_of("rawtag"), "raw", "l", "events as they came"),
    FileType(("tag",), "raw", "o", "events as they came"),
    FileType(segments_of("rawaccum"), "raw", "l", "image as it was read out"),
    FileType(segments_of("pha"), "raw", "l", "histogram of pulse heights beside rawaccum"),
    FileType(("lampflash",), "raw", "l", "spectra of the lamp during the exposure"),
    FileType(("rawacq",), "raw", "l", "acquisition"),
    FileType(("spt",), "raw", "loji", "support file: planning and telemetry"),
    FileType(("pdq",), "raw", "o", "summary of data quality"),
    _silent("asn", "loji", "association table", knows_association=True),
    _silent("jif", "loji", "histogram of the jitter", knows_association=True),
    _silent("jit", "loji", "pointing during the exposure (jitter)", knows_association=True),
    _silent("jwf", "lo", "histogram of the jitter during a wavecal"),
    _silent("jwt", "lo", "pointing during a wavecal"),
    _silent("wav", "o", "wavecal beside the exposure"),
    _silent("wsp", "o", "support file of the wavecal"),
    _silent("epc", "o", "temperatures of the CCD"),
    _silent("lrc", "oj", "image that checked the count rate before the exposure"),
    _silent("lsp", "oj", "support file of lrc"),
    _silent("trl", "loji", "log of the pipeline"),
    FileType(("hlet",), "calibrated", "ji", "headerlet: coordinates of flt or flc", False, False),
)  # fmt: skip

BY_NAME = {name: one for one in TYPES for name in one.names}
RAW_TYPES = frozenset(name for name, one in BY_NAME.items() if one.kind == "raw")
SPEAKING = frozenset(name for name, one in BY_NAME.items() if one.speaks)
KNOWING_ASSOCIATION = frozenset(name for name, one in BY_NAME.items() if one.knows_association)
EVENT_TYPES = (*segments_of("corrtag"), *segments_of("rawtag"), "tag")

_RANKS = {name: rank for rank, name in enumerate(BY_NAME)}
_HEADERLET = re.compile(r"fl[tc]_([0-9a-f]{6}_)?hlet")  # with a part of the checksum of its WCS

# Suffixes of reference files of all instruments but pha and flt, which are types of data too. The
# ninth character of their names is their instrument, which that of an exposure hardly ever is.
_REFERENCE_SUFFIXES = frozenset(
    {
        "1dt", "1dx", "2zx", "a2d", "apd", "apt", "badt", "bas", "bia", "bic", "bkg", "blz", "bpix",
        "bpx", "brf", "burst", "ccd", "cds", "cfl", "crr", "csp", "cte", "d2i", "dead", "dfl",
        "dgeo", "disp", "dkc", "drk", "dsp", "dxy", "ech", "exs", "flat", "fls", "gac", "geo",
        "gsag", "hal", "hv", "hvds", "iac", "idc", "ilm", "imp", "lamp", "lfl", "lin", "lmp", "mdz",
        "moc", "msk", "nlc", "noi", "npl", "off", "osc", "pct", "pfl", "phot", "pht", "pmd", "pmk",
        "profile", "psb", "rip", "sat", "scn", "sdc", "sdk", "shd", "snk", "spot", "spwcs", "srw",
        "syn", "tdc", "tdd", "tdf", "tds", "tel", "th", "tmc", "tmg", "tmt", "trace", "w4t", "walk",
        "wcp", "xwalk", "ywalk", "zpr",
    }
)  # fmt: skip
REFERENCE_ROOT = re.compile(r"[a-z0-9]{8}[ijlmnou]")


def find_type(rootname: str, suffix: str) -> str:
    """Return the type of a file by what its name says.

    Parameters
    ----------
    rootname, suffix : str
        The first nine characters, and what follows after `_`; lower case.

    Returns
    -------
    str
        A name of one of `TYPES`, `reference` or `other`.
    """
    name = "hlet" if _HEADERLET.fullmatch(suffix) else suffix
    if name in BY_NAME and rootname[:1] in BY_NAME[name].letters:
        return name
    is_reference = suffix in _REFERENCE_SUFFIXES and REFERENCE_ROOT.fullmatch(rootname)
    return REFERENCE if is_reference else OTHER


def rank_of(filetype: str) -> int:
    """Return how far back a type speaks for its exposure; 0 speaks first, `other` last."""
    return _RANKS.get(filetype, len(_RANKS))
