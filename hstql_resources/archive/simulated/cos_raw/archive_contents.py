"""The raw part of the simulated archive: its rootnames, the files of each, and their content."""

from functools import cache

from hstql_resources.archive.simulated.cos.archive_contents import Content
from hstql_resources.archive.simulated.cos.support import make_jit, make_spt
from hstql_resources.archive.simulated.cos_raw.catalogue import (
    RawExposure,
    RawPlace,
    find_place,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.cos_raw.products import (
    RawSimulation,
    make_rawtag,
    rawtag_names,
)
from hstql_resources.archive.simulated.cos_raw.truth import state_raw_truth

SUPPORT_ENDINGS = ("jit.fits", "spt.fits", "truth.json")


class RawHoldings:
    """Raw COS exposures of the NUV detector, of which CalCOS makes the rest."""

    def locate(self, index: int) -> RawPlace:
        """Return the place of an index in the observing programme."""
        return locate(index)

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""
        place = find_place(rootname)
        is_listed = place is not None and place.detector == "NUV" and place.exposure == 0
        return place.number if place is not None and is_listed else None

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an exposure, sorted."""
        return list_raw_filenames(locate(index))

    def open_exposure(self, seed: int, index: int) -> Content:
        """Return what makes the files of an exposure, by name."""
        return open_raw_exposure(make_exposure(seed, locate(index)))


def list_raw_filenames(place: RawPlace) -> list[str]:
    """Return the names of the files of an exposure, sorted."""
    events = [f"rawtag{readout.suffix}.fits" for readout in place.configuration.readouts]
    return sorted(f"{place.rootname}_{ending}" for ending in (*events, *SUPPORT_ENDINGS))


def open_raw_exposure(exposure: RawExposure) -> Content:
    """Return what makes the files of an exposure, by name."""
    simulate = cache(lambda: RawSimulation.run(exposure))  # once, and only if it is needed

    def make(filename: str) -> bytes:
        match filename.removeprefix(f"{exposure.rootname}_"):
            case "truth.json":
                return state_raw_truth(exposure).to_json().encode()
            case "spt.fits":
                return make_spt(exposure, filename)
            case "jit.fits":
                return make_jit(exposure, filename)
            case _:
                return make_rawtag(simulate(), rawtag_names(exposure)[filename], filename)

    return make
