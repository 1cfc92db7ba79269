"""What the archive asks of each simulated instrument, and the COS part of it.

Rootnames, the files of each, and their content. The STIS part is in `stis.holdings`.
"""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Protocol

from hstql_resources.archive.simulated.cos.catalogue import Place, find_index, locate, make_exposure
from hstql_resources.archive.simulated.cos.products import Simulation, make_corrtag, make_x1d
from hstql_resources.archive.simulated.cos.support import make_jit, make_spt
from hstql_resources.archive.simulated.cos.truth import state_truth

Content = Callable[[str], bytes]  # the content of a file by its name


class Located(Protocol):
    """An exposure's name and day."""

    @property
    def rootname(self) -> str:
        """Nine lower-case characters."""

    @property
    def start_date(self) -> date:
        """Day of the observation, UTC."""


class Files(Protocol):
    """Exposures of one kind and their files, each known by its index."""

    def locate(self, index: int) -> Located:
        """Return the name and day of an exposure."""

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an exposure, sorted."""

    def open_exposure(self, seed: int, index: int) -> Content:
        """Return what makes the files of an exposure, by name."""


class Holdings(Files, Protocol):
    """The exposures of one instrument, as many as the size of the archive says."""

    def count(self, observations: int) -> int:
        """Return how many exposures an archive of that size has."""


class CosHoldings:
    """Seeded COS TIME-TAG exposures: as many as there are observations."""

    def count(self, observations: int) -> int:
        """Return how many exposures an archive of that size has."""
        return observations

    def locate(self, index: int) -> Place:
        """Return the place of an index in the observing programme."""
        return locate(index)

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""
        return find_index(rootname)

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an exposure, sorted."""
        place = locate(index)
        corrtags = [f"corrtag{readout.suffix}.fits" for readout in place.configuration.readouts]
        endings = [*corrtags, "x1d.fits", "spt.fits", "jit.fits", "truth.json"]
        return sorted(f"{place.rootname}_{ending}" for ending in endings)

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
                case "jit.fits":
                    return make_jit(exposure, filename)
                case "x1d.fits":
                    return make_x1d(simulate(), filename)
                case corrtag:
                    suffix = corrtag.removeprefix("corrtag").removesuffix(".fits")
                    readouts = exposure.configuration.readouts
                    (readout,) = (readout for readout in readouts if readout.suffix == suffix)
                    return make_corrtag(simulate(), readout, filename)

        return make
