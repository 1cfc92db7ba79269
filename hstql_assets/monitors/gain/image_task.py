"""Hold what a worker needs to make the gain map of one image."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hstql_assets.batching.input_files import InputFile
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ImageTask:
    """The files of one cumulative image, one at least, for the worker that measures it.

    Attributes
    ----------
    key : str
        Such as `fuva_163_2015-01-05`, or the name of a CCI file without ending.
    files : tuple of InputFile
        Its members, by name.
    digest : str
        Of these.
    references : References
        Finds the tables of the active area and of hot spots.
    filesystem : Filesystem
        Where the gain map goes.
    """

    key: str
    files: tuple[InputFile, ...]
    digest: str
    references: References
    filesystem: Filesystem
