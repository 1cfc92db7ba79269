"""State which file types have a picture, of what kind, and which of them stands for all."""

from typing import Literal

from hstql_resources.filetypes import OTHER

Kind = Literal["image", "spectrum", "events"]

# The first of these that an observation has stands for it.
PREFERENCE = (
    "flc", "flt", "drc", "drz", "crc", "crj", "ima",
    "x1dsum", "x1d", "sx1", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4", "raw",
    "sx2", "x2d", "fltsum", "csum", "counts", "corrtag", "rawtag", "tag", "rawaccum", "rawacq",
)  # fmt: skip

SPECTRA = ("x1d", "sx1")  # and what begins like them
EVENTS = ("corrtag", "rawtag", "tag")
# Tables and telemetry; the lamp spectra of a lampflash tell about the instrument only.
WITHOUT_PICTURE = frozenset(
    {
        "asn", "epc", "hlet", "jif", "jit", "jwf", "jwt", "lampflash", "lsp", "pdq", "pha", "spt",
        "trl", "wsp", OTHER,
    }
)  # fmt: skip


def kind_of(filetype: str) -> Kind | None:
    """Return what kind of picture a file type has; None if it has none."""
    if base_of(filetype) in WITHOUT_PICTURE:
        return None
    if filetype.startswith(SPECTRA):
        return "spectrum"
    if base_of(filetype) in EVENTS:
        return "events"
    return "image"


def base_of(filetype: str) -> str:
    """Return a file type without its segment: `corrtag` of `corrtag_a`."""
    return filetype.removesuffix("_a").removesuffix("_b")


def rank(filetype: str) -> int:
    """Return how far back a file type comes in the order of preference; 0 comes first."""
    base = base_of(filetype)
    return PREFERENCE.index(base) if base in PREFERENCE else len(PREFERENCE)
