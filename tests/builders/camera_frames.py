"""Make files of other sizes than the archive has: full frames, and thousands of small ones.

For tests and benchmarks. The folders are those of a directory archive.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hstql_resources.archive.simulated.cameras.archive_contents import ACS, WFC3
from hstql_resources.archive.simulated.cameras.catalogue import (
    CYCLES_PER_PROPOSAL,
    Place,
    make_exposure,
)
from hstql_resources.archive.simulated.cameras.combining import Combination
from hstql_resources.archive.simulated.cameras.settings import CYCLES
from hstql_resources.archive.simulated.observing_program import MAXIMUM_PROPOSALS

SMALL_BINNING = 128  # leaves 32 x 16 pixels of a chip of WFC
_MEMBERS = tuple(number for number, slot in enumerate(CYCLES["acs"]) if slot.member)
MAXIMUM_EXPOSURES = MAXIMUM_PROPOSALS * CYCLES_PER_PROPOSAL * len(_MEMBERS)


def write_observation(
    folder: Path, place: Place, filetypes: Iterable[str], seed: int = 0, binning: int | None = None
) -> list[Path]:
    """Make files of one observation, in a folder of its own.

    Parameters
    ----------
    folder : Path
        What the folders of observations are made in.
    place : Place
        Which observation, such as `Place("acs", 0)`.
    filetypes : iterable of str
        Such as `raw` and `flt`; only those that the observation has.
    seed : int
        What all random numbers come from.
    binning : int, optional
        Other than the usual one of its detector: 1 makes full frames, 4096 x 4096 in two chips.

    Returns
    -------
    list of Path
        Each file, in the order of the types.
    """
    home = folder / place.rootname[:4] / place.rootname
    home.mkdir(parents=True, exist_ok=True)
    contents = ACS if place.instrument == "acs" else WFC3
    make = contents.open_files(place, Combination(make_exposure(seed, place, binning)))
    paths = [home / f"{place.rootname}_{filetype}.fits" for filetype in filetypes]
    for path in paths:
        path.write_bytes(make(path.name))
    return paths


def make_many(
    folder: Path, count: int, seed: int = 0, filetypes: Sequence[str] = ("flt",), first: int = 0
) -> list[Path]:
    """Make files of many WFC exposures of the sky: full headers, images of 32 x 16 pixels.

    Parameters
    ----------
    folder : Path
        What the folders of observations are made in.
    count : int
        How many exposures.
    seed : int
        What all random numbers come from.
    filetypes : sequence of str
        Which files of each: `raw`, `flt`, `flc`, `spt`, `jit`, `jif`.
    first : int
        Number of the first exposure, so that several processes can share the work.

    Returns
    -------
    list of Path
        All files, in the order of the exposures.

    Raises
    ------
    ValueError
        If there are not as many rootnames.
    """
    if not 0 <= first <= first + count <= MAXIMUM_EXPOSURES:
        raise ValueError(
            f"There are rootnames for {MAXIMUM_EXPOSURES:,} exposures; "
            f"{count:,} from number {first:,} on are not among them."
        )
    paths: list[Path] = []
    for number in range(first, first + count):
        cycle, member = divmod(number, len(_MEMBERS))
        place = Place("acs", cycle * len(CYCLES["acs"]) + _MEMBERS[member])
        paths += write_observation(folder, place, filetypes, seed, SMALL_BINNING)
    return paths
