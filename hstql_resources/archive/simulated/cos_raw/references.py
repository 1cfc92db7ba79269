"""Name the reference files of raw exposures, and make each when it is asked for.

A detector has one file of each kind. Each visit has its own bad time intervals, because they come
from the seed; CalCOS knows them by date anyway.
"""

from collections.abc import Callable

from hstql_resources.archive.simulated.cos.instrument import Detector
from hstql_resources.archive.simulated.cos_raw import detector_references as of_detector
from hstql_resources.archive.simulated.cos_raw import fuv_references as of_fuv
from hstql_resources.archive.simulated.cos_raw.catalogue import RawPlace, find_place, make_exposure
from hstql_resources.archive.simulated.cos_raw.reference_file import Reference

# Keyword of the header: what the file is called, and what makes it.
BOTH: dict[str, tuple[str, Callable[[Detector], Reference]]] = {
    "XTRACTAB": ("1dx", of_detector.make_extraction),
    "DISPTAB": ("disp", of_detector.make_dispersion),
    "FLUXTAB": ("phot", of_detector.make_sensitivity),
    "TDSTAB": ("tds", of_detector.make_time_dependence),
    "LAMPTAB": ("lamp", of_detector.make_lamp),
    "WCPTAB": ("wcp", of_detector.make_wavecal),
    "SPWCSTAB": ("spwcs", of_detector.make_coordinates),
    "BPIXTAB": ("bpix", of_detector.make_bad_pixels),
    "DEADTAB": ("dead", of_detector.make_dead_time),
    "FLATFILE": ("flat", of_detector.make_flat),
}
FUV_ONLY: dict[str, tuple[str, Callable[[], Reference]]] = {
    "BRFTAB": ("brf", of_fuv.make_frame),
    "GEOFILE": ("geo", of_fuv.make_distortion),
    "DGEOFILE": ("dgeo", of_fuv.make_distortion_change),
    "XWLKFILE": ("xwalk", of_fuv.make_walk_along),
    "YWLKFILE": ("ywalk", of_fuv.make_walk_across),
    "PHATAB": ("pha", of_fuv.make_pulse_heights),
    "HVTAB": ("hv", of_fuv.make_high_voltages),
    "HVDSTAB": ("hvds", of_fuv.make_voltage_sensitivity),
    "GSAGTAB": ("gsag", of_fuv.make_gain_sag),
    "SPOTTAB": ("spot", of_fuv.make_spots),
    "BRSTTAB": ("brst", of_fuv.make_bursts),
    "TRACETAB": ("trace", of_fuv.make_trace),
    "PROFTAB": ("prof", of_fuv.make_profile),
    "TWOZXTAB": ("2zx", of_fuv.make_zones),
}


def detector_references(detector: Detector) -> dict[str, str]:
    """Return the names of the files that all exposures of a detector share, by keyword."""
    kinds = {**BOTH, **FUV_ONLY} if detector == "FUV" else BOTH
    return {key: f"sim_cos_{detector.lower()}_{kind}.fits" for key, (kind, _) in kinds.items()}


def reference_names(place: RawPlace) -> dict[str, str]:
    """Return the names of all reference files of an exposure, by keyword."""
    bad_times = f"sim_{place.visit_name}_badt.fits"
    return {**detector_references(place.detector), "BADTTAB": bad_times}


def make_raw_reference(filename: str, seed: int) -> bytes | None:
    """Return a reference file, always the same bytes; None if there is none of that name.

    Parameters
    ----------
    filename : str
        Its name, without the `lref$` that headers put before it.
    seed : int
        The archive's seed, which says what time is bad.
    """
    place = find_place(filename.removeprefix("sim_").split("_")[0] + "01q")
    if place is not None and filename == reference_names(place)["BADTTAB"]:
        reference = of_detector.make_bad_times([make_exposure(seed, place)])
        return reference.to_bytes(filename, place.detector)
    detectors: tuple[Detector, ...] = ("NUV", "FUV")
    for detector in detectors:
        for keyword, name in detector_references(detector).items():
            if name == filename:
                make = FUV_ONLY[keyword][1] if keyword in FUV_ONLY else None
                reference = make() if make else BOTH[keyword][1](detector)
                return reference.to_bytes(filename, detector)
    return None
