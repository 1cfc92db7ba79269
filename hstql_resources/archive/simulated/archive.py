"""The simulated archive as an archive: find, list, fetch.

It holds nothing: a file is made when it is fetched, from the seed alone, so the same
request always gives the same bytes.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from hstql_resources.archive.protocol import Product, Proposal, RetrievalError
from hstql_resources.archive.simulated.cameras.holdings import CameraHoldings
from hstql_resources.archive.simulated.catalogue import MAXIMUM_OBSERVATIONS
from hstql_resources.archive.simulated.holdings import CosHoldings, Holdings
from hstql_resources.archive.simulated.proposals import describe_proposal
from hstql_resources.archive.simulated.stis.holdings import StisHoldings
from hstql_resources.archive.simulated.stis.references import make_reference

_HOLDINGS: Mapping[str, Holdings] = MappingProxyType(
    {
        "cos": CosHoldings(),
        "stis": StisHoldings(),
        "acs": CameraHoldings("acs", share=(1, 1)),
        "wfc3": CameraHoldings("wfc3", share=(2, 3)),
    }
)


@dataclass(frozen=True)
class SimulatedArchive:
    """Seeded TIME-TAG exposures of COS and STIS, and images of ACS and WFC3.

    Attributes
    ----------
    observations : int
        How many exposures of COS there are; besides there are a third as many of STIS, as
        many of ACS and two thirds as many of WFC3, associations counted, all rounded down.
        More of them change none of the first.
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
        """Return the rootnames observed on a day or later, sorted."""
        if instrument not in _HOLDINGS:
            return []
        holdings = _HOLDINGS[instrument]
        places = map(holdings.locate, range(holdings.count(self.observations)))
        return sorted(
            place.rootname for place in places if since is None or place.start_date >= since
        )

    def list_products(self, rootnames: Sequence[str]) -> dict[str, list[Product]]:
        """Return the products of each rootname; none for one that is not in the archive."""
        listed: dict[str, list[Product]] = {}
        for rootname in rootnames:
            found = self._find(rootname)
            filenames = [] if found is None else found[0].list_filenames(found[1])
            listed[rootname] = [Product(rootname, filename) for filename in filenames]
        return listed

    def describe_proposals(self, proposal_ids: Sequence[int]) -> dict[int, Proposal]:
        """Return what is known of proposals, their cycle too; those of others are left out."""
        known = ((number, describe_proposal(number)) for number in proposal_ids)
        return {number: proposal for number, proposal in known if proposal is not None}

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
        found = self._find(rootname)
        if found is None:
            raise RetrievalError(
                f"The simulated archive has no {rootname}: "
                f"it holds {self.observations} observations, which `find_rootnames` lists."
            )
        holdings, index = found
        known = holdings.list_filenames(index)
        for product in products:
            if product.rootname != rootname or product.filename not in known:
                raise RetrievalError(
                    f"The simulated archive has no {product.filename} of {rootname}: "
                    f"its products are {', '.join(known)}."
                )
        make_content = holdings.open_exposure(self.seed, index)
        for product in products:
            _write_atomically(make_content(product.filename), folder / product.filename)

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        """Make a calibration reference file in a folder.

        Parameters
        ----------
        filename : str
            Its name, without the `oref$` that headers put before it.
        folder : Path
            It exists.

        Returns
        -------
        bool
            False, and nothing is made, if the archive has none of that name.
        """
        content = make_reference(filename)
        if content is None:
            return False
        _write_atomically(content, folder / filename)
        return True

    def _find(self, rootname: str) -> tuple[Holdings, int] | None:
        """Return whose exposure a rootname is, and its index; None if it is nobody's."""
        for holdings in _HOLDINGS.values():
            index = holdings.find_index(rootname)
            if index is not None and index < holdings.count(self.observations):
                return holdings, index
        return None


def _write_atomically(content: bytes, path: Path) -> None:
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
