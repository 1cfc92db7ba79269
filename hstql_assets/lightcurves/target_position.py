"""Tell where the light of an exposure comes from, if that is a fixed place in the sky."""

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import number, text


def find_no_position(primary: Header) -> str:
    """Say why RA_TARG and DEC_TARG are not where the light came from; empty where they are.

    Notes
    -----
    Lamps have the position 0, 0 and tell SCLAMP (STIS), or EXPTYPE (COS).
    """
    kind, lamp = text(primary, "EXPTYPE", "EXTERNAL"), text(primary, "SCLAMP", "NONE")
    if not kind.startswith("EXTERNAL"):
        return f"EXPTYPE is {kind}: the light is of no target"
    if lamp not in ("NONE", ""):
        return f"SCLAMP is {lamp}: the light is that of a lamp"
    if text(primary, "MTFLAG", "").upper().startswith("T"):
        return "MTFLAG is T: the target moves"
    try:
        ra_deg, dec_deg = number(primary, "RA_TARG"), number(primary, "DEC_TARG")
    except FitsError as error:
        return str(error)
    if ra_deg == dec_deg == 0.0:
        return "RA_TARG and DEC_TARG are 0"
    return "" if abs(dec_deg) <= 90.0 else f"DEC_TARG is {dec_deg:g} degrees"
