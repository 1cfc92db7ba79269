"""Find, list and make the files of the simulated archive, as archives do.

It holds nothing: a file is made when it is fetched, from the seed alone, so the same
request always gives the same bytes.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hstql_resources.archive.protocol import Dataset, Product, Proposal, RetrievalError, Search
from hstql_resources.archive.simulated.cos.catalogue import MAXIMUM_OBSERVATIONS
from hstql_resources.archive.simulated.cos_monitoring.epochs import MAXIMUM_EPOCHS
from hstql_resources.archive.simulated.cos_raw.catalogue import MAXIMUM_RAW
from hstql_resources.archive.simulated.observing_program import (
    FIRST_PROPOSAL_ID,
    Place,
    describe_proposal,
    read_rootname,
)

if TYPE_CHECKING:
    from hstql_resources.archive.simulated.archive_contents import Contents


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
    raw_exposures : int
        How many exposures of COS there are besides that have not been calibrated. More of them
        change none of the first.
    epochs : int
        At how many times COS looked at itself: darks, lamps, gain, acquisitions. More of them
        change none of the first.

    Raises
    ------
    ValueError
        If there are more observations, raw exposures or epochs than rootnames, or one of the four
        is negative.
    """

    observations: int = 12
    seed: int = 20090511
    raw_exposures: int = 0
    epochs: int = 0
    name: str = field(default="simulated", init=False)
    in_place: bool = field(default=False, init=False)
    is_remote: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        limits = {
            "observations": (self.observations, MAXIMUM_OBSERVATIONS),
            "raw exposures": (self.raw_exposures, MAXIMUM_RAW),
            "epochs": (self.epochs, MAXIMUM_EPOCHS),
        }
        for name, (size, most) in limits.items():
            if not 0 <= size <= most:
                raise ValueError(f"A simulated archive has 0 to {most} {name}, not {size}.")
        if self.seed < 0:
            raise ValueError(f"The seed of a simulated archive is {self.seed}: 0 or more, please.")

    def find_rootnames(self, instrument: str, since: date | None = None) -> list[str]:
        """Return the rootnames observed on a day or later, sorted."""
        return sorted(
            place.rootname
            for place in self._locate(instrument)
            if since is None or place.start_date >= since
        )

    def find_datasets(self, search: Search) -> list[Dataset]:
        """Return the data sets of a search; each was released on the day of its observation."""
        places = self._locate(search.instrument)
        found = [Dataset(place.rootname, released_at=_midnight(place)) for place in places]
        return sorted(
            (dataset for dataset in found if _is_wanted(dataset, search)), key=lambda one: one.name
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
                f"it holds {self.observations} observations, {self.raw_exposures} raw ones, and "
                f"{self.epochs} epochs for monitors."
            )
        contents, index = found
        known = contents.list_filenames(index)
        for product in products:
            if product.rootname != rootname or product.filename not in known:
                raise RetrievalError(
                    f"The simulated archive has no {product.filename} of {rootname}: "
                    f"its products are {', '.join(known)}."
                )
        make_content = contents.open_exposure(self.seed, index)
        for product in products:
            _write_atomically(make_content(product.filename), folder / product.filename)

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        """Make a calibration reference file in a folder.

        Parameters
        ----------
        filename : str
            Its name, without the `oref$` or `lref$` that headers put before it.
        folder : Path
            It exists.

        Returns
        -------
        bool
            False, and nothing is made, if the archive has none of that name.
        """
        # As above: all that makes files comes with it.
        from hstql_resources.archive.simulated.instruments import make_any_reference

        content = make_any_reference(filename, self.seed)
        if content is None:
            return False
        _write_atomically(content, folder / filename)
        return True

    def _locate(self, instrument: str) -> list[Place]:
        """Return the places of all exposures of an instrument."""
        return [
            contents.locate(index)
            for name, contents, count in self._contents()
            if name == instrument
            for index in range(count)
        ]

    def _find(self, rootname: str) -> "tuple[Contents[Any, Any], int] | None":
        """Return whose exposure a rootname is, and its index; None if it is nobody's."""
        for _, contents, count in self._contents():
            index = contents.find_index(rootname)
            if index is not None and index < count:
                return contents, index
        return None

    def _contents(self) -> "list[tuple[str, Contents[Any, Any], int]]":
        # Half a second that those who only ask the database should not wait for.
        from hstql_resources.archive.simulated.instruments import list_contents

        return list_contents(self.observations, self.raw_exposures, self.epochs)


def _is_wanted(dataset: Dataset, search: Search) -> bool:
    counts = read_rootname(dataset.name)
    proposal_id = FIRST_PROPOSAL_ID + counts[0] if counts else None
    times = [at for at in (search.released_since, search.archived_since) if at is not None]
    return (
        (not search.rootnames or dataset.name in search.rootnames)
        and (not search.proposal_ids or proposal_id in search.proposal_ids)
        and all(dataset.released_at is not None and dataset.released_at >= at for at in times)
    )


def _midnight(place: Place) -> datetime:
    return datetime.combine(place.start_date, time.min, UTC)


def _write_atomically(content: bytes, path: Path) -> None:
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
