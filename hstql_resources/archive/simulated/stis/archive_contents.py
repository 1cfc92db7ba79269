"""The STIS part of the simulated archive: its rootnames, the files of each, and their content."""

from functools import cache

from hstql_resources.archive.simulated.cos.archive_contents import Content
from hstql_resources.archive.simulated.stis.catalogue import (
    Place,
    find_index,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.stis.products import Simulation, make_raw, make_tag, make_x1d
from hstql_resources.archive.simulated.stis.support import make_spt, make_wav
from hstql_resources.archive.simulated.stis.truth import state_truth

ENDINGS = ("raw.fits", "spt.fits", "tag.fits", "truth.json", "wav.fits", "x1d.fits")
COS_PER_STIS = 3  # exposures of COS for each of STIS


class StisHoldings:
    """Seeded STIS TIME-TAG exposures, a third as many as of COS."""

    def count(self, observations: int) -> int:
        """Return how many exposures an archive of that many COS exposures has."""
        return observations // COS_PER_STIS

    def locate(self, index: int) -> Place:
        """Return the place of an index in the observing programme."""
        return locate(index)

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""
        return find_index(rootname)

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an exposure, sorted."""
        return [f"{locate(index).rootname}_{ending}" for ending in ENDINGS]

    def open_exposure(self, seed: int, index: int) -> Content:
        """Return what makes the files of an exposure, by name."""
        exposure = make_exposure(seed, locate(index))
        simulate = cache(lambda: Simulation.run(exposure))  # once, and only if it is needed

        def make(filename: str) -> bytes:
            match filename.removeprefix(f"{exposure.rootname}_"):
                case "truth.json":
                    return state_truth(exposure).to_json().encode()
                case "spt.fits":
                    return make_spt(exposure, filename)
                case "wav.fits":
                    return make_wav(exposure, filename)
                case "x1d.fits":
                    return make_x1d(simulate(), filename)
                case "raw.fits":
                    return make_raw(simulate(), filename)
                case _:
                    return make_tag(simulate(), filename)

        return make
