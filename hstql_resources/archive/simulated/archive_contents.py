"""Find, list and open the exposures of one kind, whatever the instrument.

What is observed and what makes its files is in the rooms, each of which has `Contents` of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from hstql_resources.archive.simulated.observing_program import Place, read_rootname

P = TypeVar("P", bound=Place)
S = TypeVar("S")
Content = Callable[[str], bytes]  # the content of a file by its name
Makers = Mapping[str, Callable[[S, str], bytes]]  # what makes a file, by the end of its name


@dataclass(frozen=True)
class Contents(Generic[P, S]):
    """Exposures of one kind and their files; each is known by its index.

    Attributes
    ----------
    locate : callable
        Gives the place of an index.
    guess_index : callable
        Gives the index that a rootname with three counts has, if it has any.
    maximum : int
        How many exposures there can be.
    simulate : callable
        Gives what files are made of, by seed and place; nothing is drawn before a file is asked
        for.
    list_makers : callable
        Gives what makes each file of an exposure, by its place.
    share : tuple of int
        How many exposures there are, and for how many that the archive is asked for.
    """

    locate: Callable[[int], P]
    guess_index: Callable[[str, int, int, int], int]
    maximum: int
    simulate: Callable[[int, P], S]
    list_makers: Callable[[P], Makers[S]]
    share: tuple[int, int] = (1, 1)

    def count(self, size: int) -> int:
        """Return how many exposures an archive of a size has."""
        return size * self.share[0] // self.share[1]

    def find_index(self, rootname: str) -> int | None:
        """Return the index of a rootname; None if it can have none."""
        counts = read_rootname(rootname)
        if counts is None:
            return None
        index = self.guess_index(rootname, *counts)
        is_one = 0 <= index < self.maximum and self.locate(index).rootname == rootname
        return index if is_one else None

    def list_filenames(self, index: int) -> list[str]:
        """Return the names of the files of an exposure, sorted."""
        return self.name_files(self.locate(index))

    def name_files(self, place: P) -> list[str]:
        """Return the names of the files of an exposure at a place, listed or not, sorted."""
        return sorted(f"{place.rootname}_{ending}" for ending in self.list_makers(place))

    def open_exposure(self, seed: int, index: int) -> Content:
        """Return what makes the files of an exposure, by name."""
        place = self.locate(index)
        return self.open_files(place, self.simulate(seed, place))

    def open_files(self, place: P, simulation: S) -> Content:
        """Return what makes the files of an exposure at a place, by name."""
        makers = self.list_makers(place)
        return lambda name: makers[name.removeprefix(f"{place.rootname}_")](simulation, name)
