"""Tasks for the measurement of the gain, on simulated exposures."""

from pathlib import Path

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.gain.measure import ImageTask
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import GAIN
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References


def write_exposures(folder: Path, epochs: list[int], seed: int = 1) -> list[Path]:
    """Write the corrtag files of simulated exposures; return their paths, sorted."""
    holdings = GAIN
    for index in epochs:
        make = holdings.open_exposure(seed, index)
        for name in holdings.list_filenames(index):
            if "corrtag" in name:
                (folder / name).write_bytes(make(name))
    return sorted(folder.glob("*_corrtag_?.fits"))


def references_in(folder: Path) -> References:
    """References that know what lies in the folder `lref`, and nothing else."""
    for name in ("archive", "lref"):
        (folder / name).mkdir(exist_ok=True)
    home = Filesystem(folder / "home")
    return References(DirectoryArchive(folder / "archive"), home, lref=folder / "lref")


def task_of(key: str, folder: Path, *paths: Path) -> ImageTask:
    """The task of an image with these members."""
    files = tuple(
        InputFile(name, name.removesuffix(".fits").partition("_")[2], path)
        for name, path in sorted((path.name.removesuffix(".gz"), path) for path in paths)
    )
    return ImageTask(key, files, "digest", references_in(folder), Filesystem(folder / "home"))
