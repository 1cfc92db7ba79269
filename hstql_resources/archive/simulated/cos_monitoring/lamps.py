"""The part of the simulated archive with flashes of the lamp: rootnames, files, content."""

from hstql_resources.archive.simulated.cos.archive_contents import Content
from hstql_resources.archive.simulated.cos.support import make_spt
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import (
    DETECTORS,
    LampPlace,
    find_index,
    locate,
    make_lamp_exposure,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_files import (
    make_lampflash,
    state_lamp_truth,
)

ENDINGS = ("lampflash.fits", "spt.fits", "truth.json")


class LampHoldings:
    """Exposures whose lampflash files show known shifts: two for each epoch."""

    def count(self, observations: int) -> int:
        """Return how many exposures there are of so many epochs."""
        return len(DETECTORS) * observations

    def locate(self, index: int) -> LampPlace:
        """Return the place of an index."""
        return locate(index)

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""
        return find_index(rootname)

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an exposure, sorted."""
        return [f"{locate(index).rootname}_{ending}" for ending in ENDINGS]

    def open_exposure(self, seed: int, index: int) -> Content:
        """Return what makes the files of an exposure, by name."""
        exposure = make_lamp_exposure(seed, locate(index))

        def make(filename: str) -> bytes:
            match filename.removeprefix(f"{exposure.rootname}_"):
                case "truth.json":
                    return state_lamp_truth(exposure).encode()
                case "spt.fits":
                    return make_spt(exposure, filename)
                case _:
                    return make_lampflash(exposure, filename)

        return make
