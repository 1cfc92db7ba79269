"""The simulated archive as an archive: find, list, fetch.

It holds nothing: a file is made when it is fetched, from the seed alone, so the same
request always gives the same bytes.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from hstql_resources.archive.protocol import Product, RetrievalError
from hstql_resources.archive.simulated.catalogue import (
    MAXIMUM_OBSERVATIONS,
    Exposure,
    Place,
    find_index,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.products import Simulation, make_corrtag, make_x1d
from hstql_resources.archive.simulated.support import make_jit, make_spt
from hstql_resources.archive.simulated.truth import state_truth

INSTRUMENT = "cos"


@dataclass(frozen=True)
class SimulatedArchive:
    """Seeded COS TIME-TAG exposures of constant, sinusoidal and eclipsing targets.

    Attributes
    ----------
    observations : int
        How many exposures there are. More of them change none of the first.
    seed : int
        What all random numbers come from.

    Raises
    ------
    ValueError
        If there are more observations than rootnames, or one of the two is negative.
    """

    observations: int = 12
    seed: int = 20090511
    name: str = field(default="simulated", init=False)
    in_place: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if not 0 <= self.observations <= MAXIMUM_OBSERVATIONS:
            raise ValueError(
                f"A simulated archive has 0 to {MAXIMUM_OBSERVATIONS} observations, "
                f"not {self.observations}."
            )
        if self.seed < 0:
            raise ValueError(f"The seed of a simulated archive is {self.seed}: 0 or more, please.")

    def find_rootnames(self, instrument: str, since: date | None = None) -> list[str]:
        """Return the rootnames observed on a day or later, sorted; COS is all there is."""
        if instrument != INSTRUMENT:
            return []
        places = map(locate, range(self.observations))
        return sorted(
            place.rootname for place in places if since is None or place.start_date >= since
        )

    def list_products(self, rootnames: Sequence[str]) -> dict[str, list[Product]]:
        """Return the products of each rootname; none for one that is not in the archive."""
        listed: dict[str, list[Product]] = {}
        for rootname in rootnames:
            place = self._find(rootname)
            filenames = [] if place is None else list_filenames(place)
            listed[rootname] = [Product(rootname, filename) for filename in filenames]
        return listed

    def fetch(self, products: Sequence[Product], folder: Path) -> None:
        """Make products of one rootname in a folder.

        Raises
        ------
        RetrievalError
            If one of them is not in the archive; then none is made.
        """
        if not products:
            return
        rootname = products[0].rootname
        place = self._find(rootname)
        if place is None:
            raise RetrievalError(
                f"The simulated archive has no {rootname}: "
                f"it holds {self.observations} observations, which `find_rootnames` lists."
            )
        known = list_filenames(place)
        for product in products:
            if product.rootname != rootname or product.filename not in known:
                raise RetrievalError(
                    f"The simulated archive has no {product.filename} of {rootname}: "
                    f"its products are {', '.join(known)}."
                )
        exposure = make_exposure(self.seed, place)
        simulate = cache(lambda: Simulation.run(exposure))  # once, and only if it is needed
        for product in products:
            content = _make_content(exposure, simulate, product.filename)
            _write_atomically(content, folder / product.filename)

    def _find(self, rootname: str) -> Place | None:
        index = find_index(rootname)
        return locate(index) if index is not None and index < self.observations else None


def list_filenames(place: Place) -> list[str]:
    """Return the names of the files of an exposure, sorted."""
    corrtags = [f"corrtag{readout.suffix}.fits" for readout in place.configuration.readouts]
    endings = [*corrtags, "x1d.fits", "spt.fits", "jit.fits", "truth.json"]
    return sorted(f"{place.rootname}_{ending}" for ending in endings)


def _make_content(exposure: Exposure, simulate: Callable[[], Simulation], filename: str) -> bytes:
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
            (readout,) = (r for r in exposure.configuration.readouts if r.suffix == suffix)
            return make_corrtag(simulate(), readout, filename)


def _write_atomically(content: bytes, path: Path) -> None:
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
