"""The part of the cameras in the simulated archive: rootnames, the files of each, their content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType

from hstql_resources.archive.simulated.cameras.catalogue import (
    Exposure,
    Place,
    find_index,
    make_exposure,
)
from hstql_resources.archive.simulated.cameras.combining import (
    Combination,
    make_drizzled,
    make_rejected,
)
from hstql_resources.archive.simulated.cameras.jitter import make_jif, make_jit
from hstql_resources.archive.simulated.cameras.products import (
    Simulation,
    make_calibrated,
    make_ima,
    make_raw,
)
from hstql_resources.archive.simulated.cameras.support import make_asn, make_spt
from hstql_resources.archive.simulated.cameras.truth import state_association, state_truth
from hstql_resources.archive.simulated.cos.archive_contents import Content


@dataclass(frozen=True)
class CameraHoldings:
    """Seeded exposures and associations of ACS or WFC3.

    Attributes
    ----------
    instrument : str
        `acs` or `wfc3`.
    share : tuple of int
        How many there are for how many exposures of COS.
    """

    instrument: str
    share: tuple[int, int]

    def count(self, observations: int) -> int:
        """Return how many an archive of that many COS exposures has."""
        return observations * self.share[0] // self.share[1]

    def locate(self, index: int) -> Place:
        """Return the place of an index in the observing programme."""
        return Place(self.instrument, index)

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""
        return find_index(self.instrument, rootname)

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an observation, sorted."""
        place = self.locate(index)
        return sorted(f"{place.rootname}_{ending}" for ending in _list_endings(place))

    def open_exposure(self, seed: int, index: int) -> Content:
        """Return what makes the files of an observation, by name."""
        return open_files(make_exposure(seed, self.locate(index)))


def open_files(exposure: Exposure) -> Content:
    """Return what makes the files of an observation, by name; its pixels are drawn once."""
    return partial(_make, exposure, cache(partial(Combination, exposure)))


def _list_endings(place: Place) -> list[str]:
    slot, detector = place.slot, place.slot.detector
    two_chips = len(detector.chips) > 1
    if slot.is_association:
        types = ["asn", "drz", "spt", "jit", "jif", *(["drc", "crj", "crc"] if two_chips else [])]
    else:
        types = ["raw", "flt", "spt"]
        if detector.name == "IR":
            types.append("ima")
        if slot.is_external:
            types += ["jit", "jif"]
            types += ["flc"] if two_chips else []
            types += [] if slot.member or two_chips else ["drz"]
    return [*(f"{filetype}.fits" for filetype in types), "truth.json"]


def _make(exposure: Exposure, combine: Callable[[], Combination], filename: str) -> bytes:
    combination = combine()
    ending = filename.removeprefix(f"{exposure.rootname}_")
    if ending == "truth.json":
        if exposure.slot.is_association:
            return state_association(exposure).encode()
        return state_truth(combination.members[0]).to_json().encode()
    filetype = ending.removesuffix(".fits")
    if filetype in _SUPPORT:
        return _SUPPORT[filetype](exposure, filename)
    if filetype in _IMAGES:
        return _IMAGES[filetype](combination.members[0], filename)
    return _PRODUCTS[filetype](combination, filename)


_SUPPORT: Mapping[str, Callable[[Exposure, str], bytes]] = MappingProxyType(
    {"spt": make_spt, "jit": make_jit, "jif": make_jif, "asn": make_asn}
)
_IMAGES: Mapping[str, Callable[[Simulation, str], bytes]] = MappingProxyType(
    {
        "raw": make_raw,
        "flt": make_calibrated,
        "flc": partial(make_calibrated, has_cte=True),
        "ima": make_ima,
    }
)
_PRODUCTS: Mapping[str, Callable[[Combination, str], bytes]] = MappingProxyType(
    {
        "drz": make_drizzled,
        "drc": partial(make_drizzled, has_cte=True),
        "crj": make_rejected,
        "crc": partial(make_rejected, has_cte=True),
    }
)
