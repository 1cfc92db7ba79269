"""The names of the reference files of raw exposures, by the keyword of the header.

A detector has one file of each kind. Each visit has its own bad time intervals, because they come
from the seed; CalCOS knows them by date anyway.
"""

from hstql_resources.archive.simulated.cos_raw.catalogue import RawPlace, find_place
from hstql_resources.archive.simulated.cos_raw.instrument import Detector

BOTH = {
    "XTRACTAB": "1dx",
    "DISPTAB": "disp",
    "FLUXTAB": "phot",
    "TDSTAB": "tds",
    "LAMPTAB": "lamp",
    "WCPTAB": "wcp",
    "SPWCSTAB": "spwcs",
    "BPIXTAB": "bpix",
    "DEADTAB": "dead",
    "FLATFILE": "flat",
}
FUV_ONLY = {
    "BRFTAB": "brf",
    "GEOFILE": "geo",
    "DGEOFILE": "dgeo",
    "XWLKFILE": "xwalk",
    "YWLKFILE": "ywalk",
    "PHATAB": "pha",
    "HVTAB": "hv",
    "HVDSTAB": "hvds",
    "GSAGTAB": "gsag",
    "SPOTTAB": "spot",
    "BRSTTAB": "brst",
    "TRACETAB": "trace",
    "PROFTAB": "prof",
    "TWOZXTAB": "2zx",
}
BAD_TIME = "badt"


def detector_references(detector: Detector) -> dict[str, str]:
    """Return the names of the files that all exposures of a detector share, by keyword."""
    kinds = {**BOTH, **FUV_ONLY} if detector == "FUV" else BOTH
    return {key: f"sim_cos_{detector.lower()}_{kind}.fits" for key, kind in kinds.items()}


def reference_names(place: RawPlace) -> dict[str, str]:
    """Return the names of all reference files of an exposure, by keyword."""
    return {
        **detector_references(place.detector),
        "BADTTAB": f"sim_{place.visit_name}_{BAD_TIME}.fits",
    }


def find_bad_time_place(filename: str) -> RawPlace | None:
    """Return the first exposure of whose visit a file has bad times; None if it is no such file."""
    place = find_place(filename.removeprefix("sim_").split("_")[0] + "01q")
    is_one = place is not None and filename == reference_names(place)["BADTTAB"]
    return place if is_one else None
