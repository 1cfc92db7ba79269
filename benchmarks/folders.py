"""Time to find a million files in a folder, the first time and again.

    python benchmarks/folders.py [--exposures 250000] [--files 4]

The files are empty, laid out as MAST's public cache, and made anew in a temporary folder.
"""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from harness import read_arguments, scratch

from hstql_assets.batching.run_ranges import chunk_keys
from hstql_resources.archive import Search
from hstql_resources.archive.directory import DirectoryArchive

TYPES = ("corrtag_a", "corrtag_b", "x1d", "spt", "rawtag_a", "rawtag_b", "jit", "lampflash")


def main() -> None:
    arguments = read_arguments(__doc__, exposures=250_000, files=4)
    with scratch() as folder:
        make_files(folder / "archive", arguments.exposures, arguments.files)
        (folder / "home").mkdir()
        archive = DirectoryArchive(folder / "archive", index=folder / "home" / "index")
        print(f"{os.cpu_count()} cores; {arguments.exposures * arguments.files:,} files")
        measure("find, the first time", archive, find)
        measure("find again", archive, find)
        measure("list what each has", archive, list_products)
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def make_files(folder: Path, exposures: int, files: int) -> None:
    for number in range(exposures):
        program, rest = divmod(number, 36**2)
        rootname = f"l{program:05d}{_in_36(rest):0>2}q"
        place = folder / rootname[:4] / rootname
        place.mkdir(parents=True)
        for one in TYPES[:files]:
            (place / f"{rootname}_{one}.fits").touch()


def _in_36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number // 36] + digits[number % 36]


def find(archive: DirectoryArchive) -> int:
    return len(archive.find_datasets(Search("cos")))


def list_products(archive: DirectoryArchive) -> int:
    names = [dataset.name for dataset in archive.find_datasets(Search("cos"))]
    listed = (archive.list_products(chunk) for chunk in chunk_keys(names))
    return sum(len(products) for found in listed for products in found.values())


def measure(
    what: str, archive: DirectoryArchive, function: Callable[[DirectoryArchive], int]
) -> None:
    start, cpu = time.monotonic(), time.process_time()
    number = function(archive)
    seconds, busy = time.monotonic() - start, time.process_time() - cpu
    print(f"{what}: {number:,} in {seconds:.1f} s, of which {busy:.1f} s of work")


if __name__ == "__main__":
    main()
