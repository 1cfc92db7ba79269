"""Write reports of the science mission schedule, with the exposures of the simulated archive."""

from collections.abc import Iterable

from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import LampPlace
from hstql_resources.times import mjd_to_datetime


def make_sms_report(name: str, places: Iterable[LampPlace]) -> str:
    """Return a report of the science mission schedule with these exposures.

    Parameters
    ----------
    name : str
        Such as 160467a6.
    places : iterable of LampPlace

    Returns
    -------
    str
        Lines as in the reports of 2016.
    """
    rule = "-" * 166
    header = [
        "",
        f"COS Exposure Report: SMS {name.upper()}",
        "",
        f"{'Data':62}Exposure Start    FUV     Mechanism Positions     Cent    Tsince Tsince",
        "Filename Prop  Target     PRG OB AL EX Conf Opmode    ExpTime yyyy.ddd:hh:mm:ss State "
        "  Aper   OSM1     OSM2    Wave FP   OSM1   OSM2 Lamp  Curr    A   B  Dop # Dur T",
        rule,
    ]
    return "\n".join([*header, *(_describe(place) for place in places), rule]) + "\n"


def _describe(place: LampPlace) -> str:
    root, law = place.rootname, place.law
    is_fuv = place.detector == "FUV"
    state, stims = ("163/163", "LOW LOW") if is_fuv else ("", "")
    osm1, osm2 = (law.opt_elem, "-----") if is_fuv else ("NCM1", law.opt_elem)
    start = mjd_to_datetime(place.start_mjd)
    return (
        f"{root[:8]} {90000 + place.proposal:5d} {'ANY':10} {root[1:4].upper()} "
        f"{root[4:6].upper()} {root[6:8].upper()} 01 {place.detector}  TIME-TAG   2400.0 "
        f"{start:%Y.%j:%H:%M:%S} {state:7} PSA 4  {osm1:8} {osm2:7} {law.cenwave:5d} "
        f"{place.fppos - 3:2d} {place.since_move_s:6.0f} {place.since_move_s:6.0f} "
        f"{'':13}{stims:7} NO  {place.flashes}  12 S"
    )
