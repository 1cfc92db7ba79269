"""Tell which products make a success: what the raw headers ask a pipeline for.

A pipeline can end well and have made nothing, so its products are what counts. Of each tuple of
names one has to be there.
"""

from collections.abc import Iterable, Sequence

from hstql_resources.calibration.associations import Member
from hstql_resources.calibration.exposures import Exposure, RawFile
from hstql_resources.calibration.units import Alternatives


def expect_of_exposure(exposure: Exposure) -> tuple[Alternatives, ...]:
    """Return the products of one exposure."""
    of_raw = {"l": _of_cos, "o": _of_stis, "j": _of_camera, "i": _of_camera}[exposure.rootname[0]]
    types = dict.fromkeys(types for raw in exposure.raws for types in of_raw(raw))
    return tuple(_names(exposure.rootname, alternatives) for alternatives in types)


def expect_of_products(
    members: Sequence[Member], exposures: Iterable[Exposure]
) -> tuple[Alternatives, ...]:
    """Return the products of an association beyond those of its members."""
    raws = [raw for exposure in exposures for raw in exposure.raws]
    expected = []
    for member in members:
        types = _of_product(member, raws) if member.is_product else ()
        if types:
            expected.append(_names(member.rootname, types))
    return tuple(expected)


def _names(rootname: str, types: Alternatives) -> Alternatives:
    return tuple(f"{rootname}_{filetype}.fits" for filetype in types)


def _performs(raw: RawFile, switch: str) -> bool:
    return raw.switches().get(switch) == "PERFORM"


def _is_spectrum(raw: RawFile) -> bool:
    return str(raw.header.get("OBSTYPE", "")).strip() == "SPECTROSCOPIC"


def _of_cos(raw: RawFile) -> list[Alternatives]:
    segment = raw.filetype[-2:] if raw.filetype.endswith(("_a", "_b")) else ""
    types: list[Alternatives] = [(f"flt{segment}",), (f"counts{segment}",)]
    if raw.filetype.startswith("rawtag"):
        types.append((f"corrtag{segment}",))
    if _is_spectrum(raw) and _performs(raw, "X1DCORR"):
        types.append(("x1d",))
    return types


def _of_stis(raw: RawFile) -> list[Alternatives]:
    types: list[Alternatives] = [("flt", "crj", "sfl", "sx2", "x2d")]
    if _is_spectrum(raw) and _performs(raw, "X1DCORR"):
        types.append(("x1d", "sx1"))
    return types


def _of_camera(raw: RawFile) -> list[Alternatives]:
    return [("flt",), ("flc",)] if _performs(raw, "PCTECORR") else [("flt",)]


def _of_product(member: Member, raws: Sequence[RawFile]) -> Alternatives:
    """Return the file types of a product, none for those that another program makes."""
    if member.rootname[0] == "l":
        if any(_is_spectrum(raw) and _performs(raw, "X1DCORR") for raw in raws):
            return ("x1dsum",)
        return () if any(_is_spectrum(raw) for raw in raws) else ("fltsum",)
    if member.memtype.startswith("PROD-CR"):
        return ("crj", "crc")
    # A sum of repeated exposures; a dithered product is left to the drizzle program.
    return ("sfl", "crj", "crc") if member.memtype.startswith("PROD-RP") else ()
