"""The reference files of raw exposures by name; each is made when it is asked for."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from hstql_resources.archive.simulated.cos_raw import (
    detector_references,
    fuv_references,
    spectrum_references,
    zone_references,
)
from hstql_resources.archive.simulated.cos_raw.catalogue import make_exposure
from hstql_resources.archive.simulated.cos_raw.instrument import Detector
from hstql_resources.archive.simulated.cos_raw.reference_file import Reference
from hstql_resources.archive.simulated.cos_raw.reference_names import (
    detector_references as list_detector_references,
)
from hstql_resources.archive.simulated.cos_raw.reference_names import find_bad_time_place

_DETECTORS: tuple[Detector, ...] = ("NUV", "FUV")
_BOTH: Mapping[str, Callable[[Detector], Reference]] = MappingProxyType(
    {
        "XTRACTAB": spectrum_references.make_extraction,
        "DISPTAB": spectrum_references.make_dispersion,
        "FLUXTAB": spectrum_references.make_sensitivity,
        "TDSTAB": spectrum_references.make_time_dependence,
        "LAMPTAB": spectrum_references.make_lamp,
        "WCPTAB": spectrum_references.make_wavecal,
        "SPWCSTAB": spectrum_references.make_coordinates,
        "BPIXTAB": detector_references.make_bad_pixels,
        "DEADTAB": detector_references.make_dead_time,
        "FLATFILE": detector_references.make_flat,
    }
)
_FUV: Mapping[str, Callable[[], Reference]] = MappingProxyType(
    {
        "BRFTAB": fuv_references.make_frame,
        "GEOFILE": fuv_references.make_distortion,
        "DGEOFILE": fuv_references.make_distortion_change,
        "XWLKFILE": fuv_references.make_walk_along,
        "YWLKFILE": fuv_references.make_walk_across,
        "PHATAB": fuv_references.make_pulse_heights,
        "HVTAB": fuv_references.make_high_voltages,
        "HVDSTAB": fuv_references.make_voltage_sensitivity,
        "GSAGTAB": fuv_references.make_gain_sag,
        "SPOTTAB": fuv_references.make_spots,
        "BRSTTAB": fuv_references.make_bursts,
        "TRACETAB": zone_references.make_trace,
        "PROFTAB": zone_references.make_profile,
        "TWOZXTAB": zone_references.make_zones,
    }
)


def make_raw_reference(filename: str, seed: int) -> bytes | None:
    """Return a reference file, always the same bytes; None if there is none of that name.

    Parameters
    ----------
    filename : str
        Its name, without the `lref$` that headers put before it.
    seed : int
        The archive's seed, which says what time is bad.
    """
    place = find_bad_time_place(filename)
    if place is not None:
        reference = detector_references.make_bad_times([make_exposure(seed, place)])
        return reference.to_bytes(filename, place.detector)
    for detector in _DETECTORS:
        for keyword, name in list_detector_references(detector).items():
            if name == filename:
                return _find_maker(keyword, detector)().to_bytes(filename, detector)
    return None


def _find_maker(keyword: str, detector: Detector) -> Callable[[], Reference]:
    return _FUV[keyword] if keyword in _FUV else partial(_BOTH[keyword], detector)
